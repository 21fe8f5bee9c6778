#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process without privilege that stays in execve() keeps nobody from reading.

The process holds a lock of its own for as long as it likes (stuck.py). A reader that asks for it
is refused after a while or watches it; no other reader notices, and the first can end at any time.
"""

import os
import signal
import sys

from helpers import Actor, Helper, Keeper, Tool, Wrong, need_fuse, open_folder, run_tests, switch_cpu1, users, wait_for

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def read(pid, name):
    with open(f"/proc/{pid}/{name}", encoding="utf-8") as file:
        return file.read()


def is_stuck(pid):
    """Its new memory map has no arguments yet. A reader of its stack would wait for the same lock."""
    return "State:\tD" in read(pid, "status") and not read(pid, "cmdline")


class Stuck(Helper):
    def __init__(self, folder):
        super().__init__("./stuck.py", folder)
        self.pid_in_exec = int(self.answer(64) or 0)
        wait_for("a process stays in execve()", lambda: is_stuck(self.pid_in_exec))


class Test:
    def __init__(self, stuck):
        self.stuck = stuck.pid_in_exec
        self.actor = Actor()
        self.keeper = Keeper(1 << 16)
        self.keeper.ask(f"add {self.actor.pid}")
        self.asks = None

    def who_asks_for_it(self):
        """is refused, with a message"""
        self.asks = Tool("-c", "-p", str(self.stuck))
        if not self.asks.ends() or "execve" not in self.asks.text():
            raise Wrong(self.asks.text())

    def another_reader(self):
        """begins and ends while a reader asks for it"""
        asks = Tool("-c", "-p", str(self.stuck))
        if Tool("-c", "true").ends():
            raise Wrong("brkwatch -c true fails")
        asks.ends()

    def a_drain(self):
        """goes on while a reader asks for it"""
        asks = Tool("-c", "-p", str(self.stuck))
        while asks.poll() is None:
            self.actor.do("c")
            self.keeper.ask("drain")
        self.keeper.ask("drain")

    def the_whole_system(self):
        """is watched with the process in it, until SIGINT ends the reader"""
        every = Tool("--json", "-o", "/dev/null", "-a")
        every.says("watching")
        every.send_signal(signal.SIGINT)
        every.ends()

    def a_killed_reader(self):
        """ends, and its session too"""
        before = users()
        self.keeper.kill_hard()
        wait_for("its session is gone", lambda: users() < before)


def main():
    need_fuse()
    switch_cpu1(0)
    stuck = Stuck(open_folder())
    test = Test(stuck)
    bad = run_tests([test.who_asks_for_it, test.another_reader, test.a_drain, test.the_whole_system,
                     test.a_killed_reader])
    # The process can end, because the request that it waits for ends with its server.
    stuck.kill_hard()
    test.actor.kill_hard()
    switch_cpu1(1)
    sys.stdout.flush()
    os._exit(bool(bad))


main()
