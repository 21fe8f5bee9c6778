#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Sessions and processes come and go in any order.

Each round makes random steps. Whatever they are, a session that ends in order has received
every event or reports how many it lost, a killed session leaves nothing, and the module can
be unloaded.
	BRKWATCH_LIVES: number of rounds    BRKWATCH_SEED: seed of the first round
"""

import os
import random
import signal
import subprocess
import sys
import time

from helpers import CPU1, GROUP, Actor, Gone, Keeper, Wrong, load, switch_cpu1, unused, users, write

ROUNDS = int(os.environ.get("BRKWATCH_LIVES", "60"))
SEED = int(os.environ.get("BRKWATCH_SEED", str(int(time.time()))))
STEPS = 14
# Few return instances are enough, because sessions open and close all the time.
FEW_CALLS = "maxactive=64"


class Round:
    """One round of random steps."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.keepers, self.actors, self.done = [], [Actor(), Actor()], []

    def keeper(self):
        able = [keeper for keeper in self.keepers if not keeper.stopped]
        return self.random.choice(able) if able else None

    def actor(self):
        return self.random.choice(self.actors)

    def open(self):
        if len(self.keepers) < 4:
            self.keepers.append(Keeper(self.random.choice((4096, 16384, 1 << 20))))

    def open_limited(self):
        write(f"{GROUP}/memory.max", self.random.choice((1 << 20, 3 << 20, 8 << 20)))
        keeper = Keeper(1 << 20, limited=True)
        if keeper.opened:
            self.keepers.append(keeper)

    def ask(self, line):
        keeper = self.keeper()
        try:
            if keeper:
                keeper.ask(line)
        except Gone:
            keeper.kill_hard()
            self.keepers.remove(keeper)

    def add(self):
        self.ask(f"add {self.actor().pid}")

    def drain(self):
        self.ask("drain")

    def calls(self):
        self.actor().do("c")

    def thread(self):
        self.actor().do("t")

    def fork(self):
        self.actor().do("f")

    def exec(self):
        self.actor().do("e")

    def exit(self):
        actor = self.actor()
        actor.stdin.close()
        actor.wait()
        actor.stdout.close()
        self.actors[self.actors.index(actor)] = Actor()

    def kill_actor(self):
        actor = self.actor()
        actor.kill_hard()
        self.actors[self.actors.index(actor)] = Actor()

    def kill_keeper(self):
        if self.keepers:
            self.keepers.pop(self.random.randrange(len(self.keepers))).kill_hard()

    def stop(self):
        keeper = self.keeper()
        if keeper and not keeper.limited:
            keeper.signal(signal.SIGSTOP)

    def end(self):
        if self.keepers:
            self.end_one(self.keepers.pop(self.random.randrange(len(self.keepers))))

    @staticmethod
    def end_one(keeper):
        try:
            keeper.end()
        except Gone:
            keeper.kill_hard()

    def rmmod(self):
        if not self.keepers and not unused():
            raise Wrong(f"{users()} users without a session")
        if subprocess.run(["rmmod", "brkwatch"], check=False, stderr=subprocess.DEVNULL).returncode:
            if not self.keepers:
                raise Wrong("rmmod is refused without a session")
            return
        load(FEW_CALLS)
        if not all(keeper.was_killed() for keeper in self.keepers):
            raise Wrong(f"rmmod ended beside {len(self.keepers)} sessions")

    def unplug(self):
        """Events of a CPU that goes offline must stay in its ring until the reader drains them."""
        if not os.path.exists(CPU1):
            return
        write(CPU1, 1)
        actor = self.actor()
        os.sched_setaffinity(actor.pid, {1})
        actor.do("c")
        write(CPU1, 0)

    def run(self):
        steps = [self.open, self.open, self.add, self.add, self.add, self.drain, self.calls, self.calls,
                 self.thread, self.fork, self.exec, self.exit, self.kill_actor, self.kill_keeper,
                 self.stop, self.end, self.rmmod, self.open_limited, self.unplug]
        self.open()
        for _ in range(STEPS):
            step = self.random.choice(steps)
            self.done.append(step.__name__)
            step()
        while self.keepers:
            self.end_one(self.keepers.pop())
        if not unused():
            raise Wrong(f"{users()} users are left")

    def clean_up(self):
        for helper in self.keepers + self.actors:
            helper.kill_hard()


def main():
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    write("/sys/fs/cgroup/cgroup.subtree_control", "+memory")
    os.makedirs(GROUP, exist_ok=True)
    switch_cpu1(0)
    subprocess.run(["rmmod", "brkwatch"], check=True)
    load(FEW_CALLS)
    print("TAP version 13\n1..2")
    failed = 0
    for number in range(ROUNDS):
        life = Round(SEED + number)
        try:
            life.run()
        except Wrong as why:
            failed += 1
            print(f"# BRKWATCH_SEED={SEED + number} BRKWATCH_LIVES=1: {why}, after {' '.join(life.done)}",
                  flush=True)
        life.clean_up()
    print(f"{'not ' if failed else ''}ok 1 {ROUNDS} rounds from seed {SEED}")
    gone = unused() and not subprocess.run(["rmmod", "brkwatch"], check=False).returncode
    load()
    print(f"{'' if gone else 'not '}ok 2 nobody holds the module")
    switch_cpu1(1)
    sys.exit(bool(failed) or not gone)


main()
