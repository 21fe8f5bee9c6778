#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What a start of the tool takes, in its own instructions: built and counted on this host; as TAP.

ptrace(2) stops the tool after each instruction, which takes some seconds and needs no counter of the CPU.
"""

import ctypes
import os
import signal
import subprocess
import sys

USER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "user")
TRACEME, SINGLESTEP = 0, 9
# Nearly all of them are the loader's, so a further library shows ("The tool" in Documentation/design.rst).
MOST = 1500000
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p
LIBC.ptrace.restype = ctypes.c_long


def ptrace(request, pid):
    if LIBC.ptrace(request, pid, None, None):
        raise OSError(ctypes.get_errno(), "ptrace")


def begin(argv):
    """A child that stops when its exec is done; variables of the loader would change what it does."""
    child = os.fork()
    if child:
        return child
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        ptrace(TRACEME, 0)
        os.execve(argv[0], argv, {})
    finally:
        os._exit(127)


def counted(*argv):
    """(instructions in user mode, status)"""
    # On another CPU, the child would have to wake this one at each step.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    child, number = begin(argv), 0
    _, status = os.waitpid(child, 0)
    while os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGTRAP:
        ptrace(SINGLESTEP, child)
        number += 1
        _, status = os.waitpid(child, 0)
    return number, status


def main():
    subprocess.run(["make", "-s", "-C", USER], stdout=sys.stderr, check=True)
    number, status = counted(f"{USER}/brkwatch", "--version")
    good = not status and 0 < number <= MOST
    print(f"TAP version 13\n1..1\n# {number} instructions, status {status}")
    print(f"{'ok' if good else 'not ok'} 1 start: brkwatch --version takes at most {MOST} user instructions")
    sys.exit(not good)


main()
