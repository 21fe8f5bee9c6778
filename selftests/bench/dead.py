#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""How much memory the tool takes when few processes have ended, and when many have: dead.py BRKWATCH

The tool reads captures that many-processes makes, so no module is needed.
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = f"{HERE}/../capture/v1.pcap"
FEW, MANY = 1000, 100000
WAYS = {"text": (), "--json": ("--json",), "-w": ("-w", "/dev/null"), "-c": ("-c",),
        "-c --per-process": ("-c", "--per-process"), "-c --json": ("-c", "--json")}


def peak(capture, options, folder):
    """The largest resident size in KiB."""
    # A small program starts the tool, so that the tool does not inherit this program's peak.
    subprocess.run(["time", "-f", "%M", "-o", f"{folder}/peak", sys.argv[1], "--read", capture, *options,
                    "-o", "/dev/null"], check=True)
    with open(f"{folder}/peak", encoding="ascii") as file:
        return int(file.read())


def main():
    with tempfile.TemporaryDirectory() as folder:
        for number in (FEW, MANY):
            with open(f"{folder}/{number}", "wb") as file:
                subprocess.run([f"{HERE}/many-processes", SAMPLE, str(number)], stdout=file, check=True)
        print(f"{'the tool, KiB resident at most':<32}{f'{FEW:,} ended':>16}{f'{MANY:,} ended':>18}{'bytes each':>14}")
        for name, options in WAYS.items():
            few, many = (peak(f"{folder}/{number}", options, folder) for number in (FEW, MANY))
            print(f"{name:<32}{few:16}{many:18}{round((many - few) * 1024 / (MANY - FEW)):14}", flush=True)


main()
