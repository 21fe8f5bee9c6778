#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A reader that looks at a process while it ends does not wait for what the process waits for.

Children of nobody's end with a read under way that is never answered (racer.c), and a session
looks at what they have mapped until it is refused. Now and then it is the last to let go, and a
worker of the module waits in its place. When many wait, nobody is refused and root is not.
"""

import errno
import os
import signal
import sys

from fuse import Server
from helpers import Actor, Helper, Keeper, Tool, Wrong, need_fuse, open_folder, run_tests, switch_cpu1, users, wait_for
from namespace import NOBODY

# Of one user; WAITING_MAX in walk.c.
WAITING = 16
# One of thirty has the reader wait, on two CPUs.
TRIES = 1500

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def serve(folder):
    """In a process of its own, with which all ends that is to be answered."""
    ready = os.pipe()
    pid = os.fork()
    if not pid:
        Server(folder, lambda file, request: None, ",allow_other")
        os.write(ready[1], b".")
        signal.pause()
    os.read(ready[0], 1)
    return pid


class Test:
    def __init__(self, folder):
        self.server = serve(folder)
        self.racer = Helper("./racer", f"{folder}/0", user=NOBODY, group=NOBODY, extra_groups=[])
        self.actor = Actor()
        self.keeper = Keeper(1 << 16)
        self.before = users()

    def races(self):
        """end, each with an answer, until as many wait as may"""
        for tries in range(1, TRIES + 1):
            self.racer.stdin.write(b".")
            said = int(self.keeper.ask(f"race {int(self.racer.answer(64))}")[0])
            if said == -errno.EUSERS:
                break
            if said != -errno.ESRCH:
                raise Wrong(f"try {tries}: {said}")
        waiting = users() - self.before
        print(f"# {tries} tries, {waiting} memory maps wait for their end")
        # On one CPU there are not so many races.
        if not 0 < waiting <= WAITING or (said == -errno.EUSERS) != (waiting == WAITING):
            raise Wrong(f"{WAITING} may wait")

    def another_user(self):
        """is looked at meanwhile, and by another reader"""
        watch = self.keeper.ask(f"add {self.actor.pid}")[0]
        if self.keeper.ask(f"map {watch}") != ["0"]:
            raise Wrong("a process of root's cannot be looked at")
        if Tool("-c", "true").ends():
            raise Wrong("brkwatch -c true fails")

    def the_reader(self):
        """is gone when it is killed"""
        switch_cpu1(0)
        before = users()
        self.keeper.kill_hard()
        wait_for("its session is gone", lambda: users() == before - 1)

    def what_waits(self):
        """goes with the server that did not answer"""
        self.racer.kill_hard()
        self.actor.kill_hard()
        os.kill(self.server, signal.SIGKILL)
        wait_for("no worker waits", lambda: users() == 0)


def main():
    need_fuse()
    switch_cpu1(0)
    test = Test(open_folder())
    # The probes are in; the more CPUs, the more races.
    switch_cpu1(1)
    bad = run_tests([test.races, test.another_user, test.the_reader, test.what_waits])
    switch_cpu1(1)
    sys.stdout.flush()
    os._exit(bool(bad))


main()
