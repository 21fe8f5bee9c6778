#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Someone switches off what the probes need: the kernel refuses, or the tool reports it."""

import json
import time

from harness import (DEADLINE, KPROBES, Target, Watcher, brkwatch, contents, equal, holds, hooked_by, loaded,
                     main, put, test)

FTRACE = "/proc/sys/kernel/ftrace_enabled"


def lines_until(path, true):
    """The lines of JSON so far, once the last one is as required."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        lines = [json.loads(line) for line in contents(path).splitlines(True) if line.endswith("\n")]
        if lines and true(lines[-1]):
            return lines
        time.sleep(0.02)
    raise AssertionError(contents(path))


def is_off(line):
    return "blind" in line["lost"]


@test
@hooked_by("kprobe")
def kprobes_off():
    """kprobes are disarmed for a while: JSON, text and --strict report between which times"""
    target = Target()
    began = time.monotonic_ns()
    watcher = Watcher("-c", "--json", "--interval", "0.1", "--strict", "-w", "c", "-o", "j", "-p", target.pid)
    own = target.do(10)
    known = lines_until("j", lambda line: line["processes"][0]["calls"]["brk"]["calls"] == own["brk"])[-1]
    equal(is_off(known), False)
    put(KPROBES, "0")
    try:
        off = time.monotonic_ns()
        hidden = target.do(10)
        lines = lines_until("j", is_off)
        equal(brkwatch("--status")[1].count(" disarmed: it sees nothing\n") > 4, True)
    finally:
        on = time.monotonic_ns()
        put(KPROBES, "1")
    again = target.do(10)
    target.end()
    equal(watcher.end()[0], 4)
    last = lines_until("j", lambda line: line["time_ns"] is None)[-1]
    blind = last["lost"]["blind"]
    holds(began <= blind["from_ns"] <= off, began, blind, off)
    holds(blind["to_ns"] >= on, blind, on)
    holds(lines[-1]["lost"]["blind"]["from_ns"] == blind["from_ns"], lines[-1])
    # The calls of that time are missing, and no counter of a ring or probe includes them.
    equal(last["processes"][0]["calls"]["brk"]["calls"], own["brk"] + again["brk"] - hidden["brk"])
    equal([last["lost"][place] for place in ("ring", "probe", "watch", "socket")], [0] * 4)
    status, out, err = brkwatch("-c", "--strict", "--read", "c")
    equal(status, 4)
    holds(any(line.startswith("not exact between ") and line.endswith("s: the kernel's probes were off")
              for line in (out + err).splitlines()), out, err)


@test
def never_off():
    """without an interruption nothing is reported"""
    status, _, err = brkwatch("-c", "--strict", "true")
    equal((status, "not exact" in err), (0, False))


@test
def ftrace_off():
    """the kernel refuses kernel.ftrace_enabled=0 while a session is open"""
    target = Target()
    watcher = Watcher("-c", "--strict", "-p", target.pid)
    try:
        put(FTRACE, "0")
    except OSError:
        refused = True
    else:
        refused = False
        put(FTRACE, "1")
    target.end()
    equal(watcher.end()[0], 0)
    holds(refused, "it was switched off")


@test
def ftrace_off_before():
    """no session opens when it is 0 already, and the tool gives the reason"""
    put(FTRACE, "0")
    try:
        status, _, err = brkwatch("-c", "true")
    finally:
        put(FTRACE, "1")
    equal((status, err), (1, "brkwatch: ftrace is off, so no probe would see anything; "
                             "run: sudo sysctl kernel.ftrace_enabled=1\n"))
    equal(brkwatch("-c", "--strict", "true")[0], 0)


@test
def ftrace_off_since_load():
    """it is 0 when the module is loaded and asked for its first session; the next one is exact"""
    put(FTRACE, "0")
    try:
        with loaded():
            first = brkwatch("-c", "true")
            put(FTRACE, "1")
            second = brkwatch("-c", "--strict", "true")
    finally:
        put(FTRACE, "1")
    equal((first[0], "ftrace is off" in first[2], second[0]), (1, True, 0))


if __name__ == "__main__":
    main(keep=False)
