#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The module's parameter hook: kprobes, or direct calls of the functions behind the system calls."""

import contextlib
import errno
import glob
import os
import re
import signal
import subprocess
import sys

from harness import (HERE, HOOK, Program, Skipped, Target, Watcher, await_unused, brkwatch, contents, equal,
                     events, holds, hooked_by, kprobes_off, loaded, main, probes, put, test, without_module)

SLEEPERS = f"{HERE}/../hostile/sleepers"


def write(word):
    """Returns the errno or 0, and what the parameter is then."""
    refused = 0
    try:
        put(HOOK, word)
    except OSError as error:
        refused = error.errno
    return refused, contents(HOOK)


def status_of_hooks():
    """{function: its hook}, as --status prints them."""
    return {symbol: kind for symbol, (kind, _) in probes()[2].items()}


@test
@hooked_by("kprobe")
def when_it_is_written():
    """the parameter is written between sessions: otherwise EBUSY, and EINVAL for any other word"""
    target = Target()
    watcher = Watcher("-p", target.pid)
    equal(write("direct"), (errno.EBUSY, "kprobe\n"))
    target.end()
    watcher.end()
    equal(write("nonsense"), (errno.EINVAL, "kprobe\n"))
    equal(write("direct\n"), (0, "direct\n"))
    equal(write("nonsense"), (errno.EINVAL, "direct\n"))
    equal(write("kprobe"), (0, "kprobe\n"))


@test
def when_the_module_is_loaded():
    """modprobe brkwatch hook=direct: --status names the hook of each call; hook=nonsense fails"""
    with without_module():
        done = subprocess.run(["modprobe", "brkwatch", "hook=nonsense"], stderr=subprocess.DEVNULL, check=False)
        equal((done.returncode != 0, os.path.exists("/sys/module/brkwatch")), (True, False))
    for kind in ("direct", "kprobe"):
        with loaded(f"hook={kind}"):
            hooks = status_of_hooks()
            equal(hooks["__x64_sys_brk"], kind)
            equal({hook for symbol, hook in hooks.items() if "sys_" in symbol}, {kind})


@test
def beside_symbols():
    """a function that the parameter symbols names has a kprobe, the others are called directly"""
    with loaded("hook=direct", "symbols=__x64_sys_brk"):
        hooks = status_of_hooks()
        equal((hooks["__x64_sys_brk"], hooks["__x64_sys_mmap"]), ("kprobe", "direct"))
        holds("\nbrk(0):    seen\n" in brkwatch("--status")[1])


@test
@hooked_by("direct")
def without_kprobes():
    """hook=direct: all calls are seen while kprobes are disarmed"""
    with kprobes_off():
        target = Target()
        watcher = Watcher("--json", "--strict", "-e", "brk", "-o", "j", "-p", target.pid)
        own = target.do(10)
        target.end()
        equal(watcher.end(), (0, []))
    equal(sum(event["event"] == "brk" for event in events("j")), own["brk"])


class Sleeper(Program):
    """A process with a thread that sleeps in munmap() from sleep() until wake_and_end()."""

    def __init__(self):
        super().__init__([SLEEPERS, "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
        if self.stdout.read(1) != b"r":
            raise Skipped("this kernel has no userfaultfd")

    def sleep(self):
        self.stdin.write(b"\n")
        equal(self.stdout.read(1), b"a")

    def wake_and_end(self):
        self.stdin.close()
        equal(self.wait(), 0)


def rmmod_is_refused():
    done = subprocess.run(["rmmod", "brkwatch"], stderr=subprocess.PIPE, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C"})
    holds(done.returncode == 1 and "in use" in done.stderr, done)


def through_trampoline(pid):
    """Demands that the kernel's stack trace of a sleeping thread goes through the trampoline to its end."""
    wanted = ["__x64_sys_munmap", "bw_trampoline", "__x64_sys_munmap", "entry_SYSCALL_64_after_hwframe"]
    found = []
    for path in glob.glob(f"/proc/{pid}/task/*/stack"):
        names = re.findall(r"\] (\w+)\+0x", contents(path))
        found.append([name for name in names if name in wanted])
    holds(wanted in found, found)


INJECTION = "/sys/kernel/debug/fail_function"
# Prints the errno of a munmap(2) that fails if the kernel injects a failure.
UNMAPS = """import ctypes
open("/proc/self/make-it-fail", "w").write("1")
libc = ctypes.CDLL(None, use_errno=True)
print(libc.munmap(ctypes.c_void_p(1 << 40), 4096), ctypes.get_errno(), flush=True)
"""


@contextlib.contextmanager
def failing_munmap():
    put(f"{INJECTION}/inject", "__x64_sys_munmap")
    put(f"{INJECTION}/__x64_sys_munmap/retval", hex(2**64 - errno.ENOMEM))
    for name, value in (("task-filter", "Y"), ("probability", "100"), ("interval", "1"), ("times", "-1")):
        put(f"{INJECTION}/{name}", value)
    try:
        yield
    finally:
        put(f"{INJECTION}/inject", "!__x64_sys_munmap")


@test
@hooked_by("direct")
def injected_failure():
    """hook=direct: a failure that the kernel injects reaches a process, watched or not, and its event"""
    if not os.path.isdir(INJECTION):
        raise Skipped("this kernel injects no failures of functions")
    other = Target()
    watcher = Watcher("-c", "-o", "c", "-p", other.pid)
    failed = f"-1 {errno.ENOMEM}\n"
    with failing_munmap():
        equal(subprocess.check_output([sys.executable, "-c", UNMAPS], text=True), failed)
        equal(brkwatch("--json", "-e", "munmap", "-o", "j", sys.executable, "-c", UNMAPS)[:2], (0, failed))
    # The interpreter unmaps memory of its own, too.
    found = [event["error"] for event in events("j") if event["event"] == "munmap" and event["addr"] == hex(1 << 40)]
    equal(found, ["ENOMEM"])
    other.end()
    watcher.end()


@test
@hooked_by("direct")
def call_in_flight():
    """hook=direct: a call in flight holds the module until it returns, and is no later session's"""
    sleeper = Sleeper()
    watcher = Watcher("-o", "t", "-p", sleeper.pid)
    sleeper.sleep()
    through_trampoline(sleeper.pid)
    watcher.send_signal(signal.SIGINT)
    equal(watcher.end()[0], 0)
    rmmod_is_refused()
    # Sessions come and go meanwhile, with either hook.
    for kind in ("direct", "kprobe", "direct"):
        put(HOOK, kind)
        equal(brkwatch("-c", "--strict", "-o", "c", "true")[0], 0)
        rmmod_is_refused()
    later = Watcher("--json", "-e", "munmap", "-o", "j", "-p", sleeper.pid)
    sleeper.wake_and_end()
    equal(later.end(), (0, []))
    equal([event for event in events("j") if event["event"] == "munmap"], [])
    await_unused()
    subprocess.run(["rmmod", "brkwatch"], check=True)
    subprocess.run(["modprobe", "brkwatch"], check=True)


if __name__ == "__main__":
    main(keep=False)
