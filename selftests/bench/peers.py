#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""peers.py DOCUMENT: the figures of its tables in which another tool takes less than brkwatch does
for the same purpose."""

import re
import sys

TRACERS = ("perf trace", "bpftrace kprobe + kretprobe", "bpftrace tracepoints", "strace -o FILE -e brk,mmap,munmap",
           "strace -f", "strace -f --seccomp-bpf")
RECORDERS = ("trace-cmd record", "perf record")
# What a user could take instead, by the beginning of a line, which ends at a comma.
PEERS = {
    "-w FILE": RECORDERS,
    "text to a file": TRACERS,
    "--json to a file": TRACERS,
    "-k": ("strace -k -o FILE",),
    "brkwatch -c -f": TRACERS,
    "brkwatch -w FILE -f": RECORDERS,
    "brkwatch -f": TRACERS,
    "brkwatch --json -f": TRACERS,
}
NOT_WATCHED = "getppid"
RELEASE = re.compile(r" {4}(\w+), \d{4}-\d\d-\d\d, ")
HEAD = re.compile(r" {4}(?:million )?guest instructions {2,}(\S.*)")
ROW = re.compile(r" {4}(\S.*?) +((?:[+-]?\d[\d.]*(?: +\+[\d.]+%)? *)+)")


def tables(lines):
    """Yields (release, columns, {beginning of a line: figures}) for each table of calls or programs."""
    release, columns, rows = None, None, {}
    for line in [*lines, ""]:
        if match := RELEASE.match(line):
            release = match[1]
        elif match := HEAD.fullmatch(line):
            columns, rows = re.split(" {2,}", match[1]), {}
        elif columns and (match := ROW.fullmatch(line)):
            rows.setdefault(match[1].split(", ")[0], re.sub(r"\S+%", "", match[2]).split())
        elif columns and not line.strip():
            yield release, columns, rows
            columns = None


def cheaper(lines):
    """Yields two lines for each of ours and a peer's: their names, and the figures."""
    for release, columns, rows in tables(lines):
        for name, ours in rows.items():
            for peer in PEERS.get(name.removeprefix("direct: "), ()):
                less = [f"{column} {theirs} < {own}" for column, own, theirs in zip(columns, ours, rows.get(peer, ()))
                        if float(theirs) < float(own) and column != NOT_WATCHED]
                if less:
                    yield f"{release:<10}{name}: {peer}"
                    yield f"{'':<10}{', '.join(less)}"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        print("\n".join(cheaper(file.read().splitlines())))


if __name__ == "__main__":
    main()
