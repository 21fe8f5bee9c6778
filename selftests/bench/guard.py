#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""guard.py DOCUMENT RELEASE TABLE: do measured figures equal the document's?

The script compares the cost that we add to an empty kretprobe of the same boot, and accepts
5 %. A lower figure fails too, because the document must then be updated. Askers have a limit of
their own: what they add to a call that goes into the ring.
"""

import re
import sys

FLOOR = "floor: empty kretprobe"
WAYS = ("-c", "into the ring, reader asleep")
# The other loops allocate, and their cost differs by some per cent from boot to boot.
LOOP, COLUMN = "brk(0)", 0
TOLERANCE = 0.05
ALONE, ASKERS = "ring alone, reader asleep", "ring with askers, reader asleep"
ASKERS_MOST = 70


def figures(lines):
    """{way: [figure of each loop]}"""
    found = {}
    for line in lines:
        match = re.match(r" *(\S.*?) +((?:[+-]\d+ *){5})$", line)
        if match:
            found[match.group(1)] = [int(figure) for figure in match.group(2).split()]
    return found


def section(lines, release):
    """The lines of the document about a release."""
    begin = next(i for i, line in enumerate(lines) if line.strip().startswith(f"{release}, "))
    end = next((i for i in range(begin, len(lines)) if not lines[i].strip()), len(lines))
    return lines[begin:end]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        written = figures(section(file.read().splitlines(), sys.argv[2]))
    with open(sys.argv[3], encoding="utf-8") as file:
        measured = figures(file.read().splitlines())
    bad = False
    for way in WAYS:
        was = written[way][COLUMN] - written[FLOOR][COLUMN]
        now = measured[way][COLUMN] - measured[FLOOR][COLUMN]
        off = abs(now - was) > TOLERANCE * was
        bad |= off
        print(f"# {way}, {LOOP}: {now} above the floor, written {was}{', more than 5 % off' if off else ''}")
    alone, asked = measured[ALONE][COLUMN], measured[ASKERS][COLUMN]
    over = asked - alone > ASKERS_MOST
    bad |= over
    print(f"# {ASKERS}, {LOOP}: {asked}, ring alone: {alone}, so askers add {asked - alone}, "
          f"{'more than' if over else 'at most'} {ASKERS_MOST}")
    sys.exit(bad)


if __name__ == "__main__":
    main()
