#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Usage, the version, the module when it is absent, and the man page's examples."""

import contextlib
import glob
import lzma
import os
import re
import shlex
import subprocess

from harness import (CALLS, HOOK, KPROBES, NONE_LOST, Program, Target, Watcher, brkwatch, contents, document,
                     equal, events, holds, hooked_by, kprobes_off, loaded, main, probes, refuses, test, without_module)

RELEASE = os.uname().release
KINDS = ("brk", "mmap", "munmap", "mremap", "mprotect", "pkey_mprotect", "madvise", "shmat", "shmdt",
         "clone", "exec", "exit", "fault", "snapshot", "leave", "mark")
NOBODY = {"user": 65534, "group": 65534, "extra_groups": [], "cwd": "/"}


def output(*argv):
    return subprocess.check_output(argv, text=True).strip()


def is_loaded():
    return any(line.startswith("brkwatch ") for line in open("/proc/modules", encoding="ascii"))


@contextlib.contextmanager
def other_modules():
    """An empty folder that hides the installed files."""
    folder = f"/lib/modules/{RELEASE}"
    subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@test
def usage():
    """each mistake in the options is reported in one sentence"""
    see = "see brkwatch --help"
    nothing = f"nothing to watch; give -p PID or a command, or {see}"
    for args, said in (
            ([], nothing), (["--"], nothing), (["-c"], nothing),
            (["-x", "true"], f"unknown option '-x'; {see}"),
            (["-cx", "true"], f"unknown option '-x'; {see}"),
            (["--bogus", "true"], f"unknown option '--bogus'; {see}"),
            (["--sta=x", "true"], "option '--sta' could be any of --stack-trace, --stacks, --stack-bytes, "
             "--status; write more of it"),
            (["--json=1", "true"], f"option '--json=1' takes no value; {see}"),
            (["-tT", "--json", "true"], "-t and --json do not go together; leave one of them out"),
            (["--limit-data", "1M", "-p", "1"],
             "--limit-data limits a command; give one, or leave it out"),
            (["-p"], f"option '-p' wants a value; {see}"),
            (["--output"], f"option '--output' wants a value; {see}"),
            (["-C", "--json", "true"],
             "-C and --json do not go together; leave one of them out"),
            (["--map", "--check", "true"],
             "--map and --check do not go together; leave one of them out"),
            (["-a", "true"], "-a watches every process; leave it or the command out"),
            (["-a", "-p", "1"], "-a watches every process; leave -p out"),
            (["-c", "-e", "brk", "true"], "-c counts every call; leave --event out"),
            (["--check", "--failed", "true"], "--check needs every event; leave --failed out"),
            (["--map", "-f", "-p", "1"], "--map -p looks once; leave -f out"),
            (["--status", "true"], "--status watches nothing; leave out what to watch"),
            (["--duration", "1s", "true"],
             "--duration: '1s' is not a number of seconds; try --duration 10"),
            (["-e", "brk,read", "true"],
             "--event: 'read' is no event; choose from " + ",".join(KINDS))):
        refuses(said, *args)


@test
def buffer_sizes():
    """--buffer accepts powers of two from 4K to 64M"""
    for size in ("", "0", "2K", "4095", "4097", "5K", "3M", "128M", "-4K", "4KK", "4G", "K", "x",
                 "18446744073709555712"):
        refuses(f"--buffer: '{size}' is not a power of two from 4K to 64M; try --buffer 4M",
                "--buffer", size, "touch", "ran")
    holds(not os.path.exists("ran"))
    for size in ("4096", "4K", "64k", "1m", "64M"):
        equal(brkwatch("--buffer", size, "-o", "t", "true"), (0, "", ""))


def options_of(lines):
    """The options at the beginnings of these lines."""
    return {word for line in lines for word in re.findall(r"(?<!\S)--?[\w-]+", line)}


def listed_options(out):
    """The options of --help."""
    return options_of(re.findall(r"^ +(-.*?)  ", out, re.M))


@test
def help_and_man():
    """--help prints the options of the man page, on stdout"""
    status, out, err = brkwatch("--help")
    equal((status, err), (0, ""))
    section = document("brkwatch.8.rst").split("\nOPTIONS\n=======\n")[1].split("\nOUTPUT\n")[0]
    equal(listed_options(out), options_of(re.findall(r"^--?\w.*?(?:  |$)", section, re.M)))
    equal(brkwatch("-h"), (0, out, ""))


HOSTS = "/etc/host"
COMPLETED = r"""
source <(brkwatch --completion bash)
complete_words()
{
	COMP_WORDS=(brkwatch "$@")
	COMP_LINE="brkwatch $*"
	COMP_CWORD=$#
	_brkwatch
	echo "${COMPREPLY[@]}"
}
"""


def completed(cases):
    """What bash offers for the last word of each case, as sets."""
    calls = [shlex.join(["complete_words", *words]) for words in cases]
    said = subprocess.check_output(["bash", "-c", COMPLETED + "\n".join(calls)], text=True)
    return [set(line.split()) for line in said.splitlines()]


