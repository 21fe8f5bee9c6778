# SPDX-License-Identifier: GPL-2.0
"""What the hostile tests share: sessions and processes that do what they are told."""

import os
import select
import signal
import subprocess

CPU1 = "/sys/devices/system/cpu/cpu1/online"
GROUP = "/sys/fs/cgroup/brkwatch-life"
# Of a CPU that is to be heard of at all.
PATIENCE = 60


class Wrong(Exception):
    """The module did what it should not."""


class Gone(Exception):
    """A session's process was killed for want of memory."""


class Helper(subprocess.Popen):
    """A program that answers what it is told."""

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
            # Killed for want of memory, or told so.
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
        """For want of memory; the session's end may be seen before that of the process."""
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


class Actor(Helper):
    def __init__(self):
        super().__init__("./actor")

    def do(self, what):
        self.stdin.write(what.encode())
        if self.answer(1) != what.encode():
            raise Wrong(f"{what}: the process is gone")


def enter_group():
    with open(f"{GROUP}/cgroup.procs", "w", encoding="ascii") as file:
        file.write("0")


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(text))


def switch_cpu1(on):
    """Where QEMU emulates CPUs, no other one may run while probes go in or out."""
    if os.path.exists(CPU1):
        write(CPU1, on)


def users():
    with open("/proc/modules", encoding="ascii") as file:
        return next(int(line.split()[2]) for line in file if line.startswith("brkwatch "))


def load(*parameters):
    """Whoever loads it with parameters loads it without them at the end: others test after it."""
    subprocess.run(["modprobe", "brkwatch", *parameters], check=True)
