#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""How much memory the tool takes, after few events and after many: readers.py LOOPS"""

import subprocess
import sys

FEW, MANY = 100000, 10000000
WAYS = {"-c": ("-c", "-o", "/dev/null"), "-w": ("-w", "/dev/null"), "text": ("-o", "/dev/null")}


def peak(options, turns):
    """The largest resident size in KiB."""
    with subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as target:
        # A small program starts the tool, so that the tool does not inherit this program's peak.
        tool = subprocess.Popen(["time", "-f", "%M", "-o", "peak", "brkwatch", *options, "-p", str(target.pid)],
                                stderr=subprocess.PIPE)
        tool.stderr.readline()
        target.stdin.write(f"brk(0) {turns} 1\n".encode())
        target.stdout.readline()
        target.stdin.close()
        tool.wait()
    with open("peak", encoding="ascii") as file:
        return int(file.read())


def main():
    print(f"{'the tool, KiB resident at most':<40}{f'{FEW:,} events':>20}{f'{MANY:,} events':>20}")
    for name, options in WAYS.items():
        print(f"{name:<40}{peak(options, FEW):20}{peak(options, MANY):20}", flush=True)


main()
