#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Many processes: each gets one line, and nothing is kept when it has ended."""

import os
import re
import signal
import subprocess

from harness import (CALLS, NONE_LOST, Target, Watcher, bare, brkwatch, contents, equal, events, holds, main,
                     refuses, test)
from schema import fits

# The tool used to keep 3.5 KiB and more of an ended process. Its peak varies by some hundred KiB with
# the number of unread messages, so the test cannot demand the exact 100 bytes.
FEW, MANY, DEAD = 200, 2200, 600
FORKS = "i=0; while [ $i -lt %d ]; do (:); i=$((i + 1)); done; echo enough >/proc/brkwatch; echo over"
ROW = re.compile(r" *(\d+) +(\d+) +(\d+) +(\d+) +(\d+)  (.*)")
WHO = ("got", "by brk", "by mmap", "calls", "failures", "process")


def peak(options, children):
    """KiB that the tool had resident at most after so many children had ended."""
    shell = Target("sh")
    watched = () if "-a" in options else ("-f", "-p", shell.pid)
    watcher = Watcher(*options, *watched)
    shell.tell(FORKS % children)
    # A test that reads the file all the time would keep the CPU from the shell and the tool.
    equal(shell.stdout.readline(), b"over\n")
    while not os.path.exists("t"):
        pass
    while True:
        with open("t", "rb") as file:
            if b"enough" in file.read():
                break
    found = int(re.search(r"^VmHWM:\s+(\d+) kB$", contents(f"/proc/{watcher.pid}/status"), re.M)[1])
    shell.end()
    if "-a" in options:
        watcher.send_signal(signal.SIGINT)
    equal(watcher.end()[0], 0)
    os.unlink("t")
    return found


def flat(*options):
    def judge():
        more = peak(options, MANY) - peak(options, FEW)
        holds(more * 1024 < DEAD * (MANY - FEW), options, f"{more} KiB")
    judge.__doc__ = f"{' '.join(options)}: {MANY - FEW:,} more children that have ended take next to nothing"
    return judge


# selftests/capture/run checks every view, with captures.
for view in (("-o", "t"), ("-c", "--json", "-o", "t"), ("-w", "t"), ("-a", "-c", "-o", "t")):
    test(flat(*view))


def table(text):
    """Rows of a summary: [(got, by brk, by mmap, calls, failures, whose)]."""
    lines = bare(text).splitlines()
    head = next(at for at, line in enumerate(lines) if line.split() == " ".join(WHO).split())
    found = []
    for line in lines[head + 1:]:
        if not line:
            return found
        *figures, whose = ROW.fullmatch(line).groups()
        found.append((*map(int, figures), whose))
    return found


def adds_up(rows):
    equal([sum(row[column] for row in rows[:-1]) for column in range(5)], list(rows[-1][:5]))
    holds(all(row[0] == row[1] + row[2] for row in rows), *rows)


