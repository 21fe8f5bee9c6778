#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Figures that tell of the same thing agree: with each other, and with the kernel's own."""

import json
import os
import re
import signal
import subprocess
import time

from checked import SEQUENCES, main
from harness import Program, brkwatch, contents, equal, holds, test

MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) .*/anon_hugepage")
EDGE = re.compile(r" *(0x[0-9a-f]+) \+-+\+")
LABEL = re.compile(r" +\| (.*?)\?? *\|$")
SEEDS = range(1, 17)


def of_map(lines, name):
    """Bytes that --map draws with labels that end so."""
    total, edges, label = 0, [], None
    for line in lines:
        edge, box = EDGE.match(line), LABEL.match(line)
        if box:
            label = box[1]
        elif edge:
            edges.append(int(edge[1], 16))
            if (label or "").endswith(name):
                total += edges[-2] - edges[-1]
            label = None
    return total


def is_stopped(pid):
    return contents(f"/proc/{pid}/stat").rpartition(")")[2].split()[0] == "T"


def held(*arguments):
    """A capture of a run that stands still at its end: its bytes in huge pages, and VmData."""
    program = Program(["brkwatch", "-q", "-w", "capture", "-o", "text", "--", SEQUENCES, *map(str, arguments), "--hold"],
                      stdout=subprocess.DEVNULL)
    pid = None
    while not pid or not is_stopped(pid):
        holds(program.poll() is None, "the run ended early")
        time.sleep(0.02)
        pid = pid or child_of(program.pid)
    huge = sum(int(end, 16) - int(start, 16) for start, end in MAPPING.findall(contents(f"/proc/{pid}/maps")))
    data = int(re.search(r"^VmData:\s+(\d+) kB$", contents(f"/proc/{pid}/status"), re.M)[1]) << 10
    os.kill(pid, signal.SIGCONT)
    equal(program.wait(), 0)
    return huge, data


def child_of(pid):
    """The one child that runs the program by now, or None."""
    children = contents(f"/proc/{pid}/task/{pid}/children").split()
    return next((int(child) for child in children if contents(f"/proc/{child}/comm") == "sequences\n"), None)


def shown(*options):
    status, _, said = brkwatch("--read", "capture", *options, "-o", "shown")
    equal((status, said), (0, ""))
    return contents("shown").splitlines()


def account():
    """The process of the capture in JSON, after a look at whether -c tells the same."""
    process = json.loads(shown("-c", "--json")[-1])["processes"][0]
    text = "\n".join(shown("-c", "--bytes"))
    anonymous, heap = process["anonymous"], process["heap"]
    more = f", by mremap {anonymous['mremap_bytes']} bytes" if anonymous["mremap_bytes"] else ""
    holds(f"anonymous: mapped {anonymous['mapped_bytes']} bytes{more}, unmapped {anonymous['unmapped_bytes']} bytes, "
          f"still mapped {anonymous['still_mapped_bytes']} bytes\n" in text, anonymous, text)
    holds(f"grown {heap['grown_bytes']} bytes, shrunk {heap['shrunk_bytes']} bytes\n" in text, heap, text)
    return process


@test
def agree():
    """after random sequences -c tells what JSON tells, and both the kernel's VmData and huge pages"""
    for seed in SEEDS:
        huge, data = held("--seed", seed, "--sequences", 4, "--children", 0)
        process = account()
        equal((seed, process["data"]["end_bytes"]), (seed, data))
        equal((seed, of_map(shown("--map"), "huge pages")), (seed, huge))


@test
def a_wrapper():
    """under a wrapper all lines of a block begin with the watch"""
    equal(brkwatch("-q", "-w", "capture", "-o", "text", "--", "bash", "-c",
                   "x=$(printf '%0200000d' 1); exec true")[0], 0)
    heap = json.loads(shown("-c", "--json")[-1])["processes"][0]["heap"]
    holds(heap["grown_bytes"] > 135168, heap)
    holds(heap["peak_bytes"] >= heap["grown_bytes"] - heap["shrunk_bytes"] - heap["end_bytes"], heap)
    holds(heap["peak_bytes"] > heap["end_bytes"], heap)


main(600)