@test
def completion():
    """bash completes each option of --help, their values, and CMD"""
    listed = listed_options(output("brkwatch", "--help"))
    hosts = set(glob.glob(f"{HOSTS}*"))
    cases = ((["-"], listed), (["--stri"], {"--strict"}), (["--color", ""], {"auto", "always", "never"}), (["-f", "--no"], {"--normalize"}),
             (["-p", "1", "--sys"], {"--system"}), (["-e", "pk"], {"pkey_mprotect"}),
             (["--event", "sh"], {"shmat", "shmdt"}), (["-e", "brk,pk"], {"brk,pkey_mprotect"}),
             (["-E", "LC_AL"], {"LC_ALL"}), (["-u", "roo"], {"root"}),
             (["--uid", "roo"], {"root"}),
             (["-o", HOSTS], hosts), (["--cgroup", "/sys/fs/cgro"], {"/sys/fs/cgroup"}),
             (["--completion", ""], {"bash", "fish", "zsh"}), (["--buffer", ""], set()),
             (["ls", "--str"], set()), (["--", "--str"], set()), (["ls", HOSTS], hosts),
             (["setsi"], {"setsid"}), (["-c", "setsi"], {"setsid"}), (["--", "setsi"], {"setsid"}))
    got = completed([words for words, _ in cases])
    equal([(words, found) for (words, _), found in zip(cases, got, strict=True)], list(cases))
    holds(hosts and str(os.getpid()) in completed([["--pid", str(os.getpid())]])[0])
    refuses("--completion: 'csh' is no shell that is known; try --completion bash, fish or zsh",
            "--completion", "csh")


@test
def version():
    """--version prints the module's version"""
    for option in ("-V", "--version"):
        status, out, err = brkwatch(option)
        equal((status, err), (0, ""))
        equal(out.split(",")[0], f"brkwatch {output('modinfo', '-F', 'version', 'brkwatch')}")


@test
def not_root():
    """without privilege: one cause, one next step, and CMD does not run"""
    said = "watching needs CAP_SYS_ADMIN, CAP_SYS_PTRACE or CAP_PERFMON; run as root: sudo brkwatch ..."
    target = Target()
    refuses(said, "-p", str(target.pid), **NOBODY)
    refuses(said, "echo", "ran", **NOBODY)
    with without_module():
        refuses("module not loaded; run as root: sudo modprobe brkwatch", "echo", "ran", **NOBODY)
        holds(not is_loaded())


@test
def loads_module():
    """the tool loads an absent module"""
    with without_module():
        holds(not is_loaded())
        status, out, err = brkwatch("echo", "ran")
        equal((status, out), (0, "ran\n"))
        holds(err.endswith(f"{NONE_LOST}\n"), err)
        holds(is_loaded())


def loaded_late(*args):
    """Those that a run loads of the libraries that the tool is not linked with."""
    status, _, err = brkwatch(*args, "true", env={**os.environ, "LD_DEBUG": "libs"})
    equal(status, 0)
    return {"libkmod", "libpcap"} & set(re.findall(r"calling init: \S*/(lib\w+)", err))


@test
def late_libraries():
    """a run loads libkmod only to load the module, libpcap only for a capture"""
    equal((loaded_late(), loaded_late("-c")), (set(), set()))
    equal(loaded_late("-w", "capture"), {"libpcap"})
    with without_module():
        equal((loaded_late("-c"), loaded_late("-c")), ({"libkmod"}, set()))


@test
def not_installed():
    """a module that is not installed: one cause, one next step, and CMD does not run"""
    with without_module(), other_modules():
        refuses("module not loaded and not installed; run: "
                "sudo make install && sudo modprobe brkwatch", "echo", "ran")


@test
def other_kernel():
    """the tool recognises a module that was built for another kernel"""
    path = output("modinfo", "-n", "brkwatch")
    with (lzma.open if path.endswith(".xz") else open)(path, "rb") as file:
        module = file.read()
    # Kernels with symbol versions compare only the part after the release.
    magic = f"vermagic={RELEASE} SMP ".encode()
    equal(module.count(magic), 1)
    with without_module(), other_modules() as folder:
        with open(f"{folder}/brkwatch.ko", "wb") as file:
            file.write(module.replace(magic, magic.replace(b"SMP", b"UPP")))
        subprocess.run(["depmod"], check=True, stderr=subprocess.DEVNULL)
        refuses("the installed module was built for another kernel; run: sudo make install",
                "echo", "ran")


@test
def status_complete():
    """--status: versions and every probe; without the module its remedy"""
    status, head, rows = probes()
    equal((status, {state for _, state in rows.values()}, len(rows)), (0, {"active"}, 24))
    own = contents(HOOK).strip()
    for symbol, (hook, _) in rows.items():
        equal((symbol, hook), (symbol, own if "sys_" in symbol else "tracepoint"))
    version = output("modinfo", "-F", "version", "brkwatch")
    equal(head.splitlines(), [
        f"module:    loaded, version {version}", f"tool:      version {version}, as the module's",
        "limits:    a user may have 64 sessions, 65536 watches, 1073741824 bytes of rings",
        "users:     only privileged ones may watch (unprivileged=n)", "sessions:  0 open",
        "session:   possible", "brk(0):    seen"])
    target = Target()
    watcher = Watcher("-p", target.pid)
    holds("\nsessions:  1 open\n" in probes()[1])
    target.end()
    watcher.end()
    with without_module():
        equal(brkwatch("--status"), (1, "module:    not loaded; run: sudo modprobe brkwatch\n", ""))


