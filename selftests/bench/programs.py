#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What whole programs cost under the observers that start them, in guest instructions; see run.

	programs.py SOURCE

true(1) shows the cost of the start; the compiler of SOURCE shows the cost of many calls.
Each figure contains all work until the observer has ended, and is the median of three.
"""

import statistics
import subprocess
import sys

from clock import busy
from observers import CALLS, events

PROGRAMS = {"true": ["true"], "gcc -O2 -c": ["gcc", "-O2", "-c", "-o", "x.o", sys.argv[1]]}
TRACED = [argument for event in events("syscalls:sys_") for argument in ("-e", event)]
WAYS = {
    "alone": [],
    "brkwatch -c -f": ["brkwatch", "-c", "-f", "-o", "t"],
    "brkwatch -w FILE -f": ["brkwatch", "--strict", "-w", "w", "-f"],
    "brkwatch -f": ["brkwatch", "--strict", "-f", "-o", "t"],
    "brkwatch --json -f": ["brkwatch", "--strict", "--json", "-f", "-o", "t"],
    "strace -f": ["strace", "-f", "-o", "s", "-e", ",".join(CALLS)],
    "strace -f --seccomp-bpf": ["strace", "-f", "--seccomp-bpf", "-o", "s", "-e", ",".join(CALLS)],
    "perf record": ["perf", "record", "-q", "-o", "p", "-e", ",".join(events("syscalls:sys_"))],
    "perf trace": ["perf", "trace", "-o", "p", "-e", ",".join(CALLS)],
    "trace-cmd record": ["trace-cmd", "record", "-q", "-F", "-c", "-o", "c", *TRACED],
}


def took(argv):
    begin = busy()
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return busy() - begin


def main():
    print(f"{'million guest instructions':<40}" + "".join(f"{name:>24}" for name in PROGRAMS))
    alone = {}
    for way, before in WAYS.items():
        line = f"{way:<40}"
        for name, argv in PROGRAMS.items():
            try:
                took(before + argv)
                figure = statistics.median(took(before + argv) for _ in range(3))
            except FileNotFoundError as missing:
                line = f"{way:<40}  not there: {missing.filename}"
                break
            more = figure / alone.setdefault(name, figure) - 1
            line += f"{figure / 1e6:13.1f}" + (f"{more:+11.1%}" if before else " " * 11)
        print(line.rstrip(), flush=True)


main()
