# SPDX-License-Identifier: GPL-2.0
"""For gdb: writes the addresses on the stack at each stop at a call, one JSON line each."""

import json
import os

import gdb

CALLS = ("brk", "mmap", "munmap", "mremap")


def addresses():
    """Innermost first, without inlined functions, because these have no frame of their own."""
    found, frame = [], gdb.newest_frame()
    while frame and frame.is_valid():
        if frame.type() != gdb.INLINE_FRAME:
            found.append(frame.pc())
        frame = frame.older()
    return found


def follow(out):
    gdb.execute("run")
    while gdb.selected_inferior().pid:
        print(json.dumps({"tid": gdb.selected_thread().ptid[1], "stack": addresses()}), file=out)
        gdb.execute("continue")


for setting in ("pagination off", "confirm off", "startup-with-shell off", "backtrace past-main on",
                "debuginfod enabled off"):
    gdb.execute(f"set {setting}")
gdb.execute(f"catch syscall {' '.join(CALLS)}")
with open(os.environ["STACKS_GDB"], "w", encoding="ascii") as file:
    follow(file)
