# SPDX-License-Identifier: GPL-2.0
"""Runs of brkwatch --check, and its output."""

import dataclasses
import os
import re
import subprocess
import sys

import harness

HERE = os.path.dirname(os.path.abspath(__file__))
SEQUENCES = f"{HERE}/sequences"
CHECK = re.compile(r"check (\d+) \((.*)\): "
                   r"(?:(\d+) ranges, (\d+) differences, (\d+) uncertain, (\d+) snapshot|not compared)")
LOSS = re.compile(r"events (\d+)(?: besides calls)?, lost (?:at least )?(\d+) "
                  r"\(ring (\d+), probe (?:at least )?(\d+), watch (\d+), socket (\d+)\)$")


@dataclasses.dataclass
class Process:
    """One process that --check has compared."""
    pid: int
    comm: str
    ranges: int
    differences: int
    uncertain: int
    snapshots: int


@dataclasses.dataclass
class Checked:
    """The output of a run of brkwatch --check: `said` is all of it."""
    status: int
    stdout: str
    said: str
    processes: list
    events: int
    lost: int
    ring: int

    @property
    def ranges(self):
        return sum(process.ranges for process in self.processes)

    @property
    def differences(self):
        return sum(process.differences for process in self.processes)

    @property
    def uncertain(self):
        return sum(process.uncertain for process in self.processes)

    @property
    def snapshots(self):
        return sum(process.snapshots for process in self.processes)


def parse(status, stdout, said, errors=""):
    lines = said.splitlines()
    loss = LOSS.match(lines[-1]) if lines else None
    harness.holds(loss, f"no last line in:\n{said[-2000:]}status {status}", errors[-2000:])
    found = [CHECK.match(line) for line in lines if line.startswith("check ")]
    harness.holds(all(found), said[-2000:])
    # A process that --check could not compare counts as a difference.
    processes = [Process(int(m[1]), m[2], *(map(int, m.groups()[2:]) if m[3] else (0, 1, 0, 0)))
                 for m in found]
    return Checked(status, stdout, said, processes, *map(int, loss.groups()[:3]))


def check(*command, options=(), meanwhile=None, **how):
    """Runs a command under brkwatch --check; meanwhile(tool) may run until the tool ends."""
    path = os.path.abspath("checked")
    tool = harness.Program(["brkwatch", "--check", *options, "-o", path, "--", *command],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True, errors="replace", **how)
    if meanwhile:
        meanwhile(tool)
    stdout, stderr = tool.communicate()
    said = harness.contents(path) if os.path.exists(path) else ""
    harness.holds(said, f"status {tool.returncode}", stderr[-2000:])
    return parse(tool.returncode, stdout, said, stderr)


def demand_equal(checked, status=0):
    """Demands no difference, no loss, and the exit status of the command."""
    tail = "\n".join(line for line in checked.said.splitlines() if " 0 differences" not in line)[-3000:]
    harness.holds(checked.processes, "nothing was compared", tail)
    harness.equal((checked.differences, tail if checked.differences else ""), (0, ""))
    harness.equal((checked.lost, checked.status), (0, status))


def tests(rows, function):
    """Makes a test of function(row) for each row of a table, (name, ...)."""
    for row in rows:
        def one(row=row):
            return function(row)
        one.__doc__ = row[0]
        harness.test(one)


def main(deadline, keep=True):
    """Runs the tests, with time for the longest; an argument selects tests by a part of the name."""
    harness.DEADLINE = deadline
    harness.TESTS[:] = [one for one in harness.TESTS if "".join(sys.argv[1:]) in one.__doc__]
    harness.main(keep)
