#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Calls that fail: with an errno, which -c counts, and by a seccomp filter, which brkwatch cannot see."""

import contextlib
import glob
import re
import signal

from harness import HERE, Target, Watcher, brkwatch, contents, equal, events, holds, main, objects, test

PROGRAM = f"{HERE}/denied"
SENTENCE = "seccomp:   a filter is installed: calls that it denies never reach brkwatch"
AMONG = "seccomp:   a filter is installed in {} of {} processes: calls that it denies never reach brkwatch"
PLAIN = '+++ exec "denied", heap starts anew +++'
FILTERED = '+++ exec "denied", heap starts anew, seccomp filter +++'


@test
def in_text():
    """text: the line of an exec says that there is a filter; calls that it denies are not there"""
    equal(brkwatch("-o", "t", "-w", "c", PROGRAM, "exec")[0], 0)
    before, after = contents("t").split(FILTERED)
    equal((before.count(PLAIN), after.count("+++ exec")), (1, 0))
    equal((" brk(" in before, " brk(" in after), (True, False))
    holds(" mmap(NULL, " in after and "MAP_ANONYMOUS" in after, after)
    equal(brkwatch("-o", "u", "--read", "c")[0], 0)
    equal(contents("u"), contents("t"))


@test
def in_totals():
    """-c: a sentence says that there is a filter, live and from a capture; without one there is none"""
    equal(brkwatch("-c", "-o", "t", "-w", "c", PROGRAM, "exec")[0], 0)
    equal(contents("t").splitlines().count(SENTENCE), 1)
    equal(brkwatch("-c", "-o", "u", "--read", "c")[0], 0)
    equal(contents("u"), contents("t"))
    equal(brkwatch("-c", "-o", "t", PROGRAM, "run")[0], 0)
    holds("seccomp" not in contents("t"), contents("t"))


@test
def in_totals_of_several():
    """-c -f: a sentence says in how many processes there is a filter; without one there is none"""
    # The shell and both programs are watched; the shell does not become the last one.
    both = ("sh", "-c", f"{PROGRAM} exec; {PROGRAM} run; :")
    equal(brkwatch("-c", "-f", "-o", "t", "-w", "c", *both)[0], 0)
    lines = contents("t").splitlines()
    equal([line for line in lines if "seccomp" in line], [AMONG.format(1, 3)])
    holds(lines[lines.index(AMONG.format(1, 3)) - 1].endswith("  3 processes"), contents("t"))
    for options, wanted in ((), [AMONG.format(1, 3)]), (("--per-process",), [AMONG.format(1, 3), SENTENCE]):
        equal(brkwatch("-c", *options, "-o", "u", "--read", "c")[0], 0)
        equal([line for line in contents("u").splitlines() if "seccomp" in line], wanted)
    equal(brkwatch("-c", "-f", "-o", "t", "sh", "-c", f"{PROGRAM} run; :")[0], 0)
    holds("seccomp" not in contents("t"), contents("t"))


@test
def in_json():
    """--json: the mode of seccomp, of each exec and in the totals"""
    equal(brkwatch("--json", "-o", "j", PROGRAM, "exec")[0], 0)
    equal([event["seccomp"] for event in events("j") if event["event"] == "exec"], ["off", "filter"])
    for way, mode in ("exec", "filter"), ("run", "off"):
        equal(brkwatch("-c", "--json", "-o", "j", PROGRAM, way)[0], 0)
        equal([process["seccomp"] for process in events("j")[-1]["processes"]], [mode])


@test
def asked():
    """--json: where brk is denied, the memory that malloc gets by mmap is malloc's"""
    equal(brkwatch("--json", "-o", "j", PROGRAM, "exec")[0], 0)
    found = events("j")
    last = max(number for number, event in enumerate(found) if event["event"] == "exec")
    # glibc asks for so much where it cannot move the break.
    large = [event for event in found[last:] if event.get("anonymous") and event["length"] >= 1 << 20]
    holds(large, *found[last:])
    equal({event["origin"] for event in large}, {"malloc"})


@test
def attached():
    """-p: a message says that the process has a filter"""
    target = Target(PROGRAM, "wait")
    equal(target.stdout.readline(), b"ready\n")
    watcher = Watcher("-c", "-o", "t", "-p", target.pid)
    equal(watcher.stderr.readline().decode(),
          f"brkwatch: process {target.pid} has a seccomp filter: calls that it denies never reach brkwatch\n")
    equal(target.end(), 0)
    equal(watcher.end(), (0, []))
    equal(contents("t").splitlines().count(SENTENCE), 1)


