#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Figures of the same thing agree with each other, with another account of the same calls, and
with /proc/PID/smaps.

After random sequences, bytes mapped and added by mremap less bytes unmapped are the bytes still
mapped: in -c, in JSON, in --html, and in the kernel's account, address by address.
"""

import json
import os
import re
import signal
import subprocess
import time

from account import COUNTED, Account, of_map, of_page, of_smaps, side_by_side, sums
from checked import SEQUENCES, main
from harness import Program, brkwatch, contents, equal, holds, test

SEEDS = range(1, 25)
HUGE = int(re.search(r"^Hugepagesize: +(\d+) kB$", contents("/proc/meminfo"), re.M)[1]) << 10
# The two sides may name these differently: the program's own memory, and mappings of /dev/zero.
SAME = {("zero", "file"), ("zero", "shared"), ("zero", "data"), ("file", "data"), ("private", "data")}


def is_stopped(pid):
    return contents(f"/proc/{pid}/stat").rpartition(")")[2].split()[0] == "T"


def is_told(mark):
    with open("capture", "rb") as file:
        return mark.encode() in file.read()


def settle(program, pid):
    """Waits for two marks, because a snapshot arrives before the drain after the one that wanted it."""
    for mark in ("first mark", "second mark"):
        equal(brkwatch("--mark", mark, "-p", str(pid)), (0, "", ""))
        while not is_told(mark):
            holds(program.poll() is None, "the run ended early")
            time.sleep(0.02)


def child_of(pid):
    """Returns the one child that runs the program by now, or None."""
    children = contents(f"/proc/{pid}/task/{pid}/children").split()
    return next((int(child) for child in children if contents(f"/proc/{child}/comm") == "sequences\n"), None)


def held(*arguments):
    """Captures a run that stops at its end; returns its smaps, and VmData."""
    program = Program(["brkwatch", "-q", "-w", "capture", "-o", "text", "--", SEQUENCES, *map(str, arguments), "--hold"],
                      stdout=subprocess.DEVNULL)
    pid = None
    while not pid or not is_stopped(pid):
        holds(program.poll() is None, "the run ended early")
        time.sleep(0.02)
        pid = pid or child_of(program.pid)
    settle(program, pid)
    there = of_smaps(contents(f"/proc/{pid}/smaps"))
    data = int(re.search(r"^VmData:\s+(\d+) kB$", contents(f"/proc/{pid}/status"), re.M)[1]) << 10
    os.kill(pid, signal.SIGCONT)
    equal(program.wait(), 0)
    return there, data


def shown(*options):
    status, _, said = brkwatch("--read", "capture", *options, "-o", "shown")
    equal((status, said), (0, ""))
    return contents("shown").splitlines()


def account():
    """Returns the process of the capture in JSON, after comparing -c with it."""
    process = json.loads(shown("-c", "--json")[-1])["processes"][0]
    text = "\n".join(shown("-c", "--bytes"))
    anonymous, heap = process["anonymous"], process["heap"]
    more = f", by mremap {anonymous['mremap_bytes']} bytes" if anonymous["mremap_bytes"] else ""
    grown = f"; grown down at least {anonymous['grown_down_bytes']} bytes" if anonymous["grown_down_bytes"] else ""
    holds(f"anonymous: mapped {anonymous['mapped_bytes']} bytes{more}, unmapped {anonymous['unmapped_bytes']} bytes, "
          f"still mapped {anonymous['still_mapped_bytes']} bytes{grown}\n" in text, anonymous, text)
    holds(f"grown {heap['grown_bytes']} bytes, shrunk {heap['shrunk_bytes']} bytes\n" in text, heap, text)
    equal(process["calls"]["mremap"]["bytes"], anonymous["mremap_bytes"])
    equal(process["got"]["mmap_bytes"] + process["got"]["reserved_bytes"],
          anonymous["mapped_bytes"] + anonymous["mremap_bytes"])
    return process


def differences(there, drawn):
    """Returns where a view differs from the kernel, and the bytes from page faults that it does not show.

    Segments may be missing, because shmat(2) does not report their size.
    """
    wrong, unseen = [], 0
    for start, end, kernel, view in side_by_side(there, drawn):
        if (kernel, view) == ("down", None):
            unseen += end - start
        elif kernel not in (view, "segment") and (kernel, view) not in SAME:
            wrong.append((hex(start), hex(end), kernel, view))
    return wrong, unseen


def of_calls(there):
    """Sums what the other account has still mapped, what page faults added, and what exec mapped."""
    calls, found, wrong = Account(HUGE), {"still": 0, "grown": 0, "exec": 0}, []
    for line in shown("--json"):
        calls.book(json.loads(line))
    for start, end, kernel, mine in side_by_side(there, calls.spans):
        if mine in COUNTED and kernel in (mine, "zero" if mine == "shared" else mine):
            found["still"] += end - start
        elif kernel == "down" and not mine:
            found["grown"] += end - start
        elif kernel == "private" and not mine:
            found["exec"] += end - start
        # A failed call may have unmapped a doubtful range.
        elif (mine in COUNTED or kernel in COUNTED and mine != "heap") and not calls.is_doubtful(start):
            wrong.append((hex(start), hex(end), kernel, mine))
    equal(wrong, [])
    return found


def alone(*arguments):
    """Repeats the run with -c alone, which prints the kernel's own figures."""
    equal(brkwatch("-q", "-c", "--json", "-o", "alone", "--", SEQUENCES, *map(str, arguments))[0], 0)
    return json.loads(contents("alone").splitlines()[-1])["processes"][0]


