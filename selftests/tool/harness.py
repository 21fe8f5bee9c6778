# SPDX-License-Identifier: GPL-2.0
"""What the tests of the tool share: TAP, stopped programs, watchers."""

import contextlib
import errno
import glob
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
CALLS = f"{HERE}/calls"
HOOK = "/sys/module/brkwatch/parameters/hook"
KPROBES = "/sys/kernel/debug/kprobes/enabled"
NONE_LOST = "lost 0 (ring 0, probe 0, watch 0, socket 0)"
# Only a hanging program takes so long.
DEADLINE = 300
TESTS = []

# kselftest's runner preloads libstdbuf, whose calls are not the programs' own.
for name in [name for name in os.environ if name == "LD_PRELOAD" or name.startswith("_STDBUF")]:
    del os.environ[name]
os.environ["LC_ALL"] = "C.UTF-8"


def test(function):
    """A test passes when it returns; its name is its docstring."""
    TESTS.append(function)
    return function


def equal(got, wanted):
    if got != wanted:
        raise AssertionError(f"got    {got!r}\nwanted {wanted!r}")


def holds(condition, *said):
    if not condition:
        raise AssertionError("\n".join(map(str, said)))


def changes_of(step):
    """What a step of --html changed in the map, place by place: [index, how many boxes went, numbers of new ones]."""
    change = step[11] if len(step) > 11 else None
    if not change:
        return []
    return change if isinstance(change[0], list) else [change]


def bare(text):
    """The output of --bytes, with its sizes as plain numbers."""
    return re.sub(r"(?<=\d) bytes?\b", "", text)


class Skipped(Exception):
    """The kernel lacks what a test is about."""


def sized(size):
    """A size of whole pages where the tool prints it exactly."""
    return f"{size >> 10} KiB"


class TooLong(Exception):
    """Something hangs."""


def too_long(*_):
    raise TooLong(f"no end after {DEADLINE} s")


