#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What it takes to write a long capture as JSON: replay.py BRKWATCH...

A line for each tool, so that two builds can be compared in one run. valgrind counts the tool's own
instructions in a shorter capture, because it is some 50 times as slow as the CPU; what the tool's
start takes cancels out. The long capture shows time and memory. long-capture makes both, out of
calls of brk alone, so no module is needed.
"""

import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURE = (f"{HERE}/long-capture", f"{HERE}/../capture/v1.pcap")
FEW, MORE, MANY = 1000, 100000, 10000000
REPLAY = ("--read", "-", "--json", "-o")


def replay(before, tool, events, out):
    """What the commands BEFORE print on stderr about the tool."""
    with subprocess.Popen([*CAPTURE, str(events)], stdout=subprocess.PIPE) as capture:
        return subprocess.run([*before, tool, *REPLAY, out], stdin=capture.stdout, stderr=subprocess.PIPE,
                              check=True, text=True).stderr


def counted(tool, events, folder):
    """(instructions, lines written)"""
    said = replay(("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"), tool, events, f"{folder}/lines")
    with open(f"{folder}/lines", "rb") as file:
        return int(re.search(r"Collected : (\d+)", said)[1]), sum(1 for _ in file)


def main():
    print(f"{'captures as JSON':<40}{'instructions':>16}{f'{MANY:,} events':>20}{'KiB resident':>15}")
    print(f"{'':<40}{'an event':>16}{'user seconds':>20}{'at most':>15}")
    with tempfile.TemporaryDirectory() as folder:
        for tool in sys.argv[1:]:
            (few, short), (more, long) = (counted(tool, events, folder) for events in (FEW, MORE))
            # A small program starts the tool, so that the tool does not inherit this program's peak.
            seconds, peak = replay(("time", "-f", "%U %M"), tool, MANY, "/dev/null").split()[-2:]
            print(f"{tool:<40}{(more - few) / (long - short):16.0f}{seconds:>20}{peak:>15}", flush=True)


main()
