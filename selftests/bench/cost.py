#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What a watched call costs, in a guest whose clock counts instructions; see run.

	cost.py LOOPS FLOOR [LOOP|all [WAY...]]

Prints a table: a line for each way to watch (with WAY: only lines that begin with it), and a
column for each loop of the program LOOPS (with LOOP: only for this one): the guest instructions
that watching adds to one turn. FLOOR is the module of floor.c. The ways without askers need the
module loaded with unprivileged=1. The present folder becomes writable for every user.
"""

import os
import statistics
import subprocess
import sys

from clock import busy
from observers import (AS_USER, USER, among, another, brkwatch, bpftrace, crowd, directly, floor, many, nothing,
                       perf_record, perf_trace, reader, strace, trace_cmd)

ALL = ("brk(0)", "brk-move", "mmap+munmap", "malloc", "getppid")
NAMES = ALL if sys.argv[3:4] in ([], ["all"]) else (sys.argv[3],)
TURNS, BATCHES = 1000, 21
# Enough turns to include the reader's work.
MANY = 40000


class Loops(subprocess.Popen):
    """The measured program. It is a user's, so that a reader of the same user may watch it."""

    def __init__(self):
        super().__init__([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                         user=USER, group=USER, extra_groups=[])

    def take(self, loop, turns, batches):
        self.stdin.write(f"{loop} {turns} {batches}\n".encode())
        return float(self.stdout.readline())

    def end(self):
        self.stdin.close()
        self.wait()


# With --strict a loss is an error, because a lost event is less work.
LARGE = ("--strict", "--buffer", "64M")


def turns(way, batches=BATCHES):
    """What a turn takes in each loop, as the program measures it."""
    target = Loops()
    with way(target):
        took = [target.take(loop, TURNS, batches) for loop in NAMES]
    target.end()
    return took


def few_turns(way):
    return turns(way, 3)


def once(way):
    return turns(way, 1)


def whole(way, queries=MANY):
    """The same, including all later work until the reader's end; with so many turns of brk(0)."""
    until_end(way, NAMES[0], 1)
    return [statistics.median(whole_turn(way, loop, queries) for _ in range(3)) for loop in NAMES]


def longer(way):
    """As whole(), of a reader that does so little for brk(0) that differences between starts would show."""
    return whole(way, 4 * MANY)


def whole_turn(way, loop, queries):
    # A turn of malloc makes many calls.
    count = {"brk(0)": queries, "malloc": MANY // 20}.get(loop, MANY)
    return (until_end(way, loop, count) - until_end(way, loop, 1)) / (count - 1)


def until_end(way, loop, count):
    target = Loops()
    with way(target):
        begin = busy()
        target.take(loop, count, 1)
    took = busy() - begin
    target.end()
    return took


# These ways are measured with each hook of the module.
OURS = {
    "another process is watched": (turns, another(Loops)),
    "-c": (turns, brkwatch("-c", "-o", "t")),
    "counters, no latencies": (turns, reader("-c")),
    "16 sessions, each -c": (turns, many(16, "-c", "-o", "/dev/null")),
    # The ring has to hold all events of all loops.
    "into the ring, reader asleep": (few_turns, brkwatch(*LARGE, "-o", "t", asleep=True)),
    "ring alone, reader asleep": (few_turns, reader("-l", "-b", "67108864")),
    "ring with askers, reader asleep": (few_turns, reader("-a", "-l", "-b", "67108864")),
    "-w FILE, reader's work included": (longer, brkwatch(*LARGE, "-w", "w")),
    "text to a file, work included": (whole, brkwatch(*LARGE, "-o", "t")),
    "--json to a file, work included": (whole, brkwatch(*LARGE, "--json", "-o", "t")),
    # The module gives no askers to a reader without privilege. Such a reader cannot write root's files.
    "-w without askers, included": (longer, brkwatch(*LARGE, "-w", "user-w", prefix=AS_USER)),
    "text without askers, included": (whole, brkwatch(*LARGE, "-o", "user-t", prefix=AS_USER)),
    "--json without askers, included": (whole, brkwatch(*LARGE, "--json", "-o", "user-t", prefix=AS_USER)),
}

WAYS = {
    "nobody watches, module loaded": (turns, nothing),
    **OURS,
    "64 sessions, each -c": (few_turns, many(64, "-c", "-o", "/dev/null")),
    "1,000 watches, -c": (turns, among(Loops, 1000, "-c", "-o", "t"), crowd(Loops, 1000)),
    "-k -w FILE, reader's work included": (whole, brkwatch(*LARGE, "-k", "-w", "w")),
    "-k, text to a file, work included": (whole, brkwatch(*LARGE, "-k", "-o", "t")),
    **{f"direct: {name}": (measure, directly(way)) for name, (measure, way) in OURS.items()},
    "floor: empty kretprobe, skipped": (turns, floor(1)),
    "floor: empty kretprobe": (turns, floor(0)),
    "trace-cmd record, work included": (whole, trace_cmd),
    "perf record, work included": (whole, perf_record),
    "perf trace, work included": (whole, perf_trace),
    "bpftrace kprobe + kretprobe, included": (whole, bpftrace("kprobe:__x64_sys_{}", "kretprobe:__x64_sys_{}")),
    "bpftrace tracepoints, included": (whole, bpftrace("tracepoint:syscalls:sys_enter_{}",
                                                       "tracepoint:syscalls:sys_exit_{}")),
    "strace -o FILE -e brk,mmap,munmap": (few_turns, strace()),
    "strace -k -o FILE": (once, strace("-k")),
}


def measured(measure, way, alone=nothing):
    """(what a turn takes when watched, what it takes otherwise)"""
    if (measure, alone) not in WITHOUT:
        WITHOUT[measure, alone] = measure(alone)
    return measure(way), WITHOUT[measure, alone]


# Each loop's measurement without a watcher.
WITHOUT = {}


def main():
    begins = sys.argv[4:] or [""]
    os.chmod(".", 0o777)
    WITHOUT[turns, nothing] = turns(nothing)
    print(f"{'guest instructions':<40}" + "".join(f"{name:>13}" for name in NAMES))
    print(f"{'a turn, without':<40}" + "".join(f"{took:13.0f}" for took in WITHOUT[turns, nothing]))
    for name, way in WAYS.items():
        if not name.startswith(tuple(begins)):
            continue
        try:
            added = [took - without for took, without in zip(*measured(*way))]
        except FileNotFoundError as missing:
            print(f"{name:<40}  not there: {missing.filename}", flush=True)
            continue
        print(f"{name:<40}" + "".join(f"{more:+13.0f}" for more in added), flush=True)


main()
