#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What a watched call costs, in a guest whose clock counts instructions; see run.

Prints a table: a line for each way to watch, a column for each loop of loops.c, the
guest instructions that one turn takes more than without.
"""

import contextlib
import os
import re
import signal
import statistics
import subprocess
import sys
import time

LOOPS = ("brk(0)", "brk-move", "mmap+munmap", "getppid")
TURNS, BATCHES = 1000, 21
# With the reader's work among it.
MANY = 40000


class Loops(subprocess.Popen):
    """The measured program."""

    def __init__(self):
        super().__init__([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def take(self, loop, turns, batches):
        self.stdin.write(f"{loop} {turns} {batches}\n".encode())
        return float(self.stdout.readline())

    def end(self):
        self.stdin.close()
        self.wait()


@contextlib.contextmanager
def reader(target, *args, asleep=False):
    """brkwatch -p, at work."""
    with subprocess.Popen(["brkwatch", *args, "-p", str(target.pid)], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as process:
        if not process.stderr.readline().startswith(b"brkwatch: watching"):
            sys.exit(f"brkwatch {' '.join(args)}: does not watch")
        if asleep:
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        yield
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read().decode()
        if process.wait() or "lost " in said and "lost 0 " not in said:
            sys.exit(said)


@contextlib.contextmanager
def strace(target, *args):
    """strace -f -p, at work."""
    with subprocess.Popen(["strace", "-f", "-o", "s", *args, "-p", str(target.pid)], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as process:
        process.stderr.readline()
        yield
        process.send_signal(signal.SIGINT)
        process.wait()


@contextlib.contextmanager
def nothing(_):
    yield


@contextlib.contextmanager
def another(_):
    """The module is at work for some other process."""
    other = Loops()
    with reader(other, "-c", "-o", "t"):
        yield
    other.end()


# Strict: a loss, which would be less work, is an error.
LARGE = ("--strict", "--buffer", "64M")


def turns(way, batches=BATCHES):
    """What a turn takes in each loop, as the program sees it."""
    target = Loops()
    with way(target):
        took = [target.take(loop, TURNS, batches) for loop in LOOPS]
    target.end()
    return took


def whole(way):
    """The same with all that follows, to the end of the reader."""
    until_end(way, LOOPS[0], 1)
    return [statistics.median((until_end(way, loop, MANY) - until_end(way, loop, 1)) / (MANY - 1)
                              for _ in range(3)) for loop in LOOPS]


def idle():
    """How long the CPU has had nothing to do: this is no work of anybody."""
    with open("/proc/timer_list", encoding="ascii") as file:
        return sum(int(ns) for ns in re.findall(r"(?:idle|iowait)_sleeptime +: (\d+)", file.read()))


def until_end(way, loop, count):
    target = Loops()
    with way(target):
        begin = time.monotonic_ns() - idle()
        target.take(loop, count, 1)
    took = time.monotonic_ns() - idle() - begin
    target.end()
    return took


def brkwatch(*args, **how):
    return lambda target: reader(target, *args, **how)


WAYS = {
    "nobody watches, module loaded": (turns, nothing),
    "another process is watched": (turns, another),
    "-c": (turns, brkwatch("-c", "-o", "t")),
    "into the ring, reader asleep": (turns, brkwatch(*LARGE, "-o", "t", asleep=True)),
    "-w FILE, reader's work included": (whole, brkwatch(*LARGE, "-w", "w")),
    "text to a file, work included": (whole, brkwatch(*LARGE, "-o", "t")),
    "--json to a file, work included": (whole, brkwatch(*LARGE, "--json", "-o", "t")),
    "strace -o FILE -e brk,mmap,munmap": (lambda way: turns(way, 3),
                                          lambda target: strace(target, "-e", "brk,mmap,munmap")),
}


def main():
    without = {turns: turns(nothing), whole: whole(nothing)}
    print(f"{'guest instructions':<40}" + "".join(f"{loop:>13}" for loop in LOOPS))
    print(f"{'a turn, without':<40}" + "".join(f"{took:13.0f}" for took in without[turns]))
    for name, (measure, way) in WAYS.items():
        added = [took - base for took, base in zip(measure(way), without.get(measure, without[turns]))]
        print(f"{name:<40}" + "".join(f"{more:+13.0f}" for more in added), flush=True)


main()
