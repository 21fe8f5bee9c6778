# SPDX-License-Identifier: GPL-2.0
"""The hostile tests share these sessions and processes, which follow commands."""

import errno
import os
import select
import signal
import subprocess
import sys
import tempfile
import time

CPU1 = "/sys/devices/system/cpu/cpu1/online"
HOOK = "/sys/module/brkwatch/parameters/hook"
HUNG = "/proc/sys/kernel/hung_task_timeout_secs"
GROUP = "/sys/fs/cgroup/brkwatch-life"
# Seconds: any CPU that is alive answers by then.
PATIENCE = 60


class Wrong(Exception):
    """The module misbehaved."""


class Gone(Exception):
    """The kernel killed a session's process for want of memory."""


class Helper(subprocess.Popen):
    """A program that answers each command."""

    def __init__(self, *argv, **how):
        super().__init__(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, **how)
        self.stopped = False

    def answer(self, size):
        if not select.select([self.stdout], [], [], PATIENCE)[0]:
            raise Wrong(f"{self.args}: no answer")
        return os.read(self.stdout.fileno(), size)

    def kill_hard(self):
        self.kill()
        self.wait()
        self.stdin.close()
        self.stdout.close()

    def signal(self, number):
        os.kill(self.pid, number)
        self.stopped = number == signal.SIGSTOP
        if self.stopped:
            os.waitid(os.P_PID, self.pid, os.WSTOPPED)


class Keeper(Helper):
    def __init__(self, ring, limited=False):
        super().__init__("./keeper", str(ring), preexec_fn=enter_group if limited else None)
        said = self.answer(256).decode()
        self.opened = said.startswith("0 ")
        self.limited = limited
        if not self.opened:
            # The kernel killed it for want of memory, or the module returned that error.
            self.kill_hard()
            if not limited or (said and "memory" not in said):
                raise Wrong(f"no session: {said!r}")

    def ask(self, line):
        try:
            self.stdin.write(line.encode() + b"\n")
            said = self.answer(256)
        except BrokenPipeError:
            said = b""
        if not said:
            raise Gone if self.limited else Wrong(f"{line}: the session is gone")
        return said.decode().split()

    def was_killed(self):
        """Was it killed for want of memory? Waits, because its session may end before the process."""
        try:
            return self.limited and self.wait(PATIENCE) == -signal.SIGKILL
        except subprocess.TimeoutExpired:
            return False

    def end(self):
        if self.stopped:
            self.signal(signal.SIGCONT)
        err, made, delivered, lost, received = map(int, self.ask("end"))
        self.wait()
        if err or made != delivered + lost or delivered != received:
            raise Wrong(f"error {err}: made {made}, delivered {delivered}, lost {lost}, "
                        f"received {received}")


class Tool(subprocess.Popen):
    def __init__(self, *argv):
        # A file, because the test need not read it, and a full pipe would stop the tool.
        self.said = tempfile.TemporaryFile("w+")
        super().__init__(["brkwatch", *argv], stdout=subprocess.DEVNULL, stderr=self.said)

    def text(self):
        self.said.seek(0)
        return self.said.read()

    def where(self):
        """Where each of its threads waits, as the kernel sees it."""
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{thread}/stack", encoding="ascii") as file:
                print("#", thread, *file.read().split("\n"), flush=True)

    def says(self, what):
        try:
            wait_for(f"{self.args} says {what}", lambda: what in self.text() or self.poll() is not None)
        except Wrong:
            self.where()
            # It must not keep the module from the tests after this one.
            self.kill()
            raise
        if what not in self.text():
            raise Wrong(self.text())

    def ends(self):
        try:
            return self.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Wrong(f"{self.args} does not end") from None


class Actor(Helper):
    def __init__(self):
        super().__init__("./actor")

    def do(self, what):
        self.stdin.write(what.encode())
        if self.answer(1) != what.encode():
            raise Wrong(f"{what}: the process is gone")


def wait_for(what, true):
    until = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > until:
            raise Wrong(f"{what}: not in {PATIENCE} s")
        time.sleep(0.02)


def enter_group():
    with open(f"{GROUP}/cgroup.procs", "w", encoding="ascii") as file:
        file.write("0")


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(text))


def switch_cpu1(on):
    """Switches CPU 1. On emulated CPUs, no other CPU may run while probes go in or out."""
    if os.path.exists(CPU1):
        write(CPU1, on)


def users():
    with open("/proc/modules", encoding="ascii") as file:
        return next(int(line.split()[2]) for line in file if line.startswith("brkwatch "))


def hook():
    """How the module hooks calls: "kprobe" or "direct". One without the parameter knows only the former."""
    if not os.path.exists(HOOK):
        return "kprobe"
    with open(HOOK, encoding="ascii") as file:
        return file.read().strip()


def set_hook(kind):
    """No session may be open."""
    if kind != hook():
        write(HOOK, kind)


def hooks():
    """The hooks that this module and this kernel have."""
    was = hook()
    if not os.path.exists(HOOK):
        return [was]
    try:
        write(HOOK, "direct")
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP:
            raise
        return [was]
    write(HOOK, was)
    return ["kprobe", "direct"]


def unused():
    """Does nobody hold the module? With hook=direct a call in flight does, but not for long."""
    if hook() == "direct":
        wait_for("no call holds the module", lambda: not users())
    return not users()


def load(*parameters):
    """Loads the module. A test that passes parameters must reload without them for later tests."""
    subprocess.run(["modprobe", "brkwatch", *parameters], check=True)


def need_fuse():
    """Skips the test without FUSE: Debian's kernels have it, our own are built without."""
    if os.path.isdir(f"/lib/modules/{os.uname().release}/kernel/fs/fuse"):
        subprocess.run(["modprobe", "fuse"], check=True)
    with open("/proc/filesystems", encoding="ascii") as file:
        if "\tfuse\n" not in file.read():
            print("TAP version 13\n1..0 # SKIP this kernel has no FUSE")
            sys.exit(4)
    os.chmod("/dev/fuse", 0o666)
    # The tests make tasks hang on purpose, so the kernel must not complain.
    if os.path.exists(HUNG):
        write(HUNG, 0)


def open_folder():
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o777)
    return folder


def run_tests(tests):
    """Prints a line of TAP for each test from its name and docstring; returns how many failed."""
    print(f"TAP version 13\n1..{len(tests)}", flush=True)
    bad = 0
    for number, one in enumerate(tests, 1):
        began, result = time.monotonic(), "ok"
        try:
            one()
        except Wrong as why:
            print(f"# {why}")
            result, bad = "not ok", bad + 1
        print(f"# {time.monotonic() - began:.1f} s")
        print(f"{result} {number} {one.__name__.replace('_', ' ')} {one.__doc__}", flush=True)
    return bad
