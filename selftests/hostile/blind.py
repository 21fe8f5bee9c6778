#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A user with a thousand calls that do not return hides no calls of other users.

A watched call holds one of the return instances of its kretprobe until it returns. More threads of
the user nobody sleep in munmap() than there are instances. Readers must still see all calls of
another user; only readers that watch the sleepers must receive a loss. With hook=direct no call
needs an instance, so nobody loses any.
"""

import ctypes
import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from helpers import PATIENCE, Actor, Helper, Wrong, hook, hooks, set_hook, switch_cpu1

NOBODY = 65534
# INSTANCES is the parameter maxactive, and more threads than that sleep.
INSTANCES, SLEEPERS = 1024, 2000
# An actor makes 50 calls each time.
TIMES, CALLS = 20, 1000
# The number of the system call.
USERFAULTFD = 323

os.chdir(os.path.dirname(os.path.abspath(__file__)))


class Sleepers(Helper):
    """A process with threads that wait for sleep(), and then sleep until it is killed."""

    def __init__(self, threads, user=NOBODY):
        super().__init__("./sleepers", str(threads), user=user, group=NOBODY, extra_groups=[])
        self.threads = threads
        if self.answer(1) != b"r":
            raise Wrong("no sleepers")

    def sleep(self):
        self.stdin.write(b"\n")
        if self.answer(1) != b"a":
            raise Wrong("the threads do not sleep")


class Reader(subprocess.Popen):
    """brkwatch, which runs until its targets are gone or until end()."""

    def __init__(self, folder, *whom):
        self.output = os.path.join(folder, "-".join(whom))
        self.said = tempfile.TemporaryFile("w+")
        self.whole = whom == ("-a",)
        super().__init__(["brkwatch", "--json", "-e", "munmap", "-o", self.output, *whom],
                         stderr=self.said)
        until = time.monotonic() + PATIENCE
        while "watching" not in self.text():
            if self.poll() is not None or time.monotonic() > until:
                raise Wrong(f"{self.args}: {self.text()}")
            time.sleep(0.02)

    def text(self):
        self.said.seek(0)
        return self.said.read()

    def end(self):
        """Returns ({pid: its calls}, calls that the probes lost)."""
        if self.whole:
            self.send_signal(signal.SIGINT)
        if self.wait(PATIENCE):
            raise Wrong(f"{self.args}: {self.text()}")
        with open(self.output, encoding="ascii") as file:
            events = [json.loads(line) for line in file]
        last = events.pop()
        events = [event for event in events if event["event"] == "munmap"]
        if last["ring"] or last["watch"] or last["socket"]:
            raise Wrong(f"other losses: {last}")
        calls = {}
        for event in events:
            calls[event["pid"]] = calls.get(event["pid"], 0) + 1
        return calls, last["probe"]


class Night:
    """Sleepers, another user that calls meanwhile, and what readers see of both."""

    def __init__(self, sleepers, actor):
        pids = [str(process.pid) for process in sleepers]
        with tempfile.TemporaryDirectory() as folder:
            readers = [Reader(folder, "-p", ",".join([*pids, str(actor.pid)])), Reader(folder, "-a"),
                       Reader(folder, "-p", str(actor.pid))]
            for process in sleepers:
                process.sleep()
            for _ in range(TIMES):
                actor.do("c")
            for process in [actor, *sleepers]:
                process.kill_hard()
            told = [reader.end() for reader in readers]
        self.threads = sum(process.threads for process in sleepers)
        self.others = [calls.get(actor.pid, 0) for calls, _ in told]
        self.asleep = [sum(calls.get(process.pid, 0) for process in sleepers) for calls, _ in told]
        self.lost = [lost for _, lost in told]
        print(f"# {len(sleepers)} processes, {self.threads} threads: of {CALLS} calls of another user "
              f"{self.others} are seen, of the sleepers' {self.asleep}, lost {self.lost}", flush=True)


def check(kind, processes, threads, users):
    """Yields a line of TAP for each condition."""
    set_hook(kind)
    night = Night([Sleepers(threads, NOBODY - i % users) for i in range(processes)], Actor())
    who = f"hook={kind}, {processes} of {threads} threads, of {users} users"
    yield f"{who}: a reader that watches another user sees each call", night.others == [CALLS] * 3
    # The calls that were not lost return when their process is killed.
    yield (f"{who}: a reader that watches them sees or loses each call",
           all(seen + lost == night.threads for seen, lost in zip(night.asleep[:2], night.lost)))
    if kind == "direct":
        yield f"{who}: no call is lost", night.lost == [0] * 3
    else:
        yield f"{who}: more calls than there are instances lose some", min(night.lost[:2]) >= night.threads - INSTANCES
    yield f"{who}: a reader that does not watch them loses nothing", night.lost[2] == 0


def has_userfaultfd():
    """Tries the call, because a kernel without userfaultfd has its symbol all the same."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(USERFAULTFD, 0)
    if fd >= 0:
        os.close(fd)
    return fd >= 0 or ctypes.get_errno() != errno.ENOSYS


def main():
    if not has_userfaultfd():
        print("TAP version 13\n1..0 # SKIP this kernel has no userfaultfd")
        sys.exit(4)
    nights = [("kprobe", 1, SLEEPERS, 1), ("kprobe", 5, 300, 1), ("kprobe", 5, 300, 5)]
    if "direct" in hooks():
        nights += [("direct", 1, SLEEPERS, 1)]
    print(f"TAP version 13\n1..{4 * len(nights)}", flush=True)
    switch_cpu1(0)
    number, bad, was = 0, 0, hook()
    for night in nights:
        try:
            results = list(check(*night))
        except Wrong as why:
            print(f"# {why}")
            results = [(f"{night}", False)] * 4
        for what, good in results:
            number, bad = number + 1, bad + (not good)
            print(f"{'' if good else 'not '}ok {number} {what}", flush=True)
    switch_cpu1(1)
    set_hook(was)
    sys.exit(bool(bad))


main()