@test
def children_in_a_table():
    """-c -f: a line for each process, the largest first, --most of them, the sum of all last"""
    shell = Target("sh")
    forms = (("--bytes",), ("--bytes", "--most", "3"), ("--bytes", "--per-process"), ("--json",))
    watchers = [Watcher("-f", "-c", *options, "-o", f"t{number}", "-p", shell.pid)
                for number, options in enumerate(forms)]
    for number in range(30):
        shell.tell(f"{CALLS} {number} </dev/null")
    shell.end()
    for watcher in watchers:
        equal(watcher.end()[0], 0)
    (summary,) = events("t3")
    holds(fits(summary), summary)
    processes = {process["pid"]: process for process in summary["processes"]}
    equal(len(processes), 31)
    rows = [table(contents(f"t{number}")) for number in range(3)]
    for found in rows:
        adds_up(found)
    equal([len(found) for found in rows], [22, 5, 22])
    equal([found[-1] for found in rows], [rows[0][-1]] * 3)
    equal([found[-1][-1] for found in rows], ["31 processes"] * 3)
    equal([found[-2][-1] for found in rows], ["11 others", "28 others", "11 others"])
    equal(rows[1][:3], rows[0][:3])
    got = [row[0] for row in rows[0][:-2]]
    equal(got, sorted(got, reverse=True))
    for row in rows[0][:-2]:
        process = processes[int(re.fullmatch(r"pid (\d+) \(\w+\)", row[-1])[1])]
        equal(row[1], process["got"]["brk_bytes"])
        equal(row[2], process["got"]["mmap_bytes"] + process["got"]["reserved_bytes"])
        # No call was reported.
        equal(set(process["served"].values()), {None})
        equal(row[3], sum(call["calls"] for name, call in process["calls"].items()
                          if name not in ("mmap_anonymous", "mmap_file")))
        equal(row[4], sum(call["failures"] for call in process["calls"].values()))
    told = [int(pid) for pid in re.findall(r"^pid (\d+) \(", contents("t2"), re.M)]
    equal(sorted(told), sorted(processes))
    equal({name["comm"]: name["processes"] for name in summary["ended"]}, {"sh": 1, "calls": 30})
    holds(all(contents(f"t{number}").endswith(f"{NONE_LOST}\n") for number in range(3)))


@test
def one_process():
    """-c -f with one process: no table"""
    equal(brkwatch("-c", "-f", "-o", "t", CALLS, "3"), (0, "", ""))
    holds(contents("t").startswith("pid ") and " processes\n" not in contents("t"), contents("t"))
    for option in (("--most", "3"), ("--per-process",)):
        refuses(f"{option[0]} is about totals as text; give -c, or leave it out", *option, "true")
        refuses(f"{option[0]} is about totals as text; give -c, or leave it out", "-c", "--json", *option, "true")


@test
def whole_system():
    """-c -a: ended processes by name, running ones by number"""
    still = Target()
    with subprocess.Popen(["brkwatch", "-q", "-c", "-a", "--bytes", "--most", "1000", "--interval", "0.2", "-o", "t"],
                          stderr=subprocess.PIPE) as watcher:
        while not os.path.exists("t") or " ended (calls)\n" not in contents("t"):
            subprocess.run([CALLS, "3"], check=True)
        watcher.send_signal(signal.SIGINT)
        equal((watcher.stderr.read(), watcher.wait()), (b"", 0))
    text = contents("t")
    rows = table(text[text.rindex(" got "):])
    adds_up(rows)
    whose = [row[-1] for row in rows]
    holds(f"pid {still.pid} (calls)" in whose, *whose)
    ended = [row for row in whose if re.fullmatch(r"\d+ ended \(calls\)", row)]
    equal(len(ended), 1)
    still.end()


def reports(path):
    """The text after each title of a report at an interval."""
    return re.split(r"^after .*\n", contents(path), flags=re.M)[1:]


@test
def told_once():
    """-c --interval --per-process: an ended child is reported once, and again at the end"""
    shell = Target("sh")
    watcher = Watcher("-f", "-c", "--per-process", "--interval", "0.05", "-o", "t", "-p", shell.pid)
    shell.tell(f"{CALLS} 3 </dev/null >/dev/null; echo over")
    shell.stdout.readline()
    # A report lists the process as running, the next one as ended; the last may be half written.
    wanted = len(reports("t")) + 5
    while len(reports("t")) < wanted:
        pass
    shell.end()
    equal(watcher.end()[0], 0)
    # The report at the end has no title of its own.
    middle, end = reports("t")[-1].rsplit("\n             got", 1)
    found = [len(re.findall(r"^pid \d+ \(calls\)$", report, re.M)) for report in [*reports("t")[:-1], middle, end]]
    equal((found[-2:], max(found)), ([0, 1], 1))
    holds(sum(found[:-1]) >= 1, *found)


if __name__ == "__main__":
    main()
