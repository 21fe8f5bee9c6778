#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A reader that looks at a process while it ends does not wait for what the process waits for.

The user nobody runs children that end while a read without an answer is under way (racer.c). A
session looks at their mappings until the module refuses. Now and then the session releases the
memory map last, so that a worker of the module waits in its place. When many workers wait, the
module refuses the user nobody, but not root.
"""

import errno
import os
import signal
import sys

from fuse import Server
from helpers import Actor, Helper, Keeper, Tool, Wrong, need_fuse, open_folder, run_tests, switch_cpu1, users, wait_for
from namespace import NOBODY

# The limit for one user: WAITING_MAX in walk.c.
WAITING = 16
# On two CPUs, one try in thirty makes the reader release the memory map last.
TRIES = 1500

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def serve(folder):
    """Serves in a process of its own, because its death ends all requests without an answer."""
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
        """end, each with an answer, until as many memory maps wait as the module allows"""
        for tries in range(1, TRIES + 1):
            self.racer.stdin.write(b".")
            said = int(self.keeper.ask(f"race {int(self.racer.answer(64))}")[0])
            if said == -errno.EUSERS:
                break
            if said != -errno.ESRCH:
                raise Wrong(f"try {tries}: {said}")
        waiting = users() - self.before
        print(f"# {tries} tries, {waiting} memory maps wait for their end")
        # One CPU gives fewer races, so the limit may not be reached.
        if not 0 < waiting <= WAITING or (said == -errno.EUSERS) != (waiting == WAITING):
            raise Wrong(f"{WAITING} may wait")

    def another_user(self):
        """can be looked at meanwhile, and another reader can run"""
        watch = self.keeper.ask(f"add {self.actor.pid}")[0]
        if self.keeper.ask(f"map {watch}") != ["0"]:
            raise Wrong("a process of root's cannot be looked at")
        if Tool("-c", "true").ends():
            raise Wrong("brkwatch -c true fails")

    def the_reader(self):
        """ends when it is killed"""
        switch_cpu1(0)
        before = users()
        self.keeper.kill_hard()
        wait_for("its session is gone", lambda: users() < before)

    def what_waits(self):
        """ends with the server that did not answer"""
        self.racer.kill_hard()
        self.actor.kill_hard()
        os.kill(self.server, signal.SIGKILL)
        wait_for("no worker waits", lambda: users() == 0)


def main():
    need_fuse()
    switch_cpu1(0)
    test = Test(open_folder())
    # The probes are in, so the second CPU may run: more CPUs give more races.
    switch_cpu1(1)
    bad = run_tests([test.races, test.another_user, test.the_reader, test.what_waits])
    switch_cpu1(1)
    sys.stdout.flush()
    os._exit(bool(bad))


main()
