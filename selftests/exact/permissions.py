#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""May each reader watch each target, with and without unprivileged=1?

A reader that may open a session may watch a process if it may read its /proc/PID/maps: the
kernel itself decides that.
"""

import os
import subprocess

from access import (READERS, SESSION, SYSTEM, TARGETS, USER, as_user, copy_of_cat, end, may_read_maps, parameter,
                    reload, set_uid_cat, start, watch)
from checked import HERE, main, tests
from harness import Program, brkwatch, contents, equal, events, holds, test
from schema import fits

NO_SESSION = "watching needs CAP_SYS_ADMIN, CAP_SYS_PTRACE or CAP_PERFMON"
NO_SYSTEM = "to watch all processes needs CAP_PERFMON or CAP_SYS_ADMIN"
NO_STACKS = "stacks need CAP_SYS_ADMIN, CAP_SYS_PTRACE or CAP_PERFMON"
NO_TARGET = "you may not read the memory map of that process"
FORMAT = "# {:<12} {:<26} {:<24} {:<12} {}"


# Newer kernels let a user with one of these read any map, but the module does not.
STRICTER = {"user with CAP_PERFMON", "user with CAP_SYS_ADMIN"}


def outcome(name, opened, pid):
    """Returns what is expected: a word for the table, and what the tool must say."""
    if not opened:
        return "no session", NO_SESSION
    if may_read_maps(READERS["user" if name in STRICTER else name], pid):
        return "watched", f"watching {pid} ("
    return "refused", NO_TARGET


def row(unprivileged, name):
    """Tests one reader against all targets."""
    reader, opened = READERS[name], unprivileged or name in SESSION
    wrong = []
    for kind in TARGETS:
        target = start(kind)
        word, sentence = outcome(name, opened, target.pid)
        status, said = watch(reader, "-p", target.pid)
        fits = (status == 0) == (word == "watched") and len(said) == 1 and sentence in said[0]
        print(FORMAT.format("unprivileged" if unprivileged else "", name, kind, word, "" if fits else said),
              flush=True)
        wrong += [] if fits else [(kind, word, status, said)]
        end(target)
    equal(wrong, [])
    system = name in SYSTEM
    status, said = watch(reader, "-a")
    equal(status, 0 if system else 1)
    holds(system or (NO_SYSTEM if opened else NO_SESSION) in said[0], *said)
    # Stacks show more than maps, so a reader without any of these rights never gets them.
    if name not in SESSION:
        target = start("own")
        status, said = watch(reader, "-k", "-p", target.pid)
        end(target)
        equal(status, 1)
        holds((NO_STACKS if opened else NO_SESSION) in said[0], *said)


def allow(unprivileged):
    """Loads the module anew if it has another value of the parameter."""
    if contents("/sys/module/brkwatch/parameters/unprivileged").strip() != "NY"[unprivileged]:
        reload(unprivileged=int(unprivileged))


def without(case):
    allow(False)
    row(False, case[1])


def unprivileged(case):
    allow(True)
    row(True, case[1])


tests([(f"{name} watches", name) for name in READERS], without)
tests([(f"{name} watches, with unprivileged=1", name) for name in READERS], unprivileged)


@test
def table_is_told_apart():
    """the kernel lets a user read the maps of own processes, and no others"""
    for kind in TARGETS:
        target = start(kind)
        equal((kind, may_read_maps(READERS["user"], target.pid)), (kind, kind in ("own", "in a user namespace")))
        holds(may_read_maps(READERS["root"], target.pid), kind)
        end(target)


# The shell needs memory for this, and starts no program for it.
LARGE = "y=x; while [ ${#y} -lt 1000000 ]; do y=$y$y; done"


def leaving(reader):
    """Returns the events that a reader receives of its process that becomes a set-uid program."""
    program = set_uid_cat()
    target = Program([*as_user(USER), "sh", "-c", f"echo here; read x; {LARGE}; exec {program}"],
                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    target.stdout.readline()
    os.chmod(".", 0o777)
    output = f"j{len(reader)}"
    watcher = Program([*reader, "brkwatch", "--json", "-o", output, "-p", str(target.pid)],
                      stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    holds(b"watching" in watcher.stderr.readline())
    target.stdin.write(b"go\nhere\n")
    equal(target.stdout.readline(), b"here\n")
    end(target)
    equal(watcher.wait(), 0)
    return events(output)


@test
def set_uid():
    """a process that runs a set-uid program leaves the session of a reader that may not see it and got only guesses"""
    reload(unprivileged=1)
    *seen, last, lost = leaving(READERS["user"])
    equal([event for event in seen if event.get("origin")], [])
    holds(any(event.get("origin_guess") for event in seen), *seen)
    equal((last["event"], last["reason"]), ("leave", "credentials"))
    holds(fits(last), last)
    equal((lost["ring"], lost["watch"]), (0, 0))
    for name in ("root", "user with CAP_SYS_PTRACE"):
        seen = leaving(READERS[name])
        holds(any(event.get("origin") for event in seen), name, *seen)
        kinds = [event["event"] for event in seen]
        equal((name, "leave" in kinds, "exec" in kinds, kinds[-2]), (name, False, True, "exit"))


@test
def set_uid_opener():
    """the opener of a session sees nothing of itself after its set-uid exec"""
    reload(unprivileged=1)
    said = subprocess.run([*as_user(USER), f"{HERE}/handover", set_uid_cat()], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    # The process clones, then it leaves.
    equal(said, ["event 9", "event 14", "drain 0", "snapshot ESRCH", "watch EPERM"])


@test
def set_uid_child():
    """a reader sees nothing of a followed child after its set-uid exec"""
    reload(unprivileged=1)
    program = set_uid_cat()
    os.chmod(".", 0o777)
    subprocess.run([*as_user(USER), "brkwatch", "-f", "--json", "-o", "j", "--", "sh", "-c",
                    f"{program} /dev/null; :"], stdin=subprocess.DEVNULL, check=True)
    seen = events("j")
    child = next(event["child"] for event in seen if event["event"] == "clone")
    equal([event["event"] for event in seen if event.get("pid") == child][-1:], ["leave"])
    holds(not any(event.get("comm") == "set-uid-cat" for event in seen), *seen)


@test
def sessions_max():
    """a session over sessions_max is refused with a sentence"""
    reload()
    target = start("own")
    with parameter("sessions_max", 0):
        status, said = watch([], "-p", target.pid)
    equal((status, len(said)), (1, 1))
    holds("you have as many sessions open as sessions_max allows" in said[0], *said)
    equal(watch([], "-p", target.pid)[0], 0)


@test
def watches_max():
    """a watch over watches_max is refused with a sentence, and a child over it is counted as lost"""
    targets = [start("own") for _ in range(3)]
    pids = [target.pid for target in targets]
    with parameter("watches_max", 2):
        status, said = watch([], "-p", pids[0], "-p", pids[1])
        equal((status, len(said)), (0, 2))
        status, said = watch([], *(word for pid in pids for word in ("-p", pid)))
        equal((status, len(said)), (0, 3))
        holds("you watch as many processes as watches_max allows" in said[-1], *said)
        _, _, said = brkwatch("-f", "--", "sh", "-c", "true & true & true & wait; :")
    lost = int(said.rsplit("watch ", 1)[1].split(",")[0])
    holds(lost > 0, said[-300:])


@test
def rings_max():
    """a ring over rings_max is refused with a sentence"""
    target = start("own")
    with parameter("rings_max", 1 << 20):
        equal(watch([], "--buffer", "64K", "-p", target.pid)[0], 0)
        status, said = watch([], "--buffer", "4M", "-p", target.pid)
    equal((status, len(said)), (1, 1))
    holds("your rings would be larger than rings_max allows" in said[0], *said)


@test
def limits_are_each_users():
    """the limits of one user do not affect another user"""
    reload(unprivileged=1)
    first, second = start("own"), start("another user's")
    with parameter("sessions_max", 1):
        watcher = Program([*as_user(USER), "brkwatch", "-c", "-p", str(first.pid)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        holds(b"watching" in watcher.stderr.readline())
        equal(watch(as_user(USER), "-p", first.pid)[0], 1)
        equal(watch(as_user(USER + 1), "-p", second.pid)[0], 0)
        end(first)
        equal(watcher.wait(), 0)


@test
def tidy_up():
    """the module can be loaded as before"""
    reload()
    equal(brkwatch("-c", "-o", "/dev/null", "--", copy_of_cat("cat"), "/dev/null")[0], 0)


main(300)
