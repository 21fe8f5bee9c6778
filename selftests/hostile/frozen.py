#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process without privilege that stays in execve() keeps nobody from reading.

It holds a lock of its own for as long as it likes (stuck.py). Who asks for it is refused
after a while or watches it; all others, and his own end, do not even notice.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time

from helpers import PATIENCE, Actor, Helper, Keeper, Wrong, switch_cpu1, users, write

HUNG = "/proc/sys/kernel/hung_task_timeout_secs"

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def read(pid, name):
    with open(f"/proc/{pid}/{name}", encoding="utf-8") as file:
        return file.read()


def is_stuck(pid):
    """Its new memory map has no arguments yet. Who read its stack would wait for the same lock."""
    return "State:\tD" in read(pid, "status") and not read(pid, "cmdline")


def wait_for(what, true):
    until = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > until:
            raise Wrong(f"{what}: not in {PATIENCE} s")
        time.sleep(0.02)


class Stuck(Helper):
    def __init__(self, folder):
        super().__init__("./stuck.py", folder)
        self.pid_in_exec = int(self.answer(64) or 0)
        wait_for("a process stays in execve()", lambda: is_stuck(self.pid_in_exec))


class Tool(subprocess.Popen):
    def __init__(self, *argv):
        # Not a pipe, which would have to be read; it is read when the tool has ended, or not.
        self.said = tempfile.TemporaryFile("w+")
        super().__init__(["brkwatch", *argv], stdout=subprocess.DEVNULL, stderr=self.said)

    def text(self):
        self.said.seek(0)
        return self.said.read()

    def ends(self):
        try:
            return self.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Wrong(f"{self.args} does not end") from None


class Test:
    def __init__(self, stuck):
        self.stuck = stuck.pid_in_exec
        self.actor = Actor()
        self.keeper = Keeper(1 << 16)
        self.keeper.ask(f"add {self.actor.pid}")
        self.asks = None

    def who_asks_for_it(self):
        """is refused, with a sentence"""
        self.asks = Tool("-c", "-p", str(self.stuck))
        if not self.asks.ends() or "execve" not in self.asks.text():
            raise Wrong(self.asks.text())

    def another_reader(self):
        """begins and ends while somebody asks for it"""
        asks = Tool("-c", "-p", str(self.stuck))
        if Tool("-c", "true").ends():
            raise Wrong("brkwatch -c true fails")
        asks.ends()

    def a_drain(self):
        """goes on while somebody asks for it"""
        asks = Tool("-c", "-p", str(self.stuck))
        while asks.poll() is None:
            self.actor.do("c")
            self.keeper.ask("drain")
        self.keeper.ask("drain")

    def the_whole_system(self):
        """is watched with it in it, until the reader is told to end"""
        every = Tool("--json", "-o", "/dev/null", "-a")
        wait_for("watching all", lambda: "watching" in every.text() or every.poll() is not None)
        every.send_signal(signal.SIGINT)
        every.ends()
        if "watching" not in every.text():
            raise Wrong(every.text())

    def a_killed_reader(self):
        """is gone, and its session"""
        before = users()
        self.keeper.kill_hard()
        wait_for("its session is gone", lambda: users() == before - 1)


def has_fuse():
    """Each kernel of Debian's has it; those of our own are built without."""
    if os.path.isdir(f"/lib/modules/{os.uname().release}/kernel/fs/fuse"):
        subprocess.run(["modprobe", "fuse"], check=True)
    with open("/proc/filesystems", encoding="ascii") as file:
        return "\tfuse\n" in file.read()


def main():
    if not has_fuse():
        print("TAP version 13\n1..0 # SKIP this kernel has no FUSE")
        sys.exit(4)
    os.chmod("/dev/fuse", 0o666)
    # What stays there on purpose is no complaint of the kernel.
    if os.path.exists(HUNG):
        write(HUNG, 0)
    switch_cpu1(0)
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o777)
    stuck = Stuck(folder)
    test = Test(stuck)
    tests = [test.who_asks_for_it, test.another_reader, test.a_drain, test.the_whole_system, test.a_killed_reader]
    print(f"TAP version 13\n1..{len(tests)}")
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
    # With its server what it waits for is gone too.
    stuck.kill_hard()
    test.actor.kill_hard()
    switch_cpu1(1)
    sys.stdout.flush()
    os._exit(bool(bad))


main()
