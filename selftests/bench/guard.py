#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""guard.py DOCUMENT RELEASE TABLE: do measured figures equal the document's?

With kretprobes the script compares the cost that we add to an empty one of the same boot, and with
direct calls the whole cost. It accepts 5 %, or five instructions. A lower figure fails too, because
the document must then be updated. Askers have a limit of their own: what they add to a call that
goes into the ring.
"""

import re
import sys

FLOOR = "floor: empty kretprobe"
SKIPPED = "floor: empty kretprobe, skipped"
# Which part of a figure is not ours.
WAYS = {
    "another process is watched": SKIPPED,
    "-c": FLOOR,
    "counters, no latencies": FLOOR,
    "into the ring, reader asleep": FLOOR,
    "direct: another process is watched": None,
    "direct: -c": None,
    "direct: counters, no latencies": None,
    "direct: into the ring, reader asleep": None,
}
# The other loops allocate, and their cost differs by some per cent from boot to boot.
LOOP, COLUMN = "brk(0)", 0
TOLERANCE, FEW = 0.05, 5
ALONE, ASKERS = "ring alone, reader asleep", "ring with askers, reader asleep"
ASKERS_MOST = 70


def figures(lines):
    """{way: [figure of each loop that was measured]}"""
    found = {}
    for line in lines:
        match = re.match(r" *(\S.*?) +((?:[+-]\d+ *)+)$", line)
        if match:
            found[match.group(1)] = [int(figure) for figure in match.group(2).split()]
    return found


def section(lines, release):
    """The lines of the document about a release."""
    begin = next(i for i, line in enumerate(lines) if line.strip().startswith(f"{release}, "))
    end = next((i for i in range(begin, len(lines)) if not lines[i].strip()), len(lines))
    return lines[begin:end]


def ours(table, way):
    """What we add to the floor, or None if the table lacks a figure."""
    floor = WAYS[way]
    if way not in table or floor and floor not in table:
        return None
    return table[way][COLUMN] - (table[floor][COLUMN] if floor else 0)


def judge(way, written, measured):
    """Prints what a way costs. Returns whether it is what the document says."""
    was, now = ours(written, way), ours(measured, way)
    good = None not in (was, now) and abs(now - was) <= max(TOLERANCE * was, FEW)
    print(f"# {way}, {LOOP}: {now}{' above the floor' if WAYS[way] else ''}, written {was}"
          f"{'' if good else f', more than {TOLERANCE:.0%} and {FEW} instructions off'}")
    return good


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        written = figures(section(file.read().splitlines(), sys.argv[2]))
    with open(sys.argv[3], encoding="utf-8") as file:
        measured = figures(file.read().splitlines())
    bad = not all([judge(way, written, measured) for way in WAYS])
    alone, asked = measured[ALONE][COLUMN], measured[ASKERS][COLUMN]
    over = asked - alone > ASKERS_MOST
    bad |= over
    print(f"# {ASKERS}, {LOOP}: {asked}, ring alone: {alone}, so askers add {asked - alone}, "
          f"{'more than' if over else 'at most'} {ASKERS_MOST}")
    sys.exit(bad)


if __name__ == "__main__":
    main()