class Probes:
    """A session of a process that does nothing, which keeps the probes in.

    To put all probes in and take them out again takes longer than most runs of the tool.
    """

    def __init__(self):
        self.programs = []

    def keep(self):
        sleeper = subprocess.Popen(["sleep", "infinity"], stdin=subprocess.DEVNULL)
        keeper = subprocess.Popen(["brkwatch", "-c", "-o", "/dev/null", "-p", str(sleeper.pid)],
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.programs = [sleeper, keeper]
        holds(b"watching" in keeper.stderr.readline(), "no session keeps the probes in")

    def release(self):
        for program in self.programs:
            program.kill()
        for program in self.programs:
            program.communicate()
        self.programs = []

    @contextlib.contextmanager
    def out(self):
        """Keep no session meanwhile, because the module counts it, or cannot be removed."""
        kept = bool(self.programs)
        self.release()
        try:
            yield
        finally:
            if kept:
                self.keep()


PROBES = Probes()


def await_unused():
    """Calls that are hooked directly hold the module until they have returned."""
    until = time.monotonic() + DEADLINE
    while contents("/sys/module/brkwatch/refcnt") != "0\n":
        holds(time.monotonic() < until, "the module is in use")
        time.sleep(0.02)


@contextlib.contextmanager
def without_module():
    with PROBES.out():
        if contents(HOOK) == "direct\n":
            await_unused()
        subprocess.run(["rmmod", "brkwatch"], check=True)
        try:
            yield
        finally:
            subprocess.run(["modprobe", "brkwatch"], check=True)


@contextlib.contextmanager
def loaded(*parameters):
    """Load the module with parameters meanwhile."""
    with without_module():
        subprocess.run(["modprobe", "brkwatch", *parameters], check=True)
        try:
            yield
        finally:
            await_unused()
            subprocess.run(["rmmod", "brkwatch"], check=True)


def put(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(value)


@contextlib.contextmanager
def hooked_by(hook):
    """Let the module hook calls in this way meanwhile; no session is open before and after."""
    with PROBES.out():
        before = contents(HOOK).strip()
        try:
            put(HOOK, hook)
        except OSError as err:
            if err.errno != errno.EOPNOTSUPP:
                raise
            raise Skipped("this kernel has no direct calls") from None
        try:
            yield
        finally:
            put(HOOK, before)


@contextlib.contextmanager
def kprobes_off():
    """Disarm all kprobes meanwhile."""
    debug = "/sys/kernel/debug"
    mounted = os.path.ismount(debug)
    if not mounted:
        subprocess.run(["mount", "-t", "debugfs", "debugfs", debug], check=True)
    try:
        put(KPROBES, "0")
        try:
            yield
        finally:
            put(KPROBES, "1")
    finally:
        if not mounted:
            subprocess.run(["umount", debug], check=True)


def run_tests():
    """Whether all passed."""
    failed = False
    signal.signal(signal.SIGALRM, too_long)
    home = os.getcwd()
    print(f"TAP version 13\n1..{len(TESTS)}", flush=True)
    for number, function in enumerate(TESTS, 1):
        result, name = "ok", function.__doc__
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            signal.alarm(DEADLINE)
            try:
                function()
            except Skipped as why:
                name += f" # SKIP {why}"
            except Exception:  # after any failure the next test still runs
                result, failed = "not ok", True
                print("#", traceback.format_exc().strip().replace("\n", "\n# "))
            signal.alarm(0)
            Program.end_all()
            os.chdir(home)
        print(result, number, name, flush=True)
    return not failed


def brkwatch(*args, **how):
    """Run the tool to its end: (status, stdout, stderr)."""
    done = subprocess.run(["brkwatch", *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, **how)
    return done.returncode, done.stdout, done.stderr


def refuses(sentence, *args, **how):
    """The tool prints only this sentence, and fails."""
    equal(brkwatch(*args, **how), (1, "", f"brkwatch: {sentence}\n"))


class Program(subprocess.Popen):
    """A program that ends with its test. Pipes are unbuffered, so that nothing is read ahead."""

    started = []

    def __init__(self, argv, **how):
        super().__init__(argv, bufsize=0, **how)
        self.started.append(self)

    @classmethod
    def end_all(cls):
        for program in cls.started:
            program.kill()
            for pipe in (program.stdin, program.stdout, program.stderr):
                with contextlib.suppress(OSError):
                    if pipe:
                        pipe.close()
            program.wait()
        cls.started.clear()

    def stop(self):
        """Stop the program; return when it has stopped."""
        self.send_signal(signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)

    def go_on(self):
        self.send_signal(signal.SIGCONT)


class Target(Program):
    """The program calls.c on pipes, or another one that takes no commands."""

    def __init__(self, *argv, **how):
        super().__init__(argv or [CALLS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **how)
        self.figures = None if argv else json.loads(self.stdout.readline())

    def tell(self, word):
        self.stdin.write(f"{word}\n".encode())

    def do(self, word):
        """The program's figures after it has done this."""
        self.tell(word)
        return json.loads(self.stdout.readline())

    def end(self):
        self.stdin.close()
        return self.wait()


class Watcher(Program):
    """brkwatch -p with this many watched processes. It writes to stdout, or to stderr beside CMD."""

    def __init__(self, *args, watched=1, command=()):
        super().__init__(["brkwatch", *map(str, args), *command], stdin=subprocess.DEVNULL,
                         stdout=None if command else subprocess.PIPE, stderr=subprocess.PIPE)
        self.shown = self.stderr if command else self.stdout
        self.said = [self.stderr.readline().decode().rstrip("\n") for _ in range(watched)]
        holds(all(line.startswith("brkwatch: watching ") for line in self.said), *self.said)

    def line(self):
        return self.shown.readline().decode().rstrip("\n")

    def end(self):
        """The tool's status and the rest of its lines: its output, then its messages."""
        shown, said = self.communicate()
        return self.returncode, ((shown or b"") + said).decode().splitlines()


def ended(line, how):
    """Whether a line of text reports this end of a process."""
    return re.search(rf"\+\+\+ {how}, peak resident \d[\d.]* [KMG]iB \+\+\+$", line)


def probes():
    """What --status prints: its status, its head, and {symbol: (hook, state)} of the probes."""
    status, out, err = brkwatch("--status")
    equal(err, "")
    head, table = out.split("\n\n")
    titles, *rows = [line.split(None, 3) for line in table.splitlines()]
    equal(titles, ["probe", "symbol", "hook", "state"])
    return status, head, {symbol: (hook, state) for _, symbol, hook, state in rows}


def objects(path):
    """All objects of --json."""
    with open(path, encoding="ascii") as file:
        return [json.loads(line) for line in file]


def is_event(line):
    """Whether an object of --json is an event, or the last line or a summary."""
    return line.get("event") not in ("start", "process")


def events(path):
    return list(filter(is_event, objects(path)))


def contents(path):
    with open(path, encoding="ascii") as file:
        return file.read()


@contextlib.contextmanager
def setting(folder, **values):
    """These values in /proc/sys/FOLDER meanwhile."""
    def put(new):
        for name, value in new.items():
            with open(f"/proc/sys/{folder}/{name}", "w", encoding="ascii") as file:
                file.write(str(value))

    before = {name: contents(f"/proc/sys/{folder}/{name}") for name in values}
    try:
        put(values)
        yield
    finally:
        put(before)


def document(name):
    """A document is installed beside the tests."""
    return contents(next(path for path in (f"{HERE}/{name}", f"{HERE}/../../Documentation/{name}")
                         if os.path.exists(path)))


def main(keep=True):
    """Run the tests; without keep, each run of the tool puts the probes in and takes them out."""
    if keep:
        PROBES.keep()
    passed = run_tests()
    PROBES.release()
    # The next collection needs the module, whatever happened here.
    if not glob.glob("/sys/module/brkwatch"):
        subprocess.run(["modprobe", "brkwatch"], check=True)
    sys.exit(0 if passed else 1)
