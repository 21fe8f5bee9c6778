#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The verdicts of -c: each where it holds, and not in a case that is close to it."""

import os
import re
import signal

from harness import (HERE, Target, Watcher, brkwatch, contents, document, equal, events, holds, main, test)

PROGRAM = f"{HERE}/verdicts"

# A way to use memory (see verdicts.c), its only verdict, and figures in the verdict's sentence.
WAYS = [
    ("freed", "freed but not returned", r"brk trimmed nothing$"),
    ("returned", None, None),
    ("trim-refused", "freed but not returned", r"^brk was .* refused 1 time, .* brk trimmed nothing$"),
    ("grow-refused", None, None),
    ("threads", "arenas", r"^for 4 threads malloc holds 256 MiB of addresses, 4 heaps of 64 MiB;"),
    ("one-arena", None, None),
    ("churn", "mmap churn", r"^19\d of 20\d anonymous mappings of 1024 KiB and more,"),
    ("once", None, None),
    ("grow", "growing", r" rose in each quarter of the run, from \d+ KiB to 4\d\d\d KiB$"),
    ("level", None, None),
]


def verdicts(text):
    return dict(re.findall(r"^verdict:   ([^:]*): (.*)$", text, re.M))


def judged(way, name, sentence):
    def judge():
        equal(brkwatch("-c", "-o", "t", "-w", "c", PROGRAM, way)[0], 0)
        told = verdicts(contents("t"))
        equal(list(told), [name] if name else [])
        holds(not name or re.search(sentence, told[name]), told)
        # The same from a capture, and in the other form.
        equal(brkwatch("-c", "-o", "u", "--read", "c")[0], 0)
        equal(contents("u"), contents("t"))
        equal(brkwatch("-c", "--json", "-o", "j", "--read", "c")[0], 0)
        equal(events("j")[-1]["processes"][0]["verdicts"], told)
    judge.__doc__ = f"{way}: {name or 'no verdict'}, live and from a capture"
    return judge


for way_of in WAYS:
    test(judged(*way_of))


@test
def documented():
    """the man page lists the verdicts that these programs cause"""
    page = document("brkwatch.8.rst").split("\nVerdicts\n")[1].split("\nJSON\n")[0]
    equal(re.findall(r"^\*(.*)\*$", page, re.M), list(dict.fromkeys(name for _, name, _ in WAYS if name)))


def data_bytes(pid):
    """VmData in bytes, as the kernel has it."""
    return int(re.search(r"^VmData:\s+(\d+) kB$", contents(f"/proc/{pid}/status"), re.M)[1]) << 10


@test
def data():
    """-c: private memory at start, peak and end is the kernel's VmData"""
    target = Target()
    first = data_bytes(target.pid)
    watcher = Watcher("-c", "--json", "-o", "j", "-p", target.pid)
    seen = [first]
    for number in (20, 200, 50):
        target.do(number)
        seen.append(data_bytes(target.pid))
    os.kill(target.pid, signal.SIGKILL)
    equal(watcher.end()[0], 0)
    (process,) = events("j")[-1]["processes"]
    told = process["data"]
    equal((told["start_bytes"], told["end_bytes"]), (first, seen[-1]))
    holds(told["peak_bytes"] >= max(seen), told, seen)
    rate = (seen[-1] - first) * 1e9 / told["duration_ns"]
    holds(abs(told["bytes_per_second"] - rate) <= 1, told, rate)


@test
def no_call_in_the_ring():
    """-c: no call goes through the ring; of 2,000 the module makes one event, the end"""
    target = Target()
    watcher = Watcher("-c", "-o", "t", "-p", target.pid)
    own = target.do(2000)
    target.end()
    equal(watcher.end()[0], 0)
    text = contents("t")
    holds(f"brk {own['brk']} " in " ".join(text.split()), text)
    equal(text.splitlines()[-1].split(",")[0], "events 1 besides calls")


main()
