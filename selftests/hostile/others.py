#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Other tracers hook the same functions at the same time, and both they and brkwatch see all calls.

	others.py [COMMAND...]

The other tracers are the kernel's own, bpftrace and perf. A COMMAND must be installed.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from helpers import switch_cpu1

os.chdir(os.path.dirname(os.path.abspath(__file__)))
TRACING = "/sys/kernel/tracing"
FUNCTION = "__x64_sys_brk"
ROUNDS = 4
# ./actor makes so many calls for "c".
CALLS = 50


def write(name, text):
    with open(f"{TRACING}/{name}", "w", encoding="ascii") as file:
        file.write(text)


def trace():
    with open(f"{TRACING}/trace", encoding="utf-8") as file:
        return file.read()


class Tracing:
    """A tracer of ftrace, which marks its lines with a word."""

    def __init__(self, word):
        self.word = word
        write("trace", "")

    def seen(self, pid):
        return sum(f"-{pid} " in line and self.word in line for line in trace().splitlines())


@contextlib.contextmanager
def kprobe_event(_):
    """Puts a kprobe of ftrace on the function."""
    write("kprobe_events", f"p:other {FUNCTION}")
    write("events/kprobes/other/enable", "1")
    yield Tracing("other:")
    write("events/kprobes/other/enable", "0")
    # Opening the file for writing empties it.
    write("kprobe_events", "")


@contextlib.contextmanager
def kretprobe_event(_):
    """Puts a kretprobe of ftrace on the function."""
    write("kprobe_events", f"r:other {FUNCTION}")
    write("events/kprobes/other/enable", "1")
    yield Tracing("other:")
    write("events/kprobes/other/enable", "0")
    # Opening the file for writing empties it.
    write("kprobe_events", "")


@contextlib.contextmanager
def function_tracer(_):
    """Traces entries of the function with ftrace."""
    write("set_ftrace_filter", FUNCTION)
    write("current_tracer", "function")
    yield Tracing(FUNCTION)
    write("current_tracer", "nop")
    write("set_ftrace_filter", "")


@contextlib.contextmanager
def tracepoint(_):
    """Enables the tracepoint of the call."""
    write("events/syscalls/sys_enter_brk/enable", "1")
    yield Tracing("sys_brk(")
    write("events/syscalls/sys_enter_brk/enable", "0")


class Bpftrace(subprocess.Popen):
    """bpftrace counts in the kernel and prints the counts on SIGINT."""

    def seen(self, pid):
        self.send_signal(signal.SIGINT)
        found = re.search(rf"@\[{pid}\]: (\d+)", self.communicate()[0])
        return int(found[1]) if found else 0


class PerfTrace(subprocess.Popen):
    """perf trace ends with its target; on a signal it would drop what it has not read."""

    def seen(self, _):
        return self.communicate()[0].count("brk(")


PIPED = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}


@contextlib.contextmanager
def bpftrace(_):
    """Puts a kprobe of bpftrace on the function."""
    program = f'BEGIN {{ printf("ready\\n"); }} kprobe:{FUNCTION} {{ @[pid] = count(); }}'
    other = Bpftrace(["bpftrace", "-e", program], **PIPED)
    while "ready" not in other.stdout.readline():
        if other.poll() is not None:
            raise SystemExit("bpftrace does not trace")
    yield other


def has_perf_events(pid):
    """The events are on if perf has opened them and waits in poll(2)."""
    with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
        waits = file.read().startswith("7 ")
    folder = f"/proc/{pid}/fd"
    return waits and any(os.readlink(f"{folder}/{fd}") == "anon_inode:[perf_event]" for fd in os.listdir(folder))


@contextlib.contextmanager
def perf(pid):
    """Traces the call with perf trace."""
    other = PerfTrace(["perf", "trace", "-e", "brk", "-p", str(pid)], **PIPED)
    while not has_perf_events(other.pid):
        if other.poll() is not None:
            raise SystemExit("perf does not trace")
        time.sleep(0.05)
    yield other


def brks(way, before):
    """Returns how many calls of a program are seen: (by the other tracer, by brkwatch)."""
    said = f"/tmp/others.{os.getpid()}"
    actor = subprocess.Popen(["./actor"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    with contextlib.ExitStack() as stack:
        other = stack.enter_context(way(actor.pid)) if before else None
        tool = subprocess.Popen(["brkwatch", "--json", "-o", said, "-p", str(actor.pid)],
                                stderr=subprocess.PIPE)
        if b"watching" not in tool.stderr.readline():
            raise SystemExit("brkwatch does not watch")
        other = other or stack.enter_context(way(actor.pid))
        for _ in range(ROUNDS):
            actor.stdin.write(b"c")
            actor.stdout.read(1)
        actor.stdin.close()
        actor.wait()
        theirs = other.seen(actor.pid)
        tool.communicate()
    with open(said, encoding="utf-8") as file:
        ours = [json.loads(line) for line in file]
    os.unlink(said)
    return theirs, sum(event.get("event") == "brk" for event in ours)


def main():
    ways = [kprobe_event, kretprobe_event, function_tracer]
    # A kernel may be built without these tracepoints.
    if os.path.exists(f"{TRACING}/events/syscalls"):
        ways.append(tracepoint)
    ways += [way for way in (bpftrace, perf) if way.__name__ in sys.argv[1:] or shutil.which(way.__name__)]
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
