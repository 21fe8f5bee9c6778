#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Situations that people ask about: what the tool says of each, beside what is known of it."""

import collections
import json
import os
import re
import subprocess

from harness import (HERE, Target, bare, brkwatch, contents, equal, events, holds, main, setting, sized, test)

PROGRAM = f"{HERE}/situations"
SANITIZED = f"{HERE}/situations-asan"
MIB = 1 << 20
PAGE = 4096
# glibc makes so much of a new thread arena readable and writable.
ARENA_BEGIN = 132 << 10
MALLOC = {"malloc", "heap", "malloc mmap"}
# The program moves its break by so much.
MOVE = 64 << 10
# Where AddressSanitizer has the shadow of the byte at 0 on x86-64; a byte of it stands for eight.
SHADOW = 0x7fff8000
# What is right for the memory at each of these addresses.
RIGHT = {"own": {"the program"}, "block": MALLOC, "stack0": {"thread stack"}, "arena0": {"thread arena"}}


def ranges_of(path):
    (space,) = [line for line in events(path) if line["event"] == "map"]
    return space["ranges"]


def ended(way, program=PROGRAM):
    """What the program says, and the ranges at its exit."""
    status, out, _ = brkwatch("--map", "--json", "-o", "m", program, way)
    equal(status, 0)
    return json.loads(out), ranges_of("m")


def attached(way):
    """What the program says, the ranges that the tool finds later, and the kernel's own list of them."""
    target = Target(PROGRAM, way)
    facts = json.loads(target.stdout.readline())
    equal(brkwatch("--map", "--json", "-o", "m", "-p", str(target.pid))[0], 0)
    mappings = []
    for line in contents(f"/proc/{target.pid}/maps").splitlines():
        place, _, _, _, _, *path = line.split(None, 5)
        mappings.append((*(int(address, 16) for address in place.split("-")), path[0] if path else None))
    target.end()
    return facts, ranges_of("m"), mappings


def calls(way, *options, program=PROGRAM):
    """What the program says, and its events."""
    status, out, _ = brkwatch("--json", *options, "-o", "j", program, way)
    equal(status, 0)
    return json.loads(out), events("j")


def summary(way, live=(), replay=()):
    """The totals from a capture, which has the events."""
    equal(brkwatch("-c", "--json", "-w", "c", *live, "-o", "j", PROGRAM, way)[0], 0)
    equal(brkwatch("-c", "--json", *replay, "-o", "k", "--read", "c")[0], 0)
    (process,) = events("k")[-1]["processes"]
    return process


def start(one):
    return int(one["start"], 16)


def end(one):
    return int(one["end"], 16)


def start_of_heap(event):
    return int(event["heap_start"], 16)


def at(ranges, address):
    """The range at an address."""
    found = [one for one in ranges if start(one) <= address < end(one)]
    equal((hex(address), len(found)), (hex(address), 1))
    return found[0]


