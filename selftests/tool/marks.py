#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Marks that a process sets itself or that others set, in order, in every view of events."""

import errno
import os
import re

from harness import (NONE_LOST, Target, Watcher, brkwatch, contents, equal, events, holds, main,
                     refuses, test)

LONGEST = 47
NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}


def put(pid, text, **how):
    equal(brkwatch("--mark", text, "-p", str(pid), **how), (0, "", ""))


def write(text):
    """The kernel's error for a write into the file; 0 when it was accepted."""
    file = os.open("/proc/brkwatch", os.O_WRONLY)
    try:
        return len(text) - os.write(file, text)
    except OSError as error:
        return error.errno
    finally:
        os.close(file)


def with_marks(target):
    """Marks of both kinds, each between two moves of the break."""
    put(target.pid, "first")
    target.do("2")
    target.do("mark second")
    target.do("2")
    put(target.pid, "third")
    target.end()


def order(lines):
    """The order of these words; equal neighbours are merged."""
    found = [line for line in lines if line]
    return [word for word, before in zip(found, [None, *found]) if word != before]


WANTED = ["first", "brk", "second", "brk", "third"]


@test
def in_text():
    """marks stand between the events between which they were set"""
    target = Target()
    watcher = Watcher("-o", "t", "-p", target.pid)
    with_marks(target)
    equal(watcher.end(), (0, []))
    lines = contents("t").splitlines()
    equal(order(match and (match.group(1) or match.group(2)) for match in
                (re.search(r" \+\+\+ mark \"(.*)\" \+\+\+$| (brk)\(", line) for line in lines)), WANTED)


@test
def in_json():
    """the same in JSON, also with --normalize"""
    for options in ((), ("--normalize",)):
        target = Target()
        watcher = Watcher("--json", *options, "-o", "j", "-p", target.pid)
        with_marks(target)
        equal(watcher.end(), (0, []))
        equal(order(event.get("text", "brk" if event["event"] == "brk" else None)
                    for event in events("j")), WANTED)


@test
def in_other_views():
    """the map, the check and the summary show marks as lines, in order"""
    for options in (("--map",), ("--check",), ("-c",)):
        with open("t", "w", encoding="ascii") as out:
            status, _, said = brkwatch(*options, "sh", "-c", "echo a >/proc/brkwatch; echo b >/proc/brkwatch")
            out.write(said)
        equal(status, 0)
        equal(re.findall(r"\+\+\+ mark \"(.*)\" \+\+\+", said), ["a", "b"])
        holds(NONE_LOST in said, said)


@test
def filtered():
    """-e mark shows only marks; filters of calls let marks pass; -e brk does not"""
    for options, wanted in ((("-e", "mark"), ["mark"] * 3), (("--failed", "--min-size", "1G"), ["mark"] * 3),
                            (("-e", "brk"), [])):
        target = Target()
        watcher = Watcher("--json", *options, "-o", "j", "-p", target.pid)
        with_marks(target)
        equal(watcher.end(), (0, []))
        equal([event["event"] for event in events("j") if event["event"] in ("mark", "munmap")], wanted)


@test
def texts():
    """1 to 47 bytes, of any kind but 0; a newline at the end is not part of them"""
    for text, wanted in ((b"", errno.EINVAL), (b"\n", errno.EINVAL), (b"a\0b", errno.EINVAL),
                         (b"x" * LONGEST, 0), (b"x" * LONGEST + b"\n", 0),
                         (b"x" * (LONGEST + 1), errno.EMSGSIZE), (b"x" * 70000, errno.EMSGSIZE),
                         ("\u2192".encode(), 0)):
        equal((text[:60], write(text)), (text[:60], wanted))
    target = Target()
    watcher = Watcher("--json", "-o", "j", "-e", "mark", "-p", target.pid)
    put(target.pid, "x" * LONGEST)
    put(target.pid, "\u2192\n")
    target.do("mark a\\b")
    target.end()
    equal(watcher.end(), (0, []))
    equal([event.get("text") for event in events("j")],
          ["x" * LONGEST, "\\342\\206\\222\\012", "a\\134b", None])


@test
def unwatched():
    """a mark does not reveal whether a process is watched, not even to the process itself"""
    target = Target()
    known = brkwatch("--mark", "x", "-p", str(target.pid)), target.do("mark y")["brk"]
    equal(known[0], (0, "", ""))
    watcher = Watcher("-e", "mark", "-p", target.pid)
    equal((brkwatch("--mark", "x", "-p", str(target.pid)), target.do("mark y")["brk"]), known)
    target.end()
    equal(watcher.end()[0], 0)


@test
def refused():
    """one sentence reports a mark that cannot be set"""
    refuses("--mark: a mark has 1 to 47 bytes; make it longer", "--mark", "", "-p", "1")
    refuses("--mark: a mark has 1 to 47 bytes; make it shorter", "--mark", "x" * 48, "-p", "1")
    for args in ((), ("true",), ("-p", "1", "true"), ("-a",)):
        refuses("--mark marks running processes; give -p PID, and no command", "--mark", "x", *args)
    refuses("cannot mark process 4194304: no such process; see: ps -e", "--mark", "x", "-p", "4194304")
    status, _, said = brkwatch("--mark", "x", "-p", "2")
    equal((status, said), (1, "brkwatch: cannot mark process 2: a kernel thread or an exited process has "
                              "no memory map; see: sudo dmesg\n"))


@test
def by_whom():
    """a user marks its own processes, and no others"""
    target, other = Target(**NOBODY), Target()
    watcher = Watcher("--json", "-e", "mark", "-o", "j", "-p", f"{target.pid},{other.pid}", watched=2)
    put(target.pid, "mine", **NOBODY)
    refuses(f"cannot mark process {other.pid}: you may not read the memory map of that process; "
            "run as root: sudo brkwatch ...", "--mark", "x", "-p", str(other.pid), **NOBODY)
    target.do("mark own")
    target.end()
    other.end()
    equal(watcher.end(), (0, []))
    equal([event.get("text") for event in events("j")], ["mine", "own", None])


main()