@contextlib.contextmanager
def in_place_of(path, text):
    """Give a file of the kernel other contents."""
    with open("fake", "w", encoding="ascii") as file:
        file.write(text)
    subprocess.run(["mount", "--bind", "fake", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", path], check=True)


@test
def status_remedies():
    """--status: each line that reports a fault gives its remedy too"""
    version = output("modinfo", "-F", "version", "brkwatch")
    with in_place_of("/sys/module/brkwatch/version", "9.9\n"):
        holds(f"\ntool:      version {version}, another than the module's; install both of one\n" in probes()[1])
    with without_module(), in_place_of("/sys/module/module/parameters/sig_enforce", "Y\n"):
        equal(brkwatch("--status")[:2],
              (1, "module:    not loaded; run: sudo modprobe brkwatch\nsignature: this kernel takes signed modules "
               "alone; sign it with a key that it knows: man mokutil\n"))
    # The module itself works; the tool reports that no call is seen.
    with hooked_by("kprobe"):
        with kprobes_off():
            status, head, _ = probes()
            equal((status, head.splitlines()[-1]), (1, "brk(0):    not seen: all kprobes are disarmed; run: "
                                                    f"echo 1 | sudo tee {KPROBES}"))
            status, _, err = brkwatch("true")
            holds(err.startswith("brkwatch: all kprobes are disarmed, so calls will be missed; run: "
                                 f"echo 1 | sudo tee {KPROBES}\n"), err)
        equal(probes()[0], 0)


@test
def status_direct():
    """hook=direct: --status says so, and calls are seen while all kprobes are disarmed"""
    wanted = {"direct", "tracepoint"}
    with hooked_by("direct"):
        status, head, rows = probes()
        equal((status, {hook for hook, _ in rows.values()}), (0, wanted))
        holds("\nsessions:  0 open\n" in head, head)
        with kprobes_off():
            status, head, rows = probes()
            equal((status, head.splitlines()[-1]), (0, "brk(0):    seen"))
            equal(set(rows.values()), {(hook, "active") for hook in wanted})
            status, _, err = brkwatch("-c", "--strict", "true")
            holds(status == 0 and "kprobes" not in err and "not exact" not in err, status, err)


@test
def status_optional():
    """a kernel without an optional probe: --status names it, sessions still open"""
    symbols = [f"__x64_sys_{call}" for call in ("brk", "mmap", "munmap", "mremap", "mprotect")]
    with loaded(f"symbols={','.join(symbols)},no_such_call"):
        status, _, rows = probes()
        equal((status, rows.pop("no_such_call"), {state for _, state in rows.values()}),
              (0, ("-", "missing: this kernel has no such function (optional)"), {"active"}))
        status, out, err = brkwatch("echo", "ran")
        equal((status, out), (0, "ran\n"))
        holds(err.endswith(f"{NONE_LOST}\n"), err)


def numbered(pid):
    """A target with this very number."""
    for _ in range(100):
        with open("/proc/sys/kernel/ns_last_pid", "w", encoding="ascii") as file:
            file.write(str(pid - 1))
        target = Target()
        if target.pid == pid:
            return target
    raise AssertionError(f"{pid} is not to be had")


@test
def examples():
    """the man page's examples run"""
    found = re.findall(r"^\| \*\*# (brkwatch .*)\*\*$", document("brkwatch.8.rst"), re.M)
    holds(len(found) >= 10, *found)
    os.symlink(CALLS, "nginx")
    for example in found:
        pid = re.search(r"-p (\d+)", example)
        targets = [numbered(int(pid.group(1)))] if pid else []
        if "nginx" in example:
            targets += [Target(executable="./nginx"), Target(executable="./nginx")]
        running = Program(["bash", "-c", example], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in targets:
            line = running.stderr.readline().decode()
            holds(line.startswith("brkwatch: watching "), example, line)
        for target in targets:
            target.do(3)
            target.end()
        said = b"".join(running.communicate()).decode()
        file = re.search(r"-o (\S+)", example)
        if "--json" in example:
            equal(events(file.group(1))[-1]["event"], "summary" if " -c " in example else "lost")
        elif "--strace" in example:
            holds(contents(file.group(1)).endswith(" +++ exited with 0 +++\n"), example)
        elif "--stacks" in example:
            holds(re.fullmatch(r"(ls;\S.* \d+\n)+", contents(file.group(1))), example, contents(file.group(1)))
        else:
            said = contents(file.group(1)) if file else said
            holds(said.endswith(f"{NONE_LOST}\n"), example, said)
        equal(running.wait(), 0)


if __name__ == "__main__":
    main(keep=False)
