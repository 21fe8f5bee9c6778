#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""How many events are lost at default settings when a program makes only calls.

	lost.py LOOPS

A line for each way to watch, a column for each loop: the events of
all turns, and how many of these were lost. Run it with one CPU, and with two.
"""

import contextlib
import json
import os
import re
import subprocess
import sys

TURNS = 200000
NAMES = ("brk(0)", "brk-move", "mmap+munmap", "malloc")
WAYS = {"-c": ("-c", "-o", "t"), "-w FILE": ("-w", "w"), "text": ("-o", "t"), "--json": ("--json", "-o", "t")}
LAST = re.compile(r"(?m)^events (\d+)(?: besides calls)?, lost (?:at least )?(\d+) \(")


def made(said):
    """(events, lost) as the tool reports them at its end."""
    if found := LAST.search(said):
        return int(found[1]), int(found[2])
    lines = said.splitlines()
    losses = json.loads(lines[-1])
    return len(lines) - 1, sum(value for key, value in losses.items() if key != "event")


def watched(options, loop):
    with contextlib.suppress(FileNotFoundError):
        os.unlink("t")
    with subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as target:
        with subprocess.Popen(["brkwatch", *options, "-p", str(target.pid)], stderr=subprocess.PIPE, text=True) as tool:
            tool.stderr.readline()
            # A turn of malloc makes 7 calls.
            target.stdin.write(f"{loop} {TURNS // 10 if loop == 'malloc' else TURNS} 1\n".encode())
            target.stdout.readline()
            target.stdin.close()
            said = tool.stderr.read()
    if os.path.exists("t"):
        with open("t", encoding="utf-8") as file:
            said += file.read()
    return made(said)


def main():
    print(f"{'events, lost':<16}" + "".join(f"{name:>20}" for name in NAMES))
    for name, options in WAYS.items():
        line = f"{name:<16}"
        for loop in NAMES:
            events, lost = watched(options, loop)
            line += f"{events:12}{lost:8}"
        print(line, flush=True)


main()
