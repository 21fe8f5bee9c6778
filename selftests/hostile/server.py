#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A program on a file system that a process serves.

	server.py fuse|overlay FOLDER answers|silent|large

With fuse, root mounts a FUSE file system on FOLDER. With overlay, the user nobody does so in a user
namespace of its own, and mounts an overlayfs over that one, through which root waits for the server of
nobody's. A child becomes the program actor, which lies there, and the program prints the child's PID. If
it is silent, the server answers nobody but that child; if it is large, the file ends with so many zeros
that nobody should copy it.
"""

import os
import signal
import struct
import sys

from fuse import INIT, OPEN, PAGE, READ, Server
from namespace import CLONE_NEWNS, be_nobody, libc, need

MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_PDEATHSIG = 1
STATFS, NAME_MAX = 17, 255
# The file stays in memory when another process opens it.
FOPEN_KEEP_CACHE = 2
TOO_LARGE = 129 << 20


class Program(Server):
    mode = 0o100755

    def __init__(self, folder, program, large):
        self.program = program
        self.size = TOO_LARGE if large else len(program)
        self.only = None
        super().__init__(folder, None)

    def answer(self, op, node, request, body):
        if self.only and self.pid != self.only and op != INIT:
            return None
        if op == STATFS:
            return struct.pack("<5Q10I", 0, 0, 0, 0, 0, PAGE, NAME_MAX, PAGE, *[0] * 7)
        if op == OPEN:
            return struct.pack("<QII", 1, FOPEN_KEEP_CACHE, 0)
        if op == READ:
            _, offset, wanted = struct.unpack_from("<QQI", body)
            wanted = max(0, min(wanted, self.size - offset))
            return self.program[offset:offset + wanted].ljust(wanted, b"\0")
        return super().answer(op, node, request, body)


def be_root():
    need(libc.unshare(CLONE_NEWNS), "unshare")
    need(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "mount")


def mount_overlay(folder):
    layers = f"{folder}/served:{folder}/empty"
    need(libc.mount(b"test", f"{folder}/top".encode(), b"overlay", 6, f"lowerdir={layers},userxattr".encode()),
         "overlay")


def main():
    kind, folder, how = sys.argv[1:]
    with open("actor", "rb") as file:
        program = file.read()
    (be_root if kind == "fuse" else be_nobody)()
    for name in "served", "empty", "top":
        os.mkdir(f"{folder}/{name}")
    server = Program(f"{folder}/served", program, how == "large")
    if kind == "overlay":
        mount_overlay(folder)
    ready, go = os.pipe()
    child = os.fork()
    if not child:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.read(ready, 1)
        name = f"{folder}/{'served' if kind == 'fuse' else 'top'}/0"
        os.execv(name, [name])
    if how == "silent":
        server.only = child
    print(child, flush=True)
    os.write(go, b".")
    os.waitpid(child, 0)
    os._exit(0)


main()
