# SPDX-License-Identifier: GPL-2.0
"""Processes without privilege that are root in a user namespace."""

import ctypes
import os

NOBODY = 65534
# The first id of a container, and the number of its ids.
FIRST, IDS = 100000, 65536
PR_SET_DUMPABLE = 4
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000

libc = ctypes.CDLL(None, use_errno=True)


def need(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
    return result


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def become(user):
    """Becomes that user, and dumpable, because otherwise /proc/self belongs to the old user."""
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    need(libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl")


def unshare():
    need(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare")


def be_nobody():
    """Enters a namespace that the user nobody makes."""
    become(NOBODY)
    unshare()
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"0 {NOBODY} 1")
    write("/proc/self/gid_map", f"0 {NOBODY} 1")


def be_container():
    """Enters a namespace that root makes; a process outside must map its ids."""
    ready, go = os.pipe(), os.pipe()
    inside = os.fork()
    if inside:
        os.read(ready[0], 1)
        for what in "uid", "gid":
            write(f"/proc/{inside}/{what}_map", f"0 {FIRST} {IDS}")
        os.write(go[1], b".")
        os._exit(os.waitstatus_to_exitcode(os.waitpid(inside, 0)[1]))
    unshare()
    os.write(ready[1], b".")
    os.read(go[0], 1)
    become(0)
