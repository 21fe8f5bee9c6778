#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The probes are in while a session is open, however many sessions come and go at the same time.

Readers open and close sessions together, with stacks and without, with children followed and
not, while processes call (comers.c). Each reader must see every call, and no probe may stay when
all sessions are closed.
"""

import os
import subprocess
import sys

from helpers import Wrong, hook, run_tests, switch_cpu1, unused, users

DEBUG = "/sys/kernel/debug"
# The kernel's list of what is hooked: ftrace has one of its own.
LISTS = {"kprobe": f"{DEBUG}/kprobes/list", "direct": "/sys/kernel/tracing/enabled_functions"}
READERS, ROUNDS = 6, 10

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def comers():
    """see all calls of their processes, and leave no probe"""
    if subprocess.call(["./comers", LISTS[hook()], str(READERS), str(ROUNDS)]):
        raise Wrong("not so")


def the_module():
    """has no user afterwards"""
    if not unused():
        raise Wrong(f"{users()} users")


def main():
    if not os.path.exists(f"{DEBUG}/kprobes"):
        subprocess.run(["mount", "-t", "debugfs", "debugfs", DEBUG], check=True)
    switch_cpu1(0)
    bad = run_tests([comers, the_module])
    switch_cpu1(1)
    sys.exit(bool(bad))


main()
