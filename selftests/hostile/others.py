#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Others hook the same functions at the same time: they see what they would, and so do we."""

import contextlib
import json
import os
import subprocess

from helpers import switch_cpu1

os.chdir(os.path.dirname(os.path.abspath(__file__)))
TRACING = "/sys/kernel/tracing"
FUNCTION = "__x64_sys_brk"
ROUNDS = 4
# What ./actor makes of "c".
CALLS = 50


def write(name, text):
    with open(f"{TRACING}/{name}", "w", encoding="ascii") as file:
        file.write(text)


def trace():
    with open(f"{TRACING}/trace", encoding="utf-8") as file:
        return file.read()


@contextlib.contextmanager
def kprobe_event():
    """A probe of ftrace's own on the function."""
    write("kprobe_events", f"p:other {FUNCTION}")
    write("events/kprobes/other/enable", "1")
    yield "other:"
    write("events/kprobes/other/enable", "0")
    # To open it so is to empty it.
    write("kprobe_events", "")


@contextlib.contextmanager
def kretprobe_event():
    """The same of its return."""
    write("kprobe_events", f"r:other {FUNCTION}")
    write("events/kprobes/other/enable", "1")
    yield "other:"
    write("events/kprobes/other/enable", "0")
    # To open it so is to empty it.
    write("kprobe_events", "")


@contextlib.contextmanager
def function_tracer():
    """ftrace, on its entry."""
    write("set_ftrace_filter", FUNCTION)
    write("current_tracer", "function")
    yield FUNCTION
    write("current_tracer", "nop")
    write("set_ftrace_filter", "")


@contextlib.contextmanager
def tracepoint():
    """The tracepoint of the call."""
    write("events/syscalls/sys_enter_brk/enable", "1")
    yield "sys_brk("
    write("events/syscalls/sys_enter_brk/enable", "0")


def brks(way, before):
    """What a program that calls so often is seen to call: (by the other, by us)."""
    said = f"/tmp/others.{os.getpid()}"
    with contextlib.ExitStack() as stack:
        word = stack.enter_context(way()) if before else None
        actor = subprocess.Popen(["./actor"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        tool = subprocess.Popen(["brkwatch", "--json", "-o", said, "-p", str(actor.pid)],
                                stderr=subprocess.PIPE)
        if b"watching" not in tool.stderr.readline():
            raise SystemExit("brkwatch does not watch")
        word = word or stack.enter_context(way())
        write("trace", "")
        for _ in range(ROUNDS):
            actor.stdin.write(b"c")
            actor.stdout.read(1)
        theirs = sum(f"-{actor.pid} " in line and word in line for line in trace().splitlines())
        actor.stdin.close()
        actor.wait()
        tool.communicate()
    with open(said, encoding="utf-8") as file:
        ours = [json.loads(line) for line in file]
    os.unlink(said)
    return theirs, sum(event.get("event") == "brk" for event in ours)


def main():
    ways = [kprobe_event, kretprobe_event, function_tracer]
    # A kernel may be built without.
    if os.path.exists(f"{TRACING}/events/syscalls"):
        ways.append(tracepoint)
    print(f"TAP version 13\n1..{2 * len(ways)}")
    number, bad = 0, 0
    switch_cpu1(0)
    for way in ways:
        for before in (True, False):
            seen = brks(way, before)
            number += 1
            good = seen == (ROUNDS * CALLS, ROUNDS * CALLS)
            bad += not good
            print(f"# of {ROUNDS * CALLS} calls they see {seen[0]} and we {seen[1]}")
            print(f"{'' if good else 'not '}ok {number} {way.__name__}, {'before us' if before else 'after us'}",
                  flush=True)
    switch_cpu1(1)
    return bad


raise SystemExit(bool(main()))
