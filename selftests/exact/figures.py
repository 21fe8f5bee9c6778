#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Figures that tell of the same thing agree: with each other, and with /proc/PID/smaps.

What random sequences have mapped, less what they have unmapped, is what is still there: in
-c, in JSON, as the sum of --map, and as the kernel counts it, class by class.
"""

import collections
import json
import os
import re
import signal
import time

from checked import SEQUENCES, main, tests
from harness import Program, brkwatch, contents, equal, holds, test

MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+) *(.*)$")
EDGE = re.compile(r" *(0x[0-9a-f]+) \+-+\+")
LABEL = re.compile(r" +\| (.*?)\?? *\|$")
# By the labels of --map; all others are private anonymous memory.
CLASSES = {"files": "file", "stack": "stack", "growing down": "stack", "kernel's own": "special", "shared": "shared",
           "huge pages": "huge",
           "shared huge pages": "huge"}
# name, threads, seeds
ROWS = (("1 thread", 1, range(1, 13)), ("2 threads", 2, range(21, 25)), ("4 threads", 4, range(41, 45)))


def class_of(permissions, inode, path):
    if path.startswith("/anon_hugepage"):
        return "huge"
    if permissions[3] == "s" and path.startswith("/dev/zero"):
        return "shared"
    if path == "[stack]":
        return "stack"
    if path.startswith("[v"):
        return "special"
    return "file" if inode else "private"


def of_kernel(pid):
    """Bytes of each class in /proc/PID/smaps."""
    found = collections.Counter()
    with open(f"/proc/{pid}/smaps", encoding="utf-8") as file:
        for line in file:
            match = MAPPING.match(line)
            if match:
                found[class_of(match[3], int(match[4]), match[5])] += int(match[2], 16) - int(match[1], 16)
    return found


def of_map(lines):
    """Bytes of each class that --map draws."""
    found, edges, label = collections.Counter(), [], None
    for line in lines:
        edge, box = EDGE.match(line), LABEL.match(line)
        if box:
            label = box[1]
        elif edge:
            edges.append(int(edge[1], 16))
            if label:
                found[CLASSES.get(label, "private")] += edges[-2] - edges[-1]
            label = None
    return found


def is_stopped(pid):
    return contents(f"/proc/{pid}/stat").rpartition(")")[2].split()[0] == "T"


def held(*arguments):
    """A capture of a run of the program that stands still at its end, and its smaps then."""
    program = Program(["brkwatch", "-q", "-w", "capture", "-o", "text", "--", SEQUENCES, *map(str, arguments), "--hold"],
                      stdout=-1)
    pid = None
    while not pid or not is_stopped(pid):
        holds(program.poll() is None, "the run ended early")
        time.sleep(0.02)
        pid = pid or child_of(program.pid)
    there = of_kernel(pid)
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        data = int(re.search(r"^VmData:\s+(\d+) kB$", file.read(), re.M)[1]) << 10
    os.kill(pid, signal.SIGCONT)
    equal(program.wait(), 0)
    return there, data


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


def of_program(threads):
    """Private memory that exec has mapped: of a run without a sequence."""
    there, _ = held("--sequences", 0, "--threads", threads)
    return there["private"] - account()["anonymous"]["still_mapped_bytes"]


def agree(row):
    _, threads, seeds = row
    bss = of_program(threads)
    for seed in seeds:
        there, data = held("--seed", seed, "--sequences", 4, "--threads", threads, "--children", 0)
        process, drawn = account(), of_map(shown("--map"))
        print(f"# seed {seed}: {dict(there)}", flush=True)
        for name in set(there) - {"special"}:
            equal((seed, name, drawn[name]), (seed, name, there[name]))
        anonymous, heap = process["anonymous"], process["heap"]
        equal((seed, anonymous["mapped_bytes"] + anonymous["mremap_bytes"] - anonymous["unmapped_bytes"]),
              (seed, anonymous["still_mapped_bytes"]))
        pages = -(-heap["end_bytes"] // 4096) * 4096
        equal((seed, anonymous["still_mapped_bytes"]),
              (seed, there["private"] + there["shared"] + there["huge"] - bss - pages))
        equal((seed, process["data"]["end_bytes"]), (seed, data))


tests(ROWS, agree)


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
