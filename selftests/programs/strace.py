# SPDX-License-Identifier: GPL-2.0
"""Calls as strace -k sees them: who asked, by an unwinder that is not ours."""

import collections
import dataclasses
import glob
import os
import re

# Only calls that get memory, because each stack takes an emulated guest a quarter of a second.
CALLS = ("brk", "mmap", "mremap")
# With -ff each thread has a file of its own, so that no call is in two lines.
COMMAND = ("strace", "-ff", "-k", "-o", "s", "--seccomp-bpf", "-e", "signal=none", "-e", f"trace={','.join(CALLS)}")
CALL = re.compile(r"(\w+)\((.*)\) += (\S+)")
FRAME = re.compile(r" > (?:(.+?)\((.*)\) )?\[0x\w+\]$")


def up(length):
    return -(-length // 4096) * 4096


@dataclasses.dataclass(eq=False)
class Call:
    """One call: its arguments as text, and (file, function) of the stack, innermost first."""
    name: str
    args: list
    result: str
    frames: list
    program: str

    @property
    def done(self):
        return self.result != "-1"

    @property
    def start(self):
        """Where the memory lies that an mmap or mremap got."""
        return int(self.result, 16)

    @property
    def length(self):
        return up(int(self.args[2 if self.name == "mremap" else 1]))

    @property
    def asker(self):
        """The name of the file that asked: the first one behind the way into the kernel.

        In glibc that way is one function, and for brk two. tcmalloc has functions of the same names, so
        that the program calls these. None if strace does not know.
        """
        frames = list(self.frames)
        for _ in range(2 if self.name == "brk" else 1):
            if frames and frames[0][0] == "libc.so.6":
                frames.pop(0)
        if frames and frames[0][0] not in ("libc.so.6", self.program) and frames[0][1] in ("mmap", "sbrk"):
            frames.pop(0)
        return frames[0][0] if frames else None


def calls_of(path, program):
    found = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            call, frame = CALL.match(line), FRAME.match(line)
            if call:
                found.append(Call(call[1], call[2].split(", "), call[3], [], program))
            elif frame and found:
                found[-1].frames.append((os.path.basename(frame[1]), frame[2].rsplit("+", 1)[0]) if frame[1] else
                                        (None, None))
    # A thread that ends with the process leaves a call without a result.
    return [call for call in found if call.result != "?"]


def threads(program):
    """The calls of each thread, by its id; program is the name of the program's file."""
    return {int(path.rsplit(".", 1)[1]): calls_of(path, program) for path in glob.glob("s.*")}


def pair(events, traced):
    """Gives each event of a traced thread the same call as strace saw it; returns threads that differ."""
    ours, wrong = collections.defaultdict(list), []
    for event in events:
        if event["event"] == "exec":
            # strace sees a program from here on.
            ours[event["tid"]].clear()
        elif event["event"] in CALLS:
            ours[event["tid"]].append(event)
    for tid, calls in traced.items():
        mine = ours[tid][:len(calls)]
        if [event["event"] for event in mine] != [call.name for call in calls]:
            wrong.append((tid, len(mine), len(calls)))
        for event, call in zip(mine, calls):
            event["call"] = call
    return wrong
