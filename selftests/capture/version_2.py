# SPDX-License-Identifier: GPL-2.0
"""Captures of version 2 of the format, and what the tool reads out of them; "record" makes both.

v2.pcap is a run of kinds.c with its children and stacks, v2-map.pcap one look at a process that was there before.
The others are real programs, python3 and two that are static. All have what the tool read in /proc and in files.
"""

import json
import os
import re
import tempfile

from replay import HERE, contents, read

# A file beside this one: (capture, options of the tool).
OUTPUTS = {"v2.txt": ("v2", ()), "v2.summary": ("v2", ("-c", "--per-process")), "v2.json": ("v2", ("--json",)),
           "v2-totals.json": ("v2", ("-c", "--json")), "v2-map.txt": ("v2-map", ("--map", "--all")),
           "v2-map.json": ("v2-map", ("--map", "--json"))}
# The captures of real programs: origins that each has, if only as a guess, and whether glibc's malloc is at work.
PROGRAMS = {"v2-python": ({"malloc", "thread arena", "thread stack", "loader", "obmalloc"}, True),
            "v2-musl": ({"musl malloc"}, False), "v2-go": ({"Go runtime"}, False)}
for program in PROGRAMS:
    OUTPUTS |= {f"{program}.txt": (program, ("--normalize",)), f"{program}.summary": (program, ("-c", "--normalize")),
                f"{program}-map.json": (program, ("--map", "--json", "--normalize"))}
# What only glibc's malloc makes, and what only that can be changed by.
OF_GLIBC = {"malloc", "thread arena"}
REMEDY = re.compile(r"malloc_trim|mallopt|MALLOC_|glibc|M_[A-Z]+_")
# What kinds.c meets, so that a capture that is made anew has all of it, too.
EVENTS = {"start", "process", "brk", "mmap", "munmap", "mremap", "mprotect", "pkey_mprotect", "madvise", "shmat",
          "shmdt", "clone", "exec", "exit", "fault", "snapshot", "mark", "lost"}
REFUSALS = {"RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_MEMLOCK", "occupied", "out_of_reach", "unknown"}
ORIGINS = {"loader", "malloc", "thread arena", "thread stack", "the program"}
GUESSES = {"heap", "thread arena", "thread stack"}


def stored(name):
    return contents(f"{HERE}/{name}").decode().splitlines()


def parsed(lines):
    """Objects of --json, without what says which tool wrote them."""
    objects = list(map(json.loads, lines))
    for line in objects:
        if line["event"] == "start":
            del line["version"], line["schema"]
    return objects


def keeps(old, new):
    """Whether all that there was is still there; keys may be added."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(key in new and keeps(old[key], new[key]) for key in old)
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(keeps, old, new))
    return old == new


def same():
    """files of version 2 give the same text as ever, and JSON with the same keys and values at least"""
    for name, (sample, options) in OUTPUTS.items():
        status, lines, said = read(f"{HERE}/{sample}.pcap", *options)
        assert (status, said) == (0, []), (name, status, said)
        wanted = stored(name)
        assert len(lines) == len(wanted), (name, len(lines), len(wanted))
        if name.endswith(".json"):
            lines, wanted = parsed(lines), parsed(wanted)
        differ = [pair for pair in zip(wanted, lines) if not keeps(*pair)]
        assert not differ, (name, differ[0])


def copied():
    """a copy of a file of version 2, which a tool of today writes, gives the same output"""
    with tempfile.TemporaryDirectory() as folder:
        for name, (sample, options) in OUTPUTS.items():
            assert read(f"{HERE}/{sample}.pcap", "-w", f"{folder}/f")[0] == 0, name
            assert read(f"{folder}/f", *options) == read(f"{HERE}/{sample}.pcap", *options), name


def with_stacks():
    """--json -k adds a stack to each call of a file of version 2, and changes nothing else"""
    status, lines, said = read(f"{HERE}/v2.pcap", "--json", "-k")
    assert (status, said) == (0, []), (status, said)
    objects, called = parsed(lines), set()
    for line in objects:
        stack = line.pop("stack", None)
        line.pop("stack_end", None)
        assert bool(stack) == ("refusal" in line or line["event"] in ("clone", "fault")), line
        called |= {os.path.basename(stack[0]["path"] or "")} if stack else set()
    assert keeps(parsed(stored("v2.json")), objects)
    # Where the other frames are depends on the files of this machine.
    assert called >= {"kinds", "libc.so.6", "ld-linux-x86-64.so.2"}, called


def all_kinds():
    """the files of version 2 have each kind of event, refusal, origin and fact"""
    objects, totals, ranges = (parsed(stored(name)) for name in ("v2.json", "v2-totals.json", "v2-map.json"))
    for wanted, found in ((EVENTS, {line["event"] for line in objects}),
                          (REFUSALS, {reason["what"] for line in objects for reason in line.get("refusal") or ()}),
                          (ORIGINS, {line.get("origin") for line in objects}),
                          ({"off", "filter"}, {line.get("seccomp") for line in objects})):
        assert wanted <= found, wanted - found
    # Nothing could be read of a process that had ended.
    assert any(line["executable"] and line["cgroup"] for line in objects if line["event"] == "process")
    first, *others = totals[-1]["processes"]
    assert "arenas" in first["verdicts"] and "filter" in {process["seccomp"] for process in others}, totals[-1]
    (space,) = [line for line in ranges if line["event"] == "map"]
    assert GUESSES <= {line["origin_guess"] for line in space["ranges"]}, space
    assert {"[stack]", "[vdso]", None} <= {line["path"] for line in space["ranges"]}, space
    assert any(line["resident"] for line in space["ranges"]), space


def real_programs():
    """captures of real programs have the origins of their allocators, and glibc is named only where it is at work"""
    for sample, (wanted, is_glibc) in PROGRAMS.items():
        status, lines, said = read(f"{HERE}/{sample}.pcap", "--json")
        assert (status, said) == (0, []), (sample, status, said)
        certain, guessed = ({line[key].split(" (")[0] for line in parsed(lines) if line.get(key)}
                            for key in ("origin", "origin_guess"))
        assert wanted <= certain | guessed, (sample, certain, guessed)
        summary = "\n".join(stored(f"{sample}.summary"))
        assert is_glibc or not (OF_GLIBC & certain or REMEDY.search(summary)), (sample, certain, summary)


def write():
    for name, (sample, options) in OUTPUTS.items():
        status, lines, said = read(f"{HERE}/{sample}.pcap", *options)
        assert (status, said) == (0, []), (name, status, said)
        with open(f"{HERE}/{name}", "w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in lines)


TESTS = (same, copied, with_stacks, all_kinds, real_programs)
