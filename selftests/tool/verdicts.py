#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The verdicts of -c: each where it holds, and not in a case that is close to it."""

import os
import re
import signal
from collections import Counter

from harness import (HERE, Target, Watcher, brkwatch, contents, document, equal, events, holds, main, test)

PROGRAM = f"{HERE}/verdicts"

GROWING = (r" rose in each quarter of the run, from \d+ KiB to 4\d\d\d KiB; what malloc or another allocator "
           r"holds free inside it cannot be seen from outside; -k names the callers$")

# A way to use memory (see verdicts.c), its only verdict, and figures in the verdict's sentence.
WAYS = [
    ("freed", "freed but not returned", r"brk trimmed nothing; malloc_trim\(3\) .* M_TRIM_THRESHOLD "),
    ("returned", None, None),
    ("trim-refused", "freed but not returned", r"^brk was .* refused 1 time, .* brk trimmed nothing; "
                                               r"-k names the callers$"),
    ("grow-refused", None, None),
    ("threads", "arenas", r"^malloc has 4 heaps of arenas for threads, 256 MiB of addresses; "
                          r".* MALLOC_ARENA_MAX .* glibc\.malloc\.arena_max, "),
    ("one-arena", None, None),
    ("own-reservations", None, None),
    ("churn", "mmap churn", r"^19\d of 20\d anonymous mappings of 1024 KiB and more, .* just unmapped; "
                            r"malloc maps them: M_MMAP_THRESHOLD in mallopt\(3\) "),
    ("own-churn", "mmap churn", r"^19\d of 20\d anonymous mappings of 1024 KiB and more, .* just unmapped; "
                                r"(origin: the program; )?-k names the callers$"),
    ("once", None, None),
    ("grow", "growing", GROWING),
    # Nothing that the kernel can see differs from growth.
    ("fragments", "growing", GROWING),
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
def not_guessed():
    """-c alone: without events no sentence says whose memory it is; -k shows the callers instead"""
    for way in ("churn", "own-churn"):
        equal(brkwatch("-c", "-o", "t", PROGRAM, way)[0], 0)
        holds(verdicts(contents("t"))["mmap churn"].endswith(" just unmapped; -k names the callers"), contents("t"))
    equal(brkwatch("-c", "-o", "t", PROGRAM, "freed")[0], 0)
    holds(verdicts(contents("t"))["freed but not returned"].endswith("trimmed nothing; -k names the callers"),
          contents("t"))
    equal(brkwatch("-c", "-k", "-o", "t", PROGRAM, "grow")[0], 0)
    holds(verdicts(contents("t"))["growing"].endswith("; the callers are named below"), contents("t"))


def committed(process):
    """Committed bytes by origin, a guess with a question mark."""
    told = {}
    for part in process["committed_by"]:
        told[part["origin"] or f"{part['origin_guess'] or 'unknown'}?"] = part["bytes"]
    equal(len(told), len(process["committed_by"]))
    return told


@test
def reservations():
    """addresses that are reserved have a line of their own, and no share of the memory"""
    equal(brkwatch("-c", "-o", "t", PROGRAM, "own-reservations")[0], 0)
    text = contents("t")
    holds("\nreserved:  192 MiB of addresses (PROT_NONE) in all\n" in text, text)
    # A thread's stack is there besides.
    mapped = re.search(r"^got:       brk .*, mmap (\d+\.?\d*) MiB \(", text, re.M)
    holds(mapped and 12 <= float(mapped[1]) < 24, text)
    equal(brkwatch("-c", "--json", "-o", "j", "-w", "c", PROGRAM, "own-reservations")[0], 0)
    (process,) = events("j")[-1]["processes"]
    equal(brkwatch("-c", "-o", "t", "--read", "c")[0], 0)
    holds("\nreserved:  180 MiB of addresses (PROT_NONE)\n" in contents("t"), contents("t"))
    # In spite of its name it has what the program itself reserved.
    equal(process["served"]["arenas_bytes"] >> 20, 192)
    equal(process["got"]["reserved_bytes"], process["served"]["arenas_bytes"])
    # The guard page below the stack is reserved as well.
    holds(0 < process["reserved_bytes"] - (180 << 20) < 1 << 20, process["reserved_bytes"])
    holds(12 << 20 <= sum(committed(process).values()) < 24 << 20, process["committed_by"])


@test
def divided():
    """committed memory has the kernel's size, and stacks and arenas of threads have shares of their own"""
    equal(brkwatch("-c", "--json", "-o", "j", "-w", "c", PROGRAM, "threads")[0], 0)
    (process,) = events("j")[-1]["processes"]
    told = committed(process)
    # VmData has what programs may write of their files, too, and the most may be at another moment.
    holds(abs(process["data"]["peak_bytes"] - sum(told.values())) < 1 << 20, process["data"], told)
    equal(sum(size for name, size in told.items() if "arena" in name), 4 * 135168)
    holds(told["thread stack"] >= 4 << 20, told)
    equal(brkwatch("-c", "--bytes", "-o", "t", "--read", "c")[0], 0)
    line = re.search(r"^served:    (\d+) bytes at the peak: (.*)$", contents("t"), re.M)
    equal(int(line[1]), sum(told.values()))
    parts = Counter()
    for name, size in re.findall(r"([^,]+?) (\d+) bytes \(\d+\.\d %\)(?:, )?", line[2]):
        # The text has a part for each library.
        parts[re.sub(r"^(?:library|other libraries)(\??)(?: \(.*\))?$", r"library\1", name)] += int(size)
    equal(dict(parts), {name.replace("unknown?", "unknown"): size for name, size in told.items()})


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
