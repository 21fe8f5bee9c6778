#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process without privilege that keeps its mmap lock held makes no reader wait for long.

The process holds the lock for as long as it likes (holder.py). After a while the module refuses a
reader that wants to look at its mappings, and the tool passes over the process. The module bears as
many such processes of one user as walk.c says, so that other users lose nothing.
"""

import contextlib
import errno
import os
import signal
import sys

from helpers import Actor, Helper, Keeper, Tool, Wrong, need_fuse, open_folder, run_tests, switch_cpu1, users, wait_for

# The limit for one user: WAITING_MAX in walk.c.
WAITING = 16

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def state(pid):
    """Reads the state of the main thread from stat, because a read of cmdline would wait for the lock."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(") ")[2][0]


class Holder(Helper):
    def __init__(self, who):
        super().__init__("./holder.py", who, open_folder())
        self.answer(64)

    def ask(self, line):
        self.stdin.write(line.encode() + b"\n")
        said = self.answer(64)
        if not said:
            raise Wrong(f"{line}: no answer")
        return int(said)

    def hold(self):
        """Starts a process: one thread holds the lock, and the main thread waits for it."""
        pid = self.ask("hold")
        wait_for("a process holds its lock", lambda: state(pid) == "D")
        return pid


class Test:
    def __init__(self):
        self.actor = Actor()
        self.keeper = Keeper(1 << 16)
        self.watches = {}
        self.users = users()

    @contextlib.contextmanager
    def holder(self, who="nobody"):
        """Waits at the end until the workers of the module that wait for its processes end."""
        holder = Holder(who)
        try:
            yield holder
        finally:
            holder.kill_hard()
            wait_for("no worker waits", lambda: users() == self.users)

    def look(self, pid):
        """Returns an errno, or 0."""
        if pid not in self.watches:
            self.watches[pid] = self.keeper.ask(f"add {pid}")[0]
        return -int(self.keeper.ask(f"map {self.watches[pid]}")[0])

    def who_looks(self):
        """is refused while the process holds its lock"""
        with self.holder() as holder:
            pid = holder.hold()
            said = [self.look(pid) for _ in range(3)]
            if said != [errno.EAGAIN] * 3:
                raise Wrong(said)
            holder.ask(f"let {pid}")
            wait_for("it can be looked at", lambda: not self.look(pid))

    def the_tool(self):
        """passes over the process, reports that, and comes back"""
        with self.holder() as holder:
            pid = holder.hold()
            tool = Tool("--json", "-o", "/dev/null", "-p", f"{self.actor.pid},{pid}")
            tool.says(f"passing over process {pid}")
            tool.says(f"watching {pid}")
            holder.ask(f"let {pid}")
            tool.says(f"process {pid} can be looked at")
            tool.send_signal(signal.SIGINT)
            if tool.ends():
                raise Wrong(tool.text())

    def the_whole_system(self):
        """is watched with the process in it, until SIGINT ends the reader"""
        with self.holder() as holder:
            pid = holder.hold()
            tool = Tool("--json", "-o", "/dev/null", "-a")
            tool.says(f"passing over process {pid}")
            tool.says("processes and those to come")
            tool.send_signal(signal.SIGINT)
            tool.ends()

    def a_map(self):
        """of the process and another one is printed at once"""
        with self.holder() as holder:
            pid = holder.hold()
            for form in (["--map"], ["--map", "--json"]):
                tool = Tool(*form, "-o", "/dev/null", "-p", f"{self.actor.pid},{pid}")
                tool.says(f"passing over process {pid}")
                if tool.ends():
                    raise Wrong(tool.text())

    def another_reader(self):
        """begins and ends, and drains go on, while another one looks"""
        with self.holder() as holder:
            pid = holder.hold()
            tool = Tool("--json", "-o", "/dev/null", "-p", str(pid))
            if Tool("-c", "true").ends():
                raise Wrong("brkwatch -c true fails")
            self.look(self.actor.pid)
            self.actor.do("c")
            self.keeper.ask("drain")
            tool.says("passing over")
            tool.send_signal(signal.SIGINT)
            tool.ends()

    def expect(self, wanted, **pids):
        for who, pid in pids.items():
            said = self.look(pid)
            print(f"# {who}: {errno.errorcode.get(said, 'looked at')}", flush=True)
            if said != wanted:
                raise Wrong(f"{who}: {said}, not {wanted}")

    def hold_many(self, holder):
        for _ in range(WAITING):
            said = self.look(holder.hold())
            if said != errno.EAGAIN:
                raise Wrong(f"one that is locked: {said}")

    def a_user(self):
        """with many such processes is refused, in any namespace, and no other user is"""
        with self.holder() as holder:
            self.hold_many(holder)
            self.expect(errno.EUSERS, one_more=holder.hold(), not_locked=holder.ask("idle 0"),
                        in_a_new_namespace=holder.ask("idle unshare"))
            self.expect(0, of_root=self.actor.pid)

    def a_container(self):
        """that root made is refused by its ids, and root is not"""
        with self.holder("container") as holder:
            self.hold_many(holder)
            self.expect(errno.EUSERS, not_locked=holder.ask("idle 0"), in_a_new_namespace=holder.ask("idle unshare"))
            self.expect(0, another_id=holder.ask("idle 5"), of_root=self.actor.pid)


def main():
    need_fuse()
    switch_cpu1(0)
    test = Test()
    bad = run_tests([test.who_looks, test.the_tool, test.the_whole_system, test.a_map, test.another_reader,
                     test.a_user, test.a_container])
    test.keeper.kill_hard()
    test.actor.kill_hard()
    switch_cpu1(1)
    sys.stdout.flush()
    os._exit(bool(bad))


main()
