#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Eight sessions come and go at random while stress-ng keeps all CPUs busy.

They are the tool's, in all its forms, and end in order or are killed. A session that ends in
order reports how much it lost. One more session, of a reader that never drains, stays open all
the time: it costs its ring, and in the end it has delivered or lost every event.
	BRKWATCH_STRESS: seconds    BRKWATCH_SEED: seed of all choices
"""

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

from helpers import Keeper, Wrong, load, switch_cpu1, unused

SECONDS = int(os.environ.get("BRKWATCH_STRESS", "60"))
SEED = int(os.environ.get("BRKWATCH_SEED", str(int(time.time()))))
SESSIONS = 8
STRESSORS = {"brk": 1, "mmap": 1, "vm": 1, "mremap": 1, "malloc": 1, "fork": 1, "exec": 1, "pthread": 1}
BOUNDS = ("--mmap-bytes", "16M", "--vm-bytes", "16M", "--mremap-bytes", "16M",
          "--malloc-bytes", "16M", "--exec-max", "4", "--fork-max", "4", "--pthread-max", "16")
NOWHERE = ("-o", "/dev/null")
FORMS = (NOWHERE, ("--json", *NOWHERE), ("-c", *NOWHERE), ("-C", *NOWHERE), ("-w", "/dev/null"),
         ("--strace", *NOWHERE), ("-c", "--interval", "0.1", *NOWHERE), ("--buffer", "4K", *NOWHERE))
LAST = re.compile(r"(?m)^events \d+(?: besides calls)?, lost (?:at least )?\d+ "
                  r"\(ring \d+, probe (?:at least )?\d+, watch \d+, socket \d+\)$")


def children(pid):
    said = subprocess.run(["pgrep", "-P", str(pid)], stdout=subprocess.PIPE, check=False, text=True).stdout
    return [int(word) for word in said.split()]


class Session(subprocess.Popen):
    """The tool, which watches all processes, or one of stress-ng's and its children."""

    def __init__(self, chance, stress):
        self.form = chance.choice(FORMS)
        whom = ("-a",) if chance.random() < 0.3 else ("-f", "-p", str(chance.choice([stress.pid] +
                                                                                    children(stress.pid))))
        self.said = tempfile.TemporaryFile()
        super().__init__(["brkwatch", *self.form, *whom], stderr=self.said, stdin=subprocess.DEVNULL)

    def end(self, number):
        self.send_signal(number)
        status = self.wait(timeout=300)
        self.said.seek(0)
        said = self.said.read().decode()
        self.said.close()
        # The process may have ended before the tool could watch it.
        if number != signal.SIGKILL and status not in (0, -number) and "no process" not in said:
            raise Wrong(f"{self.args} ended with {status}: {said[-300:]}")
        return status


def some_time(chance, until):
    time.sleep(min(chance.random(), max(until - time.monotonic(), 0)))


def go_on(chance, stress, until):
    """Opens and ends sessions at random; returns how many there were."""
    sessions, begun = [None] * SESSIONS, 0
    while time.monotonic() < until:
        place = chance.randrange(SESSIONS)
        if sessions[place]:
            sessions[place].end(signal.SIGKILL if chance.random() < 0.3 else signal.SIGINT)
            sessions[place] = None
        else:
            sessions[place] = Session(chance, stress)
            begun += 1
        some_time(chance, until)
    for session in filter(None, sessions):
        session.end(signal.SIGINT)
    return begun


def is_exact():
    """A session that begins afterwards must lose nothing."""
    done = subprocess.run(["brkwatch", "-c", "./actor"], input=b"c", stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=True)
    return LAST.search(done.stderr.decode()) and b", lost 0 (" in done.stderr


def main():
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    print("TAP version 13\n1..2", flush=True)
    chance, failed = random.Random(SEED), False
    switch_cpu1(0)
    keeper = Keeper(1 << 20)
    switch_cpu1(1)
    argv = [word for name, number in STRESSORS.items() for word in (f"--{name}", str(number))]
    with subprocess.Popen(["stress-ng", "-q", *argv, *BOUNDS, "-t", f"{SECONDS}s"], cwd="/tmp") as stress:
        keeper.ask(f"add {stress.pid}")
        try:
            begun = go_on(chance, stress, time.monotonic() + SECONDS - 2)
        except Wrong as why:
            begun, failed = 0, True
            print(f"# BRKWATCH_SEED={SEED}: {why}")
    if stress.returncode:
        failed = True
        print(f"# stress-ng ended with {stress.returncode}")
    try:
        keeper.end()
    except Wrong as why:
        failed = True
        print(f"# the reader that never drained: {why}")
    print(f"{'not ' if failed else ''}ok 1 {SECONDS} s of stress-ng, {begun} sessions from seed {SEED}")
    switch_cpu1(0)
    well = is_exact() and unused() and not subprocess.run(["rmmod", "brkwatch"], check=False).returncode
    load()
    switch_cpu1(1)
    print(f"{'' if well else 'not '}ok 2 nobody holds the module, and the next session is exact")
    sys.exit(failed or not well)


main()
