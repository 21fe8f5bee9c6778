#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Reasons of refusals that not every kernel has: sealed memory and memory cgroups."""

import contextlib
import os
import re

from harness import Skipped, brkwatch, contents, equal, holds, main, test
from refused import PROGRAM, exceeds, measured

GROUPS = "/sys/fs/cgroup"
GROUP = f"{GROUPS}/brkwatch-refusals"


@contextlib.contextmanager
def memory_group():
    """The control group that the program enters."""
    if "memory" not in contents(f"{GROUPS}/cgroup.controllers").split():
        raise Skipped("the kernel has no memory controller of cgroup v2")
    with open(f"{GROUPS}/cgroup.subtree_control", "w", encoding="ascii") as file:
        file.write("+memory")
    os.mkdir(GROUP)
    try:
        yield
    finally:
        os.rmdir(GROUP)


@test
def sealed():
    """sealed: munmap and mprotect of memory that mseal(2) sealed"""
    if not exceeds("sealed"):
        release = os.uname().release
        holds(tuple(map(int, re.findall(r"\d+", release)[:2])) < (6, 10), release)
        raise Skipped("the kernel has no mseal(2)")


@test
def cgroup():
    """cgroup: pages that a memory cgroup has no room for, and the reason is a guess"""
    with memory_group():
        equal(exceeds("cgroup"), [{"call": "madvise", "what": "cgroup", "limit": None, "would_be": None,
                                   "guess": True}])
        measured("-w", "c", "-o", "t", PROGRAM, "cgroup")
    holds(re.search(r" madvise\(.*, MADV_POPULATE_WRITE\) = -1 ENOMEM \(.*\)  # failed, ENOMEM: cgroup\?",
                    contents("t")), contents("t"))
    equal(brkwatch("--read", "c", "-o", "u")[0], 0)
    equal(contents("u"), contents("t"))


main()
