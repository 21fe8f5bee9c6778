#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Names that a process gives to its memory by PR_SET_VMA: --map shows what /proc/PID/smaps has, and believes none."""

import errno
import json
import re
import string

from harness import HERE, Skipped, Target, brkwatch, contents, equal, events, holds, main, test
from schema import fits

PROGRAM = f"{HERE}/names"
HEAD = re.compile(r"([0-9a-f]+)-([0-9a-f]+) [rwxsp-]{4} \S+ \S+ \S+ *(.*)")
# The kernel takes all that is printable but these.
TAKEN = set(string.printable[:95]) - set("\\`$[]")


def started(way):
    """The program, and what it says."""
    target = Target(PROGRAM, way)
    facts = json.loads(target.stdout.readline())
    holds(facts["error"] in (0, errno.EINVAL), facts)
    return target, facts


def is_given(name):
    return (name or "").startswith(("[anon:", "[anon_shmem:"))


def in_smaps(pid):
    """(first address, first one after, name) of each mapping that has such a name."""
    heads = filter(None, map(HEAD.fullmatch, contents(f"/proc/{pid}/smaps").splitlines()))
    return [(int(head[1], 16), int(head[2], 16), head[3]) for head in heads if is_given(head[3])]


def safe(name):
    """The name as the tool writes it."""
    return re.sub(r'[^ -~]|["\\]', lambda found: f"\\{ord(found[0]):03o}", name)


def shown(pid, *options):
    """What --map prints; a capture has the same."""
    equal(brkwatch("--map", *options, "-w", "c", "-o", "m", "-p", str(pid))[0], 0)
    equal(brkwatch("--map", *options, "--read", "c", "-o", "n")[0], 0)
    equal(contents("n"), contents("m"))
    return contents("m")


def ranges_of(pid):
    shown(pid, "--json")
    (space,) = [line for line in events("m") if line["event"] == "map"]
    holds(fits(space), space)
    return space["ranges"]


@test
def given():
    """names that a process gave: --map, its JSON and a capture have them as smaps has, and no origin rests on one"""
    target, facts = started("give")
    if facts["error"]:
        raise Skipped("the kernel has no CONFIG_ANON_VMA_NAME")
    wanted = in_smaps(target.pid)
    given_names = [name[:-1].split(":", 1) for _, _, name in wanted]
    equal({kind for kind, _ in given_names}, {"[anon", "[anon_shmem"})
    equal(set("".join(name for _, name in given_names)), TAKEN)
    holds(all(any(facts[kind] <= start and end <= facts[kind] + facts["bytes"] for kind in ("private", "shared"))
              for start, end, _ in wanted), facts, *wanted)
    named = [one for one in ranges_of(target.pid) if is_given(one["path"])]
    equal([(int(one["start"], 16), int(one["end"], 16), one["path"]) for one in named],
          [(start, end, safe(name)) for start, end, name in wanted])
    equal({(one["kind"], one["origin"]) for one in named}, {("private", None), ("file", None)})
    text = shown(target.pid)
    for start, end, name in wanted:
        holds(re.search(rf"^ *{start:#x}-{end:#x} .* {re.escape(safe(name))}$", text, re.M), name, text)
    equal(text.count("[anon"), len(wanted))


@test
def taken():
    """no names, or none any more: what they would divide is one range, and nothing has a name"""
    target, facts = started("take")
    equal(in_smaps(target.pid), [])
    ranges = ranges_of(target.pid)
    equal([one for one in ranges if is_given(one["path"])], [])
    first, after = facts["private"], facts["private"] + facts["bytes"]
    found = [one for one in ranges if int(one["start"], 16) <= first and int(one["end"], 16) >= after]
    equal(len(found), 1)
    holds("[anon" not in shown(target.pid), contents("m"))


main()
