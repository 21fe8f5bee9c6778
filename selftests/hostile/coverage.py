#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Prints how much of a module's files was run: coverage.py MODULE PLACES FILE...

PLACES are offsets into the text, from kcov. The compiler puts a call into each basic block,
so the share of these calls that were made is the share of the code that was run.
"""

import re
import subprocess
import sys

CALL = "__sanitizer_cov_trace_pc"
# A smaller share would mean that the requests did not get into the module.
LEAST = 60
CALL_SIZE = 5


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.splitlines()


def calls(module):
    """Finds the return address of each call, because kcov records that address."""
    at, places = None, []
    for line in said("objdump", "-dr", "--no-show-raw-insn", "-j", ".text", module):
        if at and CALL in line and "R_X86_64" in line:
            places.append(at + CALL_SIZE)
        match = re.match(r" *([0-9a-f]+):\tcall", line)
        at = int(match.group(1), 16) if match else at if "R_X86_64" in line else None
    return places


def main():
    module, files = sys.argv[1], sys.argv[3:]
    with open(sys.argv[2], encoding="ascii") as file:
        run = {int(line, 16) for line in file}
    places = calls(module)
    lines = said("addr2line", "-j", ".text", "-e", module, *(hex(place - CALL_SIZE) for place in places))
    low = False
    for wanted in files:
        inside = [place for place, line in zip(places, lines)
                  if line.rpartition(":")[0].rpartition("/")[2] == wanted]
        reached = sum(place in run for place in inside)
        per_cent = 100 * reached // len(inside) if inside else 0
        print(f"# {wanted}: {reached} of {len(inside)} blocks, {per_cent} %")
        low |= per_cent < LEAST
    sys.exit(low)


main()
