#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Files right above the break: a refused brk names the file whose mapping is in the way, if that is certain."""

import json

from harness import HERE, Target, Watcher, brkwatch, contents, equal, events, main, test

PROGRAM = f"{HERE}/above"
LIBRARY = "libabove.so"
PAGE = 4096


def reasons(lines):
    """What stood in the way of each refused brk."""
    return [event["refusal"] for event in lines if event.get("event") == "brk" and event["kind"] == "refused"]


def occupied(pages, by):
    return [{"what": "occupied", "limit": (pages - 1) * PAGE, "would_be": pages * PAGE, "by": by}]


# The headers, the code behind the hole where they were, and another file in that hole.
LOADED = [occupied(3, LIBRARY), occupied(4, LIBRARY), occupied(3, None)]


@test
def loaded():
    """a library that the loader has mapped: its headers, then its code; not what came in place of them"""
    equal(brkwatch("--json", "-o", "j", PROGRAM, "loaded"), (0, "\n", ""))
    equal(reasons(events("j")), LOADED)


@test
def sentences():
    """the same in text, without figures in text for comparison, and from a capture"""
    equal(brkwatch("-o", "t", "-w", "c", PROGRAM, "loaded")[0], 0)
    said = [line.split(" refused: ")[1].split("; ")[0] for line in contents("t").splitlines() if " refused: " in line]
    equal(said, [f"a mapping begins 12 KiB above the break ({LIBRARY})",
                 f"a mapping begins 16 KiB above the break ({LIBRARY})", "a mapping begins 12 KiB above the break"])
    equal(brkwatch("-o", "u", "--read", "c")[0], 0)
    equal(contents("u"), contents("t"))
    equal(brkwatch("--normalize", "-o", "n", "--read", "c")[0], 0)
    equal(contents("n").count(f" refused: a mapping is in the way ({LIBRARY}); asked "), 2)


@test
def mixed():
    """headers of one file below code of another are no part of that other file"""
    equal(brkwatch("--json", "-o", "j", PROGRAM, "mixed"), (0, "\n", ""))
    equal(reasons(events("j")), [occupied(3, None)])


@test
def attached():
    """a library that was mapped before the tool came, from the tool's first event on"""
    target = Target(PROGRAM, "loaded")
    equal(target.stdout.readline(), b"\n")
    watcher = Watcher("--json", "-p", target.pid)
    target.tell("")
    while json.loads(watcher.line()).get("event") != "mmap":
        pass
    equal(target.end(), 0)
    status, lines = watcher.end()
    equal(status, 0)
    equal(reasons(map(json.loads, lines)), LOADED)


main()