@test
def arenas():
    """six threads that each use 100 bytes: six arenas, by what is committed, and how to have fewer"""
    facts, ranges = ended("arenas")
    found = [one for one in ranges if one["origin"] == "thread arena"]
    equal(len({start(one) // (64 * MIB) for one in found}), 6)
    equal(sum(one["committed"] for one in found), 6 * ARENA_BEGIN)
    for number in range(6):
        equal(at(ranges, facts[f"arena{number}"])["origin"], "thread arena")
        equal(at(ranges, facts[f"stack{number}"])["origin"], "thread stack")
    process = summary("arenas")
    (told,) = [sentence for name, sentence in process["verdicts"].items() if name == "arenas"]
    holds(" 6 heaps" in told and "MALLOC_ARENA_MAX" in told and "glibc.malloc.arena_max" in told, told)
    equal([part["bytes"] for part in process["committed_by"] if part["origin"] == "thread arena"],
          [6 * ARENA_BEGIN])


@test
def reserved():
    """4 GiB reserved, 128 MiB of it committed: the program's both, counted apart, and nothing of malloc's"""
    facts, ranges = ended("reserved")
    used, rest = (at(ranges, facts["place"] + offset) for offset in (0, 128 * MIB))
    equal([(one["origin"], one["prot"], one["bytes"], one["committed"]) for one in (used, rest)],
          [("the program", "rw-", 128 * MIB, 128 * MIB), ("the program", "---", (4096 - 128) * MIB, 0)])
    process = summary("reserved")
    equal([part["bytes"] for part in process["committed_by"] if part["origin"] == "the program"], [128 * MIB])
    holds(0 <= process["reserved_bytes"] - (4096 - 128) * MIB < MIB, process["reserved_bytes"])
    equal([name for name in process["verdicts"] if name != "growing"], [])


@test
def unjoined():
    """twelve threads that ended and that nobody joins: twelve stacks, in full"""
    _, ranges = ended("unjoined")
    stacks = [one for one in ranges if one["origin"] == "thread stack"]
    # A thread gives a part of its stack back before it ends.
    equal(sum(one["bytes"] for one in stacks if one["prot"] == "rw-"), 12 * 8 * MIB)
    equal(sum(one["bytes"] for one in stacks if one["prot"] == "---"), 12 * PAGE)


@test
def array():
    """a static array of 96 MiB: the kernel made it at exec, and no call"""
    facts, ranges = ended("array")
    # The first page may be one of the file.
    found = at(ranges, facts["table"] + PAGE)
    equal((found["origin"], found["kind"], found["prot"]), ("kernel at exec", "private", "rw-"))
    holds(end(found) >= facts["table"] + facts["bytes"], found, facts)
    _, found = calls("array")
    holds(sum(event["length"] for event in found if event.get("anonymous")) < 2 * MIB, found)


@test
def recursion():
    """deep recursion: the stack is as large as it is now, though no call made it so"""
    facts, ranges, mappings = attached("recursion")
    found = at(ranges, facts["deep"])
    equal(found, at(ranges, facts["shallow"]))
    equal((found["kind"], found["path"]), ("grows-down", "[stack]"))
    holds(found["bytes"] > 5 * MIB, found)
    equal([(start(found), end(found))], [mapping[:2] for mapping in mappings if mapping[2] == "[stack]"])


@test
def shared():
    """shared memory, with a file and without: both are listed, and neither is private"""
    facts, ranges = ended("shared")
    found = at(ranges, facts["anonymous"])
    equal((found["kind"], found["bytes"], start(found)), ("shared", 64 * MIB, facts["anonymous"]))
    facts, ranges, _ = attached("shared")
    found = at(ranges, facts["file"])
    equal((found["kind"], found["bytes"], found["path"]), ("file", 32 * MIB, "/memfd:pool (deleted)"))


@test
def threshold():
    """1 MiB by mmap, and after a free 8 MiB by brk: all of it is malloc's, and no verdict is wrong"""
    _, found = calls("threshold")
    mapped = [event for event in found if event.get("anonymous") and event["length"] > MIB]
    grown = [event for event in found if event.get("kind") == "grow"]
    equal([event["origin"] in MALLOC for event in mapped], [True])
    holds(8 * MIB <= sum(event["delta"] for event in grown) < 9 * MIB, grown)
    equal({event["origin"] in MALLOC for event in grown}, {True})
    # Whether memory grows is a question of time.
    equal([name for name in summary("threshold")["verdicts"] if name != "growing"], [])


def uncovered(ranges, mapping):
    """The ranges in place of a mapping, if they are not the same."""
    first, last, path = mapping
    parts = [one for one in ranges if start(one) < last and end(one) > first]
    # The heap is memory of the set, which has an origin and no path.
    same = path in ("", None, "[heap]") or {one["path"] for one in parts} == {path}
    covers = same and sum(min(end(one), last) - max(start(one), first) for one in parts) == last - first
    return [] if covers else [(mapping, parts)]


@test
def large():
    """--map -p of a process that is large already: no mapping is left out, what only looks so is a guess"""
    facts, ranges, mappings = attached("large")
    equal([found for mapping in mappings for found in uncovered(ranges, mapping)], [])
    found = at(ranges, facts["heap"])
    equal((found["origin"], found["origin_guess"], found["path"]), (None, "heap", None))
    holds(found["bytes"] >= 399 * (100 << 10), found)
    private = [one for one in ranges if one["kind"] == "private"]
    equal([one for one in private if one["origin"]], [])
    # The kernel joins neighbours, and then nothing shows what a part of them is.
    large_ones = [at(ranges, facts[name]) for name in ("block", "own")]
    equal([one["origin_guess"] for one in large_ones], [None, None])
    for number in range(4):
        equal(at(ranges, facts[f"arena{number}"])["origin_guess"], "thread arena")
        stack = at(ranges, facts[f"stack{number}"])
        equal(stack["origin_guess"], None if stack in large_ones else "thread stack")


def covers(event, address):
    """Whether a call mapped this address."""
    return event["event"] == "mmap" and event["result"] and \
        int(event["result"], 16) <= address < int(event["result"], 16) + event["length"]


def asked(program):
    """What the program says, its events, and which of them mapped each of its addresses."""
    status, out, _ = brkwatch("-w", "c", "-o", "t", program, "asked")
    equal(status, 0)
    equal(brkwatch("--read", "c", "--json", "-o", "j")[0], 0)
    facts, found = json.loads(out), events("j")
    # An earlier call may have mapped something else there.
    return facts, found, {name: max(number for number, event in enumerate(found) if covers(event, facts[name]))
                          for name in RIGHT}


@test
def certain():
    """each way to ask for memory has its origin, which is certain"""
    facts, found, made = asked(PROGRAM)
    for name, number in made.items():
        holds(found[number]["origin"] in RIGHT[name], name, found[number])
    grown = [event["origin"] for event in found if event.get("kind") == "grow"]
    equal((grown.count("the program"), set(grown)), (1, {"malloc", "the program"}))


def may_be(event, facts, own):
    """Which origins may be certain of a 32-bit call. C libraries make theirs in [vdso], the loader does not."""
    if event["time_ns"] < own["time_ns"]:
        return {"loader"}
    if event["event"] == "brk":
        return {"the program"} if int(event["requested"], 16) == facts["by_itself"] else set()
    return set().union(*(right for name, right in RIGHT.items() if covers(event, facts[name])))


def not_certain():
    facts, found, made = asked(f"{PROGRAM}-32")
    wrong = [event for event in found if event.get("origin") and
             event["origin"] not in may_be(event, facts, found[made["own"]])]
    equal(wrong, [])
    for number in made.values():
        holds(found[number]["origin"] or found[number]["origin_guess"], found[number])
    grown = [event for event in found if event.get("kind") == "grow"]
    own = [event for event in grown if int(event["after"], 16) == facts["by_itself"]]
    equal([(event["origin"], event["origin_guess"]) for event in own], [("the program", None)])
    equal({(event["origin"], event["origin_guess"]) for event in grown if event not in own}, {(None, "heap")})
    # The lines of several threads begin with their numbers.
    told = re.findall(r"^.*\bbrk\(0x[0-9a-f]+\) = 0x[0-9a-f]+  # (.*?): \+", contents("t"), re.M)
    equal(collections.Counter(told), {"heap?": len(grown) - 1, "the program": 1})
    equal(brkwatch("-c", "--json", "-o", "k", "--read", "c")[0], 0)
    (process,) = events("k")[-1]["processes"]
    holds({part["origin"] for part in process["committed_by"]} <= {None, "kernel at exec", "loader", "program heap"},
          process["committed_by"])
    # Whether memory grows is a question of time.
    equal([name for name in process["verdicts"] if name != "growing"], [])
    facts, ranges = ended("asked", f"{PROGRAM}-32")
    for name, right in RIGHT.items():
        holds(at(ranges, facts[name])["origin"] in right | {None}, name, at(ranges, facts[name]))


@test
def certain_32():
    """a program of 32 bits: no origin is certain and wrong, and that of brk is heap?, also without [vdso]"""
    not_certain()
    if os.path.exists("/proc/sys/abi/vsyscall32"):
        with setting("abi", vsyscall32=0):
            not_certain()


@test
def compat():
    """a heap of 32 bits: exact, and because its calls go through [vdso], whose it is is a guess"""
    facts, found = calls("heap", program=f"{PROGRAM}-32")
    grown = [event for event in found if event.get("kind") == "grow"]
    holds(all(event["compat"] for event in grown), grown)
    equal(sum(event["delta"] for event in grown), facts["moved"])
    holds(facts["moved"] >= 400 * (100 << 10), facts)
    equal({(event["origin"], event["origin_guess"]) for event in grown}, {(None, "heap")})
    _, ranges = ended("heap", f"{PROGRAM}-32")
    found = [one for one in ranges if one["origin_guess"] == "heap"]
    equal((sum(one["bytes"] for one in found), {one["origin"] for one in found}), (facts["moved"], {None}))


def sanitizer():
    """The name of the library that asks for the shadow, as the kernel has it."""
    listed = subprocess.run(["ldd", SANITIZED], stdout=subprocess.PIPE, text=True, check=True).stdout
    return os.path.basename(os.path.realpath(re.search(r"^\s*libasan\S* => (\S+)", listed, re.M)[1]))


@test
def shadow():
    """AddressSanitizer's shadow of 15 TB is memory that the sanitizer's library got, not the loader"""
    # LeakSanitizer would trace the program, which the tool does already.
    status, out, _ = brkwatch("--map", "--json", "-o", "m", "-E", "ASAN_OPTIONS=detect_leaks=0", SANITIZED, "array")
    equal(status, 0)
    found = at(ranges_of("m"), (json.loads(out)["table"] >> 3) + SHADOW)
    equal((found["kind"], found["prot"], found["origin"]), ("private", "rw-", sanitizer()))


@test
def no_shadow():
    """vm.overcommit_memory=2 forbids that shadow: who asked, why it was refused, and no part of what was granted"""
    with setting("vm", overcommit_ratio=100, overcommit_memory=2):
        limit = int(re.search(r"^CommitLimit:\s+(\d+) kB$", contents("/proc/meminfo"), re.M)[1]) << 10
        status, _, said = brkwatch("-c", "--bytes", "-w", "c", "-o", "s", SANITIZED, "array")
    own = re.search(r"failed to allocate 0x[0-9a-f]+ \((\d+)\) bytes at address ([0-9a-f]+) \(errno: 12\)", said)
    holds(status and own, status, said)
    size = int(own[1])
    equal(brkwatch("--read", "c", "--json", "-o", "j")[0], 0)
    found = [event for event in events("j") if event["event"] == "mmap"]
    (event,) = [event for event in found if event["error"] and event["length"] == size]
    equal((event["error"], int(event["addr"], 16)), ("ENOMEM", int(own[2], 16)))
    equal((event["origin"], event["origin_guess"]), (sanitizer(), None))
    (reason,) = event["refusal"]
    equal((reason["what"], reason.get("guess")), ("overcommit", None))
    holds(0 < reason["limit"] <= limit and 0 < reason["would_be"] - size < limit, reason, limit, size)
    equal(brkwatch("--read", "c", "-o", "t")[0], 0)
    holds(f" failed, ENOMEM: the overcommit limit is {sized(reason['limit'])}, this would make "
          f"{sized(reason['would_be'])}" in contents("t"), reason, contents("t"))
    granted = max(-(-event["length"] // PAGE) * PAGE for event in found if event["anonymous"] and not event["error"])
    row = re.search(r"^call +calls +failures +size +largest granted$(?s:.*?)^  anonymous +\d+ +- +\d+ +(\d+)$",
                    bare(contents("s")), re.M)
    equal(int(row[1]), granted)
    equal(brkwatch("-c", "--json", "-o", "k", "--read", "c")[0], 0)
    (process,) = events("k")[-1]["processes"]
    equal(process["calls"]["mmap_anonymous"]["largest"], granted)
    failed = collections.Counter(event["error"] for event in found if event["error"])
    equal({entry["error"]: entry["calls"] for entry in process["refusals"] if entry["call"] == "mmap"}, failed)
    # Whether memory grows is a question of time.
    equal([name for name in process["verdicts"] if name != "growing"], [])


@test
def displaced():
    """PR_SET_MM moves the heap, then sbrk: refused, moved by something else, and grown by what brk moved it"""
    status, out, _ = brkwatch("-w", "c", "-o", "t", PROGRAM, "displaced")
    equal(status, 0)
    facts = json.loads(out)
    equal(brkwatch("--read", "c", "--json", "-o", "j")[0], 0)
    *found, losses = events("j")
    equal(losses, {"event": "lost", "ring": 0, "probe": 0, "watch": 0, "socket": 0})
    moves = [event for event in found if event["event"] == "brk" and start_of_heap(event) == facts["start"]]
    equal([(move["kind"], int(move["requested"], 16), int(move["after"], 16), move["delta"]) for move in moves],
          [("refused", facts["too_low"], facts["end"], 0), ("grow", facts["now"], facts["now"], MOVE)])
    equal([reason["what"] for reason in moves[0]["refusal"]], ["out_of_reach"])
    # A refused call brings fewer words of the stack, which may not reach up to the caller.
    holds((moves[0]["origin"], moves[0]["origin_guess"]) in (("the program", None), (None, "heap")), moves[0])
    equal((moves[1]["origin"], moves[1]["origin_guess"]), ("the program", None))
    noted = [line for line in contents("t").splitlines() if "the heap moved by something else" in line]
    equal(len(noted), 1)
    holds(re.fullmatch(rf" *[\d.]+ brk\(0x{facts['too_low']:x}\) = 0x{facts['end']:x}  # (the program|heap\?): refused: "
                       r".*, kept: heap 512 KiB, the heap moved by something else than brk", noted[0]), noted[0])
    equal(brkwatch("--map", "-o", "m", PROGRAM, "displaced")[0], 0)
    # Only the kernel's figures, and those with events beside them.
    for options in ((), ("-w", "d")):
        equal(brkwatch("-c", "--json", "-o", "k", *options, PROGRAM, "displaced")[0], 0)
        (process,) = events("k")[-1]["processes"]
        equal((process["heap"]["grown_bytes"], process["heap"]["shrunk_bytes"]), (2 * MOVE, 0))
        equal(process["calls"]["brk"]["largest"], MOVE)
    equal(brkwatch("-c", "-o", "s", "--read", "d")[0], 0)
    holds("; grown 128 KiB, shrunk 0 bytes\n" in contents("s"), contents("s"))
    holds(not [name for name in ("t", "m", "s") if re.search(r"events (were )?lost|lost\)", contents(name))],
          contents("t"), contents("m"), contents("s"))


@test
def exhausted():
    """32 bits, and no addresses left: refused, and no limit is the reason"""
    facts, found = calls("exhausted", program=f"{PROGRAM}-32")
    large = [event for event in found if event["event"] == "mmap" and event["length"] >= 1500 * MIB]
    equal(sum(event["error"] is None for event in large), facts["blocks"])
    reasons = {reason["what"] for event in found for reason in event.get("refusal") or ()}
    holds("ENOMEM" in {event["error"] for event in large}, *large)
    holds(reasons and reasons <= {"occupied", "out_of_reach", "unknown"}, reasons)


@test
def doubled():
    """realloc from 1 to 64 MiB: six calls of mremap, one place, 64 MiB at the peak and nothing in the end"""
    _, found = calls("doubled")
    moved = [event for event in found if event["event"] == "mremap"]
    equal([event["new_length"] // MIB for event in moved], [2, 4, 8, 16, 32, 64])
    equal({event["origin"] in MALLOC for event in moved}, {True})
    sites = summary("doubled", ("-k", "--stack-bytes", "8K"), ("-k",))["sites"]
    peak = sum(site["peak_bytes"] for site in sites)
    holds(64 * MIB <= peak < 66 * MIB, *sites)
    # What stays is the loader's.
    holds(sum(site["held_bytes"] for site in sites) < MIB, *sites)


def refused(found):
    return [event for event in found if event.get("kind") == "refused"]


def replayed(way):
    """The lines of text of refused calls; a capture has the same text."""
    equal(brkwatch("-o", "t", "-w", "c", PROGRAM, way)[0], 0)
    equal(brkwatch("-o", "u", "--read", "c")[0], 0)
    equal(contents("u"), contents("t"))
    return [line for line in contents("t").splitlines() if " refused: " in line]


@test
def wall():
    """a page of the program right at the break: each refused call says so, and malloc maps"""
    facts, found = calls("wall")
    events_of_brk = refused(found)
    equal(len([event for event in events_of_brk if event["origin"] == "the program"]), facts["refused"])
    holds(len(events_of_brk) > facts["refused"], *events_of_brk)
    equal({(reason["what"], reason["limit"], reason["by"]) for event in events_of_brk for reason in event["refusal"]},
          {("occupied", 0, "the program")})
    mapped = [event for event in found if event.get("anonymous") and event["origin"] in MALLOC]
    holds(mapped, *found)
    lines = replayed("wall")
    equal(len([line for line in lines if " a mapping begins at the break (the program); asked " in line]), len(lines))
    equal(len(lines), len(events_of_brk))


@test
def files():
    """a page of a file above the break: the name of the file, if it is code"""
    _, found = calls("files")
    wanted = {"what": "occupied", "limit": 2 * PAGE, "would_be": 3 * PAGE}
    equal([event["refusal"] for event in refused(found)],
          [[{**wanted, "by": None}], [{**wanted, "by": "file situations"}]])
    said = [line.split(" refused: ")[1].split("; ")[0] for line in replayed("files")]
    equal(said, [f"a mapping begins 12 KiB above the break{by}" for by in ("", " (file situations)")])
    equal(brkwatch("--normalize", "-o", "n", PROGRAM, "files")[0], 0)
    holds(" refused: a mapping is in the way (file situations); asked " in contents("n"), contents("n"))


main()
