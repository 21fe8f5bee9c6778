#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""guard.py DOCUMENT RELEASE TABLE: do measured figures equal the document's?

With kretprobes the script compares the cost that we add to an empty one of the same boot, and with
direct calls the whole cost. It accepts 5 %, or five instructions. A lower figure fails too, because
the document must then be updated. Some costs have a limit of their own: what askers add to a call that
goes into the ring, to text and to JSON, and a further session on the same process.
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
    "-w FILE, reader's work included": FLOOR,
    "text to a file, work included": FLOOR,
    "--json to a file, work included": FLOOR,
    "direct: another process is watched": None,
    "direct: -c": None,
    "direct: counters, no latencies": None,
    "direct: into the ring, reader asleep": None,
    "direct: -w FILE, reader's work included": None,
    "direct: text to a file, work included": None,
    "direct: --json to a file, work included": None,
}
# The other loops allocate, and their cost differs by some per cent from boot to boot.
LOOP, COLUMN = "brk(0)", 0
TOLERANCE, FEW = 0.05, 5
# The ways with askers and without them, and what askers add at most.
ASKERS = {
    "into the ring": ("ring with askers, reader asleep", "ring alone, reader asleep", 70),
    "as text": ("text to a file, work included", "text without askers, included", 400),
    "as JSON": ("--json to a file, work included", "--json without askers, included", 1500),
}
SESSIONS, FURTHER_MOST = 16, 80
START = "first session of -c true"


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
    end = next((i for i in range(begin + 1, len(lines)) if re.match(r" *[a-z-]+, \d{4}-|\.\. ", lines[i])), len(lines))
    return lines[begin:end]


def starts(lines):
    """What the first session takes with each hook, in millions."""
    found = next((line for line in lines if line.strip().startswith(START)), "")
    return [float(figure) for figure in re.findall(r"\d+\.\d", found)]


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


def judge_start(written, measured):
    """The same for the first session."""
    was, now = starts(written), starts(measured)
    good = len(was) == len(now) == 2 and all(abs(b - a) <= TOLERANCE * a for a, b in zip(was, now))
    print(f"# {START}, million instructions: {now}, written {was}{'' if good else f', more than {TOLERANCE:.0%} off'}")
    return good


def limit(what, cost, most):
    """Prints a cost that has a limit. Returns whether it keeps it."""
    print(f"# {what}, {LOOP}: {cost:.0f}, {'at most' if cost <= most else 'more than'} {most}")
    return cost <= most


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = section(file.read().splitlines(), sys.argv[2])
    with open(sys.argv[3], encoding="utf-8") as file:
        lines = file.read().splitlines()
    written, measured = figures(document), figures(lines)
    good = [judge(way, written, measured) for way in WAYS]
    good.append(judge_start(document, lines))
    for hook in ("", "direct: "):
        for where, (askers, alone, most) in ASKERS.items():
            added = measured[hook + askers][COLUMN] - measured[hook + alone][COLUMN]
            good.append(limit(f"{hook}what askers add {where}", added, most))
        many, one = (measured[hook + way][COLUMN] for way in (f"{SESSIONS} sessions, each -c", "-c"))
        good.append(limit(f"{hook}a further session", (many - one) / (SESSIONS - 1), FURTHER_MOST))
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
