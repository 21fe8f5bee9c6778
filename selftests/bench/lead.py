#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""lead.py DOCUMENT: whether the first and the last table of the document agree with the others."""

import re
import sys

from guard import COLUMN, figures, section
from peers import cheaper

RELEASES = ("bookworm", "trixie")
# Rows with two figures; the later tables have five.
ROW = re.compile(r" {4}(\S(?:(?! [+-]\d).)*?) +([+-]\d+) +([+-]\d+)")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = file.read().splitlines()
    later = [figures(section(lines, release)) for release in RELEASES]
    lead = [match for line in lines if (match := ROW.fullmatch(line))]
    wrong = [match[0] for match in lead
             if [int(match[2]), int(match[3])] != [way[match[1]][COLUMN] for way in later]]
    less = [f"    {line}" for line in cheaper(lines)]
    if lines[-len(less) - 1:] != ["", *less]:
        wrong.append("the last table is not that of peers.py; see: selftests/bench/run --peers")
    print("\n".join(wrong))
    sys.exit(bool(wrong) or not lead)


main()
