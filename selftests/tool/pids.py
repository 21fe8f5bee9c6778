#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""brkwatch -p: which processes, and those that cannot be watched."""

import os
import re
import signal
import subprocess

from harness import (NONE_LOST, Program, Target, Watcher, brkwatch, contents, ended, equal, holds,
                     main, refuses, test)


def gone():
    """The number of a process that has ended."""
    program = subprocess.Popen(["true"])
    program.wait()
    return program.pid


def watched(targets, *args):
    """With these arguments the tool watches exactly these, each once, and ends after all."""
    watcher = Watcher(*args, watched=len(targets))
    equal(watcher.said, [f"brkwatch: watching {target.pid} (calls)" for target in targets])
    total = 0
    for target in targets:
        made = target.do(2)
        total += made["brk"] + made["mmap"] + made["munmap"] + 1
        equal(watcher.poll(), None)
        target.end()
    status, lines = watcher.end()
    equal((status, lines[-1]), (0, f"events {total}, {NONE_LOST}"))
    return lines[:-1]


@test
def one():
    """-p, --pid and --pid=; no [pid N] with a single process"""
    for form in ("-p {}", "-p{}", "--pid {}", "--pid={}", "-p {0},{0}"):
        target = Target()
        lines = watched([target], *form.format(target.pid).split())
        holds(all(re.match(r" +\d+\.\d{6} (brk|mmap|munmap)\(", line) for line in lines[:-1]), *lines)
        holds(ended(lines[-1], "exited with 0"), *lines)


@test
def several():
    """PIDs between commas, spaces and newlines, and in several -p: then [pid N] appears"""
    for form in ("-p|{},{},{}", "-p|{} {}\n{}\n", "-p|{},|--pid|{}|-p|\t{}", "-p|{0} {1}|-p|{1},{2}"):
        targets = [Target() for _ in range(3)]
        lines = watched(targets, *form.format(*(target.pid for target in targets)).split("|"))
        seen = {int(re.match(r" +\d+\.\d{6} \[pid (\d+)\] ", line).group(1)) for line in lines}
        equal(seen, {target.pid for target in targets})


@test
def threads():
    """[pid N tid N] appears from the first thread on, in lines of a thread"""
    target = Target()
    watcher = Watcher("-p", target.pid)
    target.do(2)
    target.do("thread")
    target.do("2")
    target.end()
    status, lines = watcher.end()
    equal(status, 0)
    born = next(number for number, line in enumerate(lines) if "+++ clone: thread" in line)
    tid = int(re.search(r"clone: thread (\d+) ", lines[born]).group(1))
    holds(not any("[pid" in line for line in lines[:born]), *lines)
    seen = [re.match(rf" +\d+\.\d{{6}} \[pid {target.pid}(?: tid (\d+))?\] ", line) for line in lines[born:-1]]
    holds(all(seen), *lines)
    holds({match.group(1) for match in seen[:-1]} <= {str(target.pid), str(tid)}, *lines)
    equal(seen[0].group(1), str(target.pid))
    # The exit belongs to the process.
    equal(seen[-1].group(1), None)


@test
def pgrep():
    """several PIDs as pgrep prints them"""
    targets = [Target(), Target()]
    listed = subprocess.check_output(["pgrep", "-x", "calls"], text=True).rstrip("\n")
    equal(listed.split("\n"), [str(target.pid) for target in targets])
    watched(targets, "-p", listed)


@test
def with_command():
    """-p and CMD: the tool ends when both have ended, with the status of CMD"""
    target = Target()
    watcher = Watcher("-p", target.pid, command=["sh", "-c", "exit 6"])
    line = ""
    while "exited with 6" not in line:
        line = watcher.line()
        holds("[pid " in line, line)
    equal(watcher.poll(), None)
    target.end()
    status, lines = watcher.end()
    equal(status, 6)
    holds(f" [pid {target.pid}] " in lines[-2] and ended(lines[-2], "exited with 0"), *lines)


@test
def target_ends():
    """status is 0 at the end of a watched process, whatever ended it"""
    for word, said in (("exit 5", "exited with 5"), (f"kill {signal.SIGKILL:d}", "killed by SIGKILL")):
        target = Target()
        watcher = Watcher("-p", target.pid)
        target.tell(word)
        status, lines = watcher.end()
        equal(status, 0)
        holds(ended(lines[0], said), *lines)


@test
def missing():
    """a process that has ended"""
    pid = gone()
    refuses(f"no process {pid} to watch: no such process; see: ps -e", "-p", str(pid))
    target = Target()
    watcher = Program(["brkwatch", "-p", f"{pid},{target.pid}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    equal(watcher.stderr.readline().decode(),
          f"brkwatch: no process {pid} to watch: no such process; see: ps -e\n")
    equal(watcher.stderr.readline().decode(), f"brkwatch: watching {target.pid} (calls)\n")
    target.end()
    shown = watcher.stdout.read()
    holds(b"+++ exited" in shown and b"[pid" not in shown, shown)
    equal(watcher.wait(), 0)


@test
def unwatchable():
    """a kernel thread and a zombie have no memory to watch"""
    refuses("cannot watch process 2: a kernel thread or an exited process has no memory map; "
            "name another, see: ps -e", "-p", "2")
    zombie = Program(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    refuses(f"no process {zombie.pid} to watch: a kernel thread or an exited process has no "
            "memory map; see: ps -e", "-p", str(zombie.pid))


@test
def no_numbers():
    """an error quotes what is not a process id"""
    for text, bad in (("abc", "abc"), ("1,2x", "2x"), ("1 -5", "-5"), ("0", "0"), ("+1", "+1"),
                      ("0x10", "0x10"), ("99999999999", "99999999999"), ("1;2", "1;2")):
        refuses(f"-p: '{bad}' is not a process id; give numbers, as in: brkwatch -p 12,34",
                "-p", text)
    for text in ("", " ", ",", "\n"):
        refuses("-p got no process id; give one, as in: brkwatch -p 1234", "-p", text)
    refuses("-p: 'x' is not a process id; give numbers, as in: brkwatch -p 12,34",
            "-p", "x", "touch", "ran")
    holds(not os.path.exists("ran"))


@test
def missing_with_command():
    """CMD runs even if a process has ended"""
    status, _, err = brkwatch("-o", "t", "-p", str(gone()), "sh", "-c", "exit 2")
    equal((status, err.count("\n")), (2, 1))
    holds("exited with 2" in contents("t"), contents("t"))


if __name__ == "__main__":
    main()
