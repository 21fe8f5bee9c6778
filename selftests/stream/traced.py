# SPDX-License-Identifier: GPL-2.0
"""Turns events of --json into strace's lines, and reads strace's own lines of the same calls."""

import errno
import glob
import json
import os
import re
import subprocess

CALLS = ("brk", "mmap", "munmap", "mremap", "mprotect", "pkey_mprotect", "madvise", "shmat", "shmdt")
# strace learned these names only after Debian 12; there it prints the first of each pair.
NEWER = (("|0x80,", "|MAP_ABOVE4G,"), (" 0x8 /* MAP_??? */|", " MAP_DROPPABLE|"),
         (" 0x66 /* MADV_??? */", " MADV_GUARD_INSTALL"), (" 0x67 /* MADV_??? */", " MADV_GUARD_REMOVE"))
# Only after Debian 12 does strace print the address that MREMAP_DONTUNMAP alone takes as a hint.
HINT = re.compile(r"(mremap\((?:[^,]*, ){3}(?!\S*MREMAP_FIXED)\S*MREMAP_DONTUNMAP\S*), (?:NULL|0x[0-9a-f]+)\)")
NONE_LOST = {"event": "lost", "ring": 0, "probe": 0, "watch": 0, "socket": 0}


def address(text):
    return "NULL" if int(text, 16) == 0 else text


def arguments(event):
    """Returns what stands between the parentheses."""
    kind = event["event"]
    if kind == "brk":
        return [address(event["requested"])]
    place = address(event["addr"])
    if kind == "shmat":
        return [event["shmid"], place, event["flags"]]
    if kind == "shmdt":
        return [place]
    if kind == "mmap":
        return [place, event["length"], event["prot"], event["flags"], event["fd"],
                hex(event["offset"]) if event["offset"] else 0]
    if kind == "mremap":
        moves = all(flag in event["flags"] for flag in ("MREMAP_MAYMOVE", "MREMAP_FIXED"))
        return [place, event["length"], event["new_length"], event["flags"],
                *([address(event["new_addr"])] if moves else [])]
    rest = {"munmap": (), "mprotect": ("prot",), "pkey_mprotect": ("prot", "pkey"), "madvise": ("advice",)}
    return [place, event["length"], *(event[name] for name in rest[kind])]


def result(event):
    if event["event"] == "brk":
        return event["after"]
    if event["error"]:
        return f"-1 {event['error']} ({os.strerror(getattr(errno, event['error']))})"
    # The result may be 0, because root may map page 0.
    return event["result"] if event["result"] != "0x0" else 0


def as_strace(event):
    """Returns the line that strace prints for the call of an event."""
    return f"{event['event']}({', '.join(map(str, arguments(event)))}) = {result(event)}"


def is_call(line):
    return line.startswith(tuple(call + "(" for call in CALLS))


def strace_calls(path):
    """Returns the calls in a file of strace -ff after the last exec: (program, lines)."""
    program, lines = None, []
    with open(path, errors="replace", encoding="utf-8") as file:
        for line in file:
            line = re.sub(r"\s+= ", " = ", line.rstrip())
            for number, name in NEWER:
                line = line.replace(number, name)
            line = HINT.sub(r"\1)", line)
            if line.startswith("execve(") and line.endswith(" = 0"):
                program, lines = line.split('"')[1], []
            elif is_call(line):
                lines.append(line)
    return program, lines


def strace(folder, argv, given=b"", out=subprocess.DEVNULL):
    """Returns the calls of each process that argv starts: {pid: (program, lines)}."""
    # The exit status is ignored: errors of the program are part of the run, only the streams count.
    subprocess.run(["strace", "-ff", "-o", f"{folder}/s", "--seccomp-bpf", "-e", "signal=none", "-e",
                    f"trace={','.join(CALLS)},execve", *argv],
                   input=given, stdout=out, stderr=subprocess.PIPE, check=False)
    return {int(path.rsplit(".", 1)[1]): strace_calls(path) for path in glob.glob(f"{folder}/s.*")}


def first_difference(ours, theirs):
    """Returns lines that say where the two differ, none if they are equal."""
    if ours == theirs:
        return []
    for number, (a, b) in enumerate(zip(ours, theirs)):
        if a != b:
            return [f"event {number}", f"brkwatch: {a}", f"strace:   {b}"]
    return [f"brkwatch has {len(ours)} calls, strace {len(theirs)}", *ours[len(theirs):][:3],
            *theirs[len(ours):][:3]]


def compare(path, traced):
    """Compares a file of --json with strace's lines; returns (number of calls, what is wrong)."""
    with open(path, encoding="ascii") as file:
        events = [json.loads(line) for line in file]
    pids = {event["pid"] for event in events if "pid" in event}
    lines = traced.get(next(iter(pids)), (None, []))[1] if len(pids) == 1 else []
    wrong = [f"strace saw nothing of {pids}"]
    if lines:
        wrong = first_difference([as_strace(event) for event in events if event["event"] in CALLS],
                                 lines)
    if events[-1] != NONE_LOST:
        wrong.append(f"last line: {events[-1]}")
    return len(lines), wrong
