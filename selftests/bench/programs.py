#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What whole programs cost under the observers that start them, in guest instructions; see run.

	programs.py SOURCE [WAY...]

true(1) shows the cost of the start; the compiler of SOURCE shows the cost of many calls.
Each figure contains all work until the observer has ended, and is the median of three. A small
table comes first, with what "brkwatch -c true" takes more than true. With WAY the other table has
only the lines that begin with it, and does not come if none does.
"""

import contextlib
import statistics
import subprocess
import sys

from clock import busy
from observers import CALLS, events, hook, session

PROGRAMS = {"true": ["true"], "gcc -O2 -c": ["gcc", "-O2", "-c", "-o", "x.o", sys.argv[1]]}
TRACED = [argument for event in events("syscalls:sys_") for argument in ("-e", event)]
COUNTED = ["brkwatch", "-c", "-f", "-o", "t"]

WAYS = {
    "alone": [],
    "brkwatch -c -f": COUNTED,
    "brkwatch -c -f, a session is open": COUNTED,
    "direct: brkwatch -c -f": COUNTED,
    "direct: -c -f, a session is open": COUNTED,
    "brkwatch -w FILE -f": ["brkwatch", "--strict", "-w", "w", "-f"],
    "brkwatch -f": ["brkwatch", "--strict", "-f", "-o", "t"],
    "brkwatch --json -f": ["brkwatch", "--strict", "--json", "-f", "-o", "t"],
    "strace -f": ["strace", "-f", "-o", "s", "-e", ",".join(CALLS)],
    "strace -f --seccomp-bpf": ["strace", "-f", "--seccomp-bpf", "-o", "s", "-e", ",".join(CALLS)],
    "perf record": ["perf", "record", "-q", "-o", "p", "-e", ",".join(events("syscalls:sys_"))],
    "perf trace": ["perf", "trace", "-o", "p", "-e", ",".join(CALLS)],
    "trace-cmd record": ["trace-cmd", "record", "-q", "-F", "-c", "-o", "c", *TRACED],
}


@contextlib.contextmanager
def circumstances(way):
    """What the line's name says besides the observer."""
    with contextlib.ExitStack() as stack:
        if way.startswith("direct: "):
            stack.enter_context(hook("direct"))
        if way.endswith(", a session is open"):
            stack.enter_context(session())
        yield


def took(argv):
    begin = busy()
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return busy() - begin


def median(argv):
    took(argv)
    return statistics.median(took(argv) for _ in range(3))


def starts():
    """What a session takes, from its beginning to its end, of a program that ends at once."""
    print(f"{'million guest instructions more':<40}{'kprobe':>13}{'direct':>13}")
    alone = median(["true"])
    for line, is_open in (("first session of -c true", False), ("-c true, a session is open", True)):
        figures = ""
        for name in ("kprobe", "direct"):
            with hook(name), session() if is_open else contextlib.nullcontext():
                figures += f"{(median(['brkwatch', '-c', '-o', 't', 'true']) - alone) / 1e6:13.1f}"
        print(f"{line:<40}{figures}", flush=True)


def main():
    begins = tuple(sys.argv[2:]) or ("",)
    starts()
    if not any(way.startswith(begins) for way in WAYS):
        return
    print(f"\n{'million guest instructions':<40}" + "".join(f"{name:>24}" for name in PROGRAMS))
    alone = {}
    for way, before in WAYS.items():
        if way != "alone" and not way.startswith(begins):
            continue
        line = f"{way:<40}"
        for name, argv in PROGRAMS.items():
            try:
                with circumstances(way):
                    figure = median(before + argv)
            except FileNotFoundError as missing:
                line = f"{way:<40}  not there: {missing.filename}"
                break
            more = figure / alone.setdefault(name, figure) - 1
            line += f"{figure / 1e6:13.1f}" + (f"{more:+11.1%}" if before else " " * 11)
        print(line.rstrip(), flush=True)


main()
