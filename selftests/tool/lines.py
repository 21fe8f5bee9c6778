#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Lines other than events, where lines go, and a limit that they show."""

import datetime
import os
import re
import signal
import subprocess
import time

from harness import NONE_LOST, Program, Target, Watcher, brkwatch, contents, equal, events, holds, main, refuses, test

NUMBER = r"\d+\.\d{6}"


def lines_of(*options):
    """Lines of a run of true, without the last, and the seconds since 1970 around it."""
    began = time.time()
    equal(brkwatch(*options, "-o", "lines", "true"), (0, "", ""))
    *lines, last = contents("lines").splitlines()
    holds(last.endswith(NONE_LOST), last)
    holds(len(lines) > 5, *lines)
    return lines, began, time.time()


def matches(pattern, lines):
    """The groups of this pattern in each line."""
    found = [re.match(pattern, line) for line in lines]
    holds(all(found), pattern, *lines)
    return [match.groups() for match in found]


@test
def epoch():
    """-ttt prints seconds since 1970, in order, within the run"""
    lines, began, ended = lines_of("-ttt")
    stamps = [float(stamp) for stamp, in matches(rf"({NUMBER}) \S", lines)]
    equal(stamps, sorted(stamps))
    holds(began <= stamps[0] and stamps[-1] <= ended, began, *stamps, ended)


@test
def time_of_day():
    """-t and -tt print the time of day"""
    for options, parse, unit in ((["-t"], "%H:%M:%S", 1), (["-tt"], "%H:%M:%S.%f", 1e-6),
                                 (["-t", "-t"], "%H:%M:%S.%f", 1e-6)):
        lines, began, ended = lines_of(*options)
        for stamp, in matches(r"(\S+) \S", lines):
            clock = datetime.datetime.strptime(stamp, parse)
            day = datetime.datetime.fromtimestamp(began).replace(hour=0, minute=0, second=0,
                                                                 microsecond=0).timestamp()
            seconds = day + clock.hour * 3600 + clock.minute * 60 + clock.second
            seconds += clock.microsecond / 1e6
            if seconds < began - unit:
                seconds += 24 * 3600
            holds(seconds <= ended, began, stamp, ended)


@test
def relative():
    """-r prints the time since the previous line, also beside the time of day"""
    lines, _, _ = lines_of("-r", "-ttt")
    groups = matches(rf"({NUMBER}) \(\+ *({NUMBER})\) \S", lines)
    stamps = [(float(stamp), float(pause)) for stamp, pause in groups]
    equal(stamps[0][1], 0)
    for (before, _), (stamp, pause) in zip(stamps, stamps[1:]):
        holds(abs(stamp - before - pause) < 3e-6, before, stamp, pause)
    lines, _, _ = lines_of("-r")
    pauses = [float(pause) for pause, in matches(rf" *({NUMBER}) \S", lines)]
    holds(pauses[0] == 0 and sum(pauses) > 0, *pauses)


@test
def durations():
    """-T prints how long a call took: with one thread, never longer than since the previous one"""
    lines, _, _ = lines_of("-r", "-T", "--all")
    calls = [line for line in lines[1:] if "+++" not in line]
    groups = matches(rf" *({NUMBER}) \w+\(.*\) = .* <({NUMBER})>  # ", calls)
    holds(all(float(took) <= float(pause) + 2e-6 for pause, took in groups), *calls)
    holds(any(float(took) for _, took in groups), *calls)
    holds(not any("<" in line for line in lines if "+++" in line), *lines)


@test
def quiet():
    """-q suppresses the messages about what is watched"""
    target = Target()
    for options in ((), ("-q",)):
        status, out, err = brkwatch("--duration", "0.1", *options, "-p", str(target.pid))
        equal((status, out), (0, f"events 0, {NONE_LOST}\n"))
        equal(err, "" if options else f"brkwatch: watching {target.pid} (calls)\n")


@test
def to_a_command():
    """-o '|CMD' writes to a command of the shell and waits for it"""
    equal(brkwatch("-o", "|sleep 0.3; cat >copy; echo read", "true"), (0, "read\n", ""))
    holds(contents("copy").endswith(f"{NONE_LOST}\n"))
    equal(brkwatch("-o", "|grep -c exited", "true")[:2], (0, "1\n"))
    equal(brkwatch("-o", "|cat >&2", "sh", "-c", "exit 7")[0], 7)


@test
def command_survives_interrupt():
    """^C does not kill a command that reads the output before its end"""
    target = Target()
    tool = Program(["brkwatch", "-o", "|cat >copy", "-p", str(target.pid)], stderr=subprocess.PIPE,
                   start_new_session=True)
    holds(tool.stderr.readline().startswith(b"brkwatch: watching "))
    target.do(3)
    os.killpg(tool.pid, signal.SIGINT)
    equal(tool.wait(), 0)
    lines = contents("copy").splitlines()
    holds(len(lines) > 1 and lines[-1].endswith(NONE_LOST), *lines)