def check(seed, of_exec):
    arguments = ("--seed", seed, "--sequences", 4, "--children", 0)
    there, data = held(*arguments)
    process, drawn = account(), of_map(shown("--map"))
    anonymous = process["anonymous"]
    still = anonymous["still_mapped_bytes"]
    equal(process["data"]["end_bytes"], data)
    equal(anonymous["mapped_bytes"] + anonymous["mremap_bytes"] - anonymous["unmapped_bytes"], still)
    found = of_calls(there)
    # Only a snapshot shows what page faults added, and there may be none since.
    unseen = found.pop("grown") - anonymous["grown_down_bytes"]
    equal(found, {"still": still, "exec": of_exec})
    equal(differences(there, drawn), ([], unseen))
    status, _, said = brkwatch("--read", "capture", "--html", "page", "-o", "text")
    equal((status, said), (0, ""))
    boxes, mapped = of_page(contents("page"))
    equal((differences(there, boxes), mapped), (([], unseen), still))
    equal(sums(boxes)["huge"], sums(drawn)["huge"])
    kernels = alone(*arguments)["anonymous"]
    equal(kernels["mapped_bytes"], anonymous["mapped_bytes"])
    holds(kernels["mremap_bytes"] in (None, anonymous["mremap_bytes"]), kernels, anonymous)
    return kernels["mremap_bytes"]


@test
def agree():
    """each figure of random sequences agrees with the others, with another account and with the kernel's"""
    there, _ = held("--sequences", 0)
    of_exec = of_calls(there)["exec"]
    told = []
    for seed in SEEDS:
        try:
            told.append(check(seed, of_exec))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    print(f"# by mremap, as the kernel counted it: {told}")
    holds(sum(bytes is not None and bytes > 0 for bytes in told) > len(told) / 2, told)


@test
def a_wrapper():
    """under a wrapper all lines of a block begin with the watch"""
    equal(brkwatch("-q", "-w", "capture", "-o", "text", "--", "bash", "-c",
                   "x=$(printf '%0200000d' 1); exec true")[0], 0)
    heap = json.loads(shown("-c", "--json")[-1])["processes"][0]["heap"]
    holds(heap["grown_bytes"] > 135168, heap)
    holds(heap["peak_bytes"] >= heap["grown_bytes"] - heap["shrunk_bytes"] - heap["end_bytes"], heap)
    holds(heap["peak_bytes"] > heap["end_bytes"], heap)


main(1800)
