# SPDX-License-Identifier: GPL-2.0
"""Captures of version 2 of the format, and what the tool reads out of them; "record" makes both.

v2.pcap is a run of kinds.c with its children and stacks, v2-map.pcap one look at a process that was there before.
Both have what the tool read in /proc and in files.
"""

from replay import HERE, read

# A file beside this one: (capture, options of the tool).
OUTPUTS = {"v2.txt": ("v2", ()), "v2.summary": ("v2", ("-c", "--per-process")), "v2.json": ("v2", ("--json",)),
           "v2-totals.json": ("v2", ("-c", "--json")), "v2-map.txt": ("v2-map", ("--map", "--all")),
           "v2-map.json": ("v2-map", ("--map", "--json"))}


def write():
    for name, (sample, options) in OUTPUTS.items():
        status, lines, said = read(f"{HERE}/{sample}.pcap", *options)
        assert (status, said) == (0, []), (name, status, said)
        with open(f"{HERE}/{name}", "w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in lines)
