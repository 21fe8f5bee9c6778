#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Other tracers hook the same functions at the same time, and both they and brkwatch see all calls.

	others.py [COMMAND...]

The other tracers are the kernel's own, a livepatch, bpftrace and perf (tracers.py). With COMMANDs they
are those of the COMMANDs alone, which must be installed. The module hooks the functions with kprobes
and, if the kernel lets it, directly. Only one can have a function call it directly: beside a BPF program
that came first the module takes a kprobe, and the kernel refuses a BPF program that comes second.
"""

import contextlib
import json
import os
import subprocess
import sys

from helpers import Wrong, hook, hooks, set_hook, switch_cpu1
from tracers import DIRECT, FUNCTION, Refused, tracers

os.chdir(os.path.dirname(os.path.abspath(__file__)))
ANOTHER = "__x64_sys_mmap"
ROUNDS = 4
# ./actor makes so many calls for "c".
CALLS = 50
PERF_ATTEMPTS = 3


def start_actor():
    """Starts a process that makes no call unless it is asked to: it has answered."""
    actor = subprocess.Popen(["./actor"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    actor.stdin.write(b".")
    actor.stdout.read(1)
    return actor


def start_tool(said, pid):
    tool = subprocess.Popen(["brkwatch", "--json", "-o", said, "-p", str(pid)], stderr=subprocess.PIPE)
    if b"watching" not in tool.stderr.readline():
        raise Wrong("brkwatch does not watch")
    return tool


def hooks_in_use():
    """{function: its hook}, as --status prints them."""
    said = subprocess.run(["brkwatch", "--status"], stdout=subprocess.PIPE, text=True, check=False).stdout
    rows = [line.split() for line in said.partition("\n\n")[2].splitlines()[1:]]
    return {symbol: kind for _, symbol, kind, *_ in rows}


def call(actor):
    for _ in range(ROUNDS):
        actor.stdin.write(b"c")
        actor.stdout.read(1)
    actor.stdin.close()
    actor.wait()


class Run:
    """What the other tracer saw of a program, or None if it was refused; what we saw; our two hooks."""

    def __init__(self, way, before):
        said = f"/tmp/others.{os.getpid()}"
        actor = start_actor()
        with contextlib.ExitStack() as stack:
            other = self.enter(stack, way, actor.pid) if before else None
            tool = start_tool(said, actor.pid)
            if not before:
                other = self.enter(stack, way, actor.pid)
            self.hooks = [hooks_in_use()[symbol] for symbol in (FUNCTION, ANOTHER)]
            call(actor)
            self.theirs = other.seen(actor.pid) if other else None
            tool.communicate()
        with open(said, encoding="utf-8") as file:
            self.ours = sum(json.loads(line).get("event") == "brk" for line in file)
        os.unlink(said)

    @staticmethod
    def enter(stack, way, pid):
        try:
            return stack.enter_context(way(pid))
        except Refused:
            return None

    def __str__(self):
        return f"of {ROUNDS * CALLS} calls they see {self.theirs} and we {self.ours}; hooks {self.hooks}"


def is_good(run, way, before, kind):
    contended = kind == "direct" and way in DIRECT
    theirs = None if contended and not before else ROUNDS * CALLS
    own = "kprobe" if contended and before else kind
    return (run.theirs, run.ours, run.hooks) == (theirs, ROUNDS * CALLS, [own, kind])


def attempt(way, before, kind):
    """Returns whether a run was good. In one of twelve perf trace saw 154 of 200 calls, although it waited in poll(2)
    before them. What brkwatch would keep from perf it would keep each time, so perf may try again.
    """
    for _ in range(PERF_ATTEMPTS if way.__name__ == "perf" else 1):
        run = Run(way, before)
        print(f"# {run}")
        if is_good(run, way, before, kind):
            return True
        if run.ours != ROUNDS * CALLS:
            break
    return False


def run_all(ways, each):
    """Prints the results; returns how many are bad."""
    number, bad = 0, 0
    for kind in each:
        set_hook(kind)
        for way in ways:
            for before in (True, False):
                good = attempt(way, before, kind)
                number, bad = number + 1, bad + (not good)
                print(f"{'' if good else 'not '}ok {number} {way.__name__}, "
                      f"{'before us' if before else 'after us'}, hook={kind}", flush=True)
    return bad


def main():
    ways, each, was = tracers(sys.argv[1:]), hooks(), hook()
    print(f"TAP version 13\n1..{2 * len(ways) * len(each)}", flush=True)
    switch_cpu1(0)
    try:
        bad = run_all(ways, each)
    finally:
        set_hook(was)
        switch_cpu1(1)
    sys.exit(bool(bad))


main()