@test
def attached_for_programs():
    """-p --json, -p --strace: the message is on standard error; JSON has the mode, strace's lines have nothing"""
    for options in ("--json", "-w", "c"), ("--strace",):
        target = Target(PROGRAM, "wait")
        equal(target.stdout.readline(), b"ready\n")
        watcher = Watcher(*options, "-o", "o", "-p", target.pid)
        equal(watcher.stderr.readline().decode(),
              f"brkwatch: process {target.pid} has a seccomp filter: calls that it denies never reach brkwatch\n")
        equal(target.end(), 0)
        equal(watcher.end(), (0, []))
        if "--json" in options:
            equal([line["seccomp"] for line in objects("o") if line["event"] == "process"], ["filter"])
            equal(brkwatch("--json", "--read", "c", "-o", "p")[0], 0)
            equal(contents("p"), contents("o"))
        else:
            holds("mmap(" in contents("o") and "seccomp" not in contents("o"), contents("o"))


def filters():
    """In how many processes the main thread has a filter, as the kernel shows it."""
    found = 0
    for path in glob.glob("/proc/[0-9]*/status"):
        # A process may end meanwhile.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += bool(re.search(r"^Seccomp:\t2$", contents(path), re.M))
    return found


@test
def attached_to_all():
    """-a: a message says how many processes have a filter, and so does -c, of ended processes as well"""
    target = Target(PROGRAM, "wait")
    equal(target.stdout.readline(), b"ready\n")
    number = filters()
    watcher = Watcher("-a", "-c", "-o", "t")
    equal(watcher.stderr.readline().decode(), f"brkwatch: a seccomp filter is installed in {number} of them: "
                                              "calls that it denies never reach brkwatch\n")
    equal(target.end(), 0)
    equal(brkwatch("-c", "-o", "/dev/null", PROGRAM, "exec")[0], 0)
    watcher.send_signal(signal.SIGINT)
    equal(watcher.end(), (0, []))
    (line,) = [line for line in contents("t").splitlines() if "seccomp" in line]
    equal(re.sub(r" of \d+ ", " of N ", line), AMONG.format(number + 1, "N"))


@test
def filter_that_comes_later():
    """-c -p: the totals know of a filter that the process sets while it is watched"""
    target = Target(PROGRAM, "later")
    equal(target.stdout.readline(), b"ready\n")
    watcher = Watcher("-c", "-o", "t", "-p", target.pid)
    equal(target.end(), 0)
    equal(watcher.end(), (0, []))
    equal(contents("t").splitlines().count(SENTENCE), 1)


def by_errno(process):
    return {(entry["call"], entry["error"]): entry["calls"] for entry in process["refusals"]}


@test
def errnos():
    """-c: failed calls by errno are the program's own, in JSON, in text and from a capture"""
    target = Target()
    watcher = Watcher("-c", "--json", "-o", "j", "-w", "c", "-p", target.pid)
    target.do("100")
    target.do("others")
    own = target.do("refused")
    target.end()
    equal(watcher.end()[0], 0)
    wanted = {("mmap", "EINVAL"): own["mmap_failed"], ("munmap", "EINVAL"): own["munmap_failed"],
              ("brk", None): own["refused"]}
    wanted |= {(call, "EINVAL"): 1
               for call in ("mremap", "mprotect", "pkey_mprotect", "madvise", "shmat", "shmdt")}
    (process,) = events("j")[-1]["processes"]
    equal(by_errno(process), wanted)
    equal(brkwatch("-c", "--json", "-o", "k", "--read", "c")[0], 0)
    equal(by_errno(events("k")[-1]["processes"][0]), wanted)
    equal(brkwatch("-c", "-o", "t", "--read", "c")[0], 0)
    (line,) = re.findall(r"^refused:   (.*)$", contents("t"), re.M)
    equal(line.split(", ")[-1], f"brk {own['refused']}")
    equal(sorted(line.split(", ")), sorted(f"{call} {error} {calls}" if error else f"{call} {calls}"
                                           for (call, error), calls in wanted.items()))


main()