@test
def count():
    """--count ends after so many shown events; CMD runs to its end"""
    program = ("sh", "-c", "exit 5")
    equal(brkwatch("-o", "all", "--normalize", *program), (5, "", ""))
    *every, last = contents("all").splitlines()
    holds(last.endswith(NONE_LOST) and len(every) > 4, last)
    for number in (1, 4, len(every), len(every) + 1):
        equal(brkwatch("-o", "some", "--normalize", "--count", str(number), *program), (5, "", ""))
        *some, last = contents("some").splitlines()
        equal(some, every[:number])
        holds(last.endswith(NONE_LOST), last)
    equal(brkwatch("--json", "-o", "j", "--count", "2", *program), (5, "", ""))
    equal([event["event"] for event in events("j")][2:], ["lost"])
    target = Target()
    watcher = Watcher("--count", "1", "-p", target.pid)
    target.do(3)
    status, lines = watcher.end()
    equal((status, len(lines)), (0, 2))
    equal(target.end(), 0)


@test
def appended():
    """-A appends to the file of -o; without it the file is overwritten"""
    for options in ((), ("-A",), ("-A",)):
        equal(brkwatch("--normalize", *options, "-o", "t", "true"), (0, "", ""))
    equal(contents("t").count(NONE_LOST), 3)
    equal(brkwatch("--normalize", "-o", "t", "true"), (0, "", ""))
    equal(contents("t").count(NONE_LOST), 1)
    refuses("-A adds to a file; give -o FILE, or leave it out", "-A", "true")


@test
def environment():
    """-E sets a variable of CMD, or removes it; the tool's own stay"""
    how = {"env": {**os.environ, "GONE": "1", "KEPT": "2"}}
    script = 'echo "$SET ${GONE-none} $KEPT"; exit 5'
    equal(brkwatch("-o", "t", "-E", "SET=a=b", "-E", "GONE", "sh", "-c", script, **how), (5, "a=b none 2\n", ""))
    refuses("-E: '=x' names no variable; give VAR=VAL, or VAR to remove it", "-E", "=x", "true")
    refuses("-E is about a command; give one, or leave it out", "-E", "A=b", "-p", "1")


@test
def other_user():
    """-u runs CMD as a user, with its groups; a program that this user may not run gives an error"""
    wanted = subprocess.check_output(["sh", "-c", "id -u nobody; id -G nobody"], text=True)
    os.chmod(".", 0o755)
    for name in ("nobody", wanted.split()[0]):
        status, out, err = brkwatch("-o", "t", "-u", name, "sh", "-c", "id -u; id -G; exit 3")
        equal((name, status, out, err), (name, 3, wanted, ""))
        holds(" brk(" in contents("t") and contents("t").endswith(f"{NONE_LOST}\n"), contents("t"))
    # The kernel checks the folder against this user, not against root.
    os.mkdir("closed", 0o700)
    open("closed/program", "w", encoding="ascii").close()
    os.chmod("closed/program", 0o755)
    refuses("cannot run 'closed/program': Permission denied; check what it is: ls -l, file", "-u", "nobody",
            "closed/program")
    refuses("-u: there is no user 'noone'; give a name or number, see: getent passwd", "-u", "noone", "true")
    refuses("-u is about a command; give one, or leave it out", "-u", "root", "-p", "1")


@test
def as_strace_writes_events():
    """-e trace=LIST equals -e LIST, and ! excludes"""
    seen = {}
    for name, options in (("all", ()), ("some", ("-e", "trace=brk,exit")), ("rest", ("-e", "!brk,exit")),
                          ("less", ("-e", "trace=!brk", "-e", "!exit"))):
        equal(brkwatch("--json", "--normalize", *options, "-o", name, "true"), (0, "", ""))
        seen[name] = [event["event"] for event in events(name)]
    equal(seen["some"], [kind for kind in seen["all"] if kind in ("brk", "exit", "lost")])
    equal(seen["rest"], [kind for kind in seen["all"] if kind not in ("brk", "exit")])
    equal(seen["less"], seen["rest"])
    holds(len(set(seen["rest"])) > 2 and "brk" in seen["some"], seen)
    refuses("--event: '!brk' leaves no event; leave fewer out", "-e", "brk", "-e", "!brk", "true")


@test
def limit_of_data():
    """--limit-data makes the kernel refuse: a real refused brk, and malloc's mmap after it"""
    equal(brkwatch("--limit-data", "8M", "-o", "t", "bash", "-c", "ulimit -d; ulimit -H -d"),
          (0, "8192\n8192\n", ""))
    fill = 'push @kept, "x" x 1000 for 1 .. 100000'
    status, _, err = brkwatch("--limit-data", "8M", "--json", "-o", "j", "perl", "-e", fill)
    holds(status != 0 and "memory" in err, status, err)
    seen = events("j")
    refused = next(number for number, event in enumerate(seen)
                   if event["event"] == "brk" and event["kind"] == "refused")
    heap = int(seen[refused]["requested"], 16) - int(seen[refused]["heap_start"], 16)
    holds(4 << 20 < heap <= 10 << 20, seen[refused])
    holds(any(event["event"] == "mmap" and event["error"] == "ENOMEM" for event in seen[refused:]),
          *seen[refused:])
    equal(brkwatch("--json", "-o", "j", "perl", "-e", fill), (0, "", ""))
    holds(not any(event.get("kind") == "refused" for event in events("j")))


main()
