#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Lines on terminals, colours, sizes in bytes, and lines in strace's format."""

import fcntl
import os
import re
import struct
import subprocess
import termios

from harness import CALLS, NONE_LOST, Target, Watcher, brkwatch, contents, equal, holds, main, refuses, test

COLOR = re.compile(r"\033\[\d+m")
TRACED = "brk,mmap,munmap,mremap,mprotect,pkey_mprotect,madvise,shmat,shmdt"


def on_terminal(columns, *args, **environment):
    """What a terminal of this width shows."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
    # CMD's output does not count.
    out = theirs if "--read" in args else subprocess.DEVNULL
    with subprocess.Popen(["brkwatch", *args], stdin=subprocess.DEVNULL, stdout=out, stderr=theirs,
                          env={**os.environ, "TERM": "linux", **environment}) as program:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # no process has the other end open any more
            pass
        equal(program.wait(), 0)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def joined(text):
    """Continued lines as one, with single spaces."""
    return [" ".join(line.split()) for line in re.sub(r"\n {14}", " ", text).splitlines()]


@test
def widths():
    """at 80 and at 200 columns the words are the same as in a file; no line is longer"""
    equal(brkwatch("-q", "-w", "f", CALLS, "9")[0], 0)
    equal(brkwatch("--read", "f", "-o", "t"), (0, "", ""))
    wanted = joined(contents("t"))
    holds(max(map(len, wanted)) > 100, *wanted)
    for columns in (80, 200):
        shown = on_terminal(columns, "--read", "f", NO_COLOR="1")
        equal(joined(shown), wanted)
        too_long = [line for line in shown.splitlines() if len(line) > columns]
        holds(not too_long, *too_long)
    places = {line.index("#") for line in shown.splitlines() if "#" in line and line.index("#") >= 100}
    equal(min(places), 100)
    equal(brkwatch("--read", "f", "--normalize", "-o", "t"), (0, "", ""))
    equal(on_terminal(80, "--read", "f", "--normalize"), contents("t"))


@test
def colors():
    """a terminal gets colours; not with NO_COLOR, TERM=dumb or --color never; always with --color always"""
    for args, environment, wanted in (((), {}, True), ((), {"NO_COLOR": "1"}, False),
                                      ((), {"TERM": "dumb"}, False), (("--color", "never"), {}, False),
                                      (("--color=always",), {"NO_COLOR": "1"}, True)):
        shown = on_terminal(80, "-q", *args, CALLS, "9", **environment)
        equal((args, environment, bool(COLOR.search(shown))), (args, environment, wanted))
        shown = on_terminal(80, "--json", *args, "true", **environment)
        holds(not COLOR.search(shown), shown)
    for when, wanted in (("auto", False), ("always", True)):
        equal(brkwatch("--normalize", "--color", when, "-o", "t", CALLS, "9"), (0, "", ""))
        equal((when, bool(COLOR.search(contents("t")))), (when, wanted))
    # Their meanings: one line each of growing, shrinking and being refused.
    lines = contents("t").splitlines()
    for sign, code in ((r"\+", 32), ("-", 36), ("refused", 31)):
        # Who asked stands before what was done.
        found = [line for line in lines if re.search(rf"\bbrk\(.*# (?:the program: )?{sign}", COLOR.sub("", line))]
        holds(found, sign, *lines)
        holds(all(f"\033[{code}m# " in line for line in found), *found)
    refuses("--color: 'no' is none of auto, always and never; try --color auto", "--color", "no", "true")


@test
def in_bytes():
    """--bytes writes no KiB and MiB, in text and in the map"""
    for options in ((), ("--map",)):
        for bytes_too in (False, True):
            equal(brkwatch("-o", "t", *options, *["--bytes"] * bytes_too, CALLS, "9")[0], 0)
            equal((options, bytes_too, bool(re.search(r"\d [KMG]iB", contents("t")))),
                  (options, bytes_too, not bytes_too))
    status, _, said = brkwatch("--bytes", "--normalize", CALLS, "1")
    equal(status, 0)
    holds(re.search(r"# [^#]+: \+\d+ pages? \(\d+ bytes\)", said), said)


def of_strace(path, pid=None):
    """PID and lines without times, for the process of the last line."""
    found = []
    for line in contents(path).splitlines():
        match = re.fullmatch(r"(\d+) +(\d+\.\d{6}) (.*?)( <\d+\.\d{6}>)?", line)
        holds(match, line)
        holds(bool(match.group(4)) == (match.group(3)[0] not in "+-"), line)
        found.append((int(match.group(1)), match.group(3)))
    pid = pid or found[-1][0]
    return pid, [line for of, line in found if of == pid]


@test
def strace_lines():
    """--strace writes the same calls as strace does, byte for byte"""
    for command in ((CALLS, "30"), ("sh", "-c", "exec 3>&1; kill -9 $$")):
        status, _, said = brkwatch("-q", "--strace", "-f", "-o", "ours", "strace", "-f", "-ttt", "-T",
                                   "-e", f"trace={TRACED}", "-o", "theirs", *command)
        equal((status, said), (-9 if command[0] == "sh" else 0, ""))
        pid, theirs = of_strace("theirs")
        _, ours = of_strace("ours", pid)
        holds(len(theirs) > 10, *theirs)
        equal(ours[-len(theirs):], theirs)


@test
def strace_faults():
    """a fault and a death by it, as strace writes them"""
    crash = "import ctypes; ctypes.string_at(64)"
    status, _, _ = brkwatch("--strace", "-f", "-o", "ours", "strace", "-f", "-ttt", "-T", "-e", "trace=brk",
                            "-o", "theirs", "python3", "-c", crash)
    equal(status, -11)
    pid, theirs = of_strace("theirs")
    _, ours = of_strace("ours", pid)
    equal([line for line in ours if line[0] in "-+"], [line for line in theirs if line[0] in "-+"])
    equal(len(theirs[-2:]), 2)


@test
def strace_apart():
    """--strace excludes the other forms; losses are reported"""
    for other in ("--json", "-c", "--map", "--check", "--normalize", "-r"):
        status, _, said = brkwatch("--strace", other, "true")
        equal(status, 1)
        holds("do not go together" in said, said)
    target = Target()
    watcher = Watcher("--strace", "--buffer", "4K", "-o", "t", "-p", target.pid)
    watcher.stop()
    target.do(1000)
    watcher.go_on()
    target.end()
    status, said = watcher.end()
    equal((status, len(said)), (0, 1))
    holds(re.fullmatch(r"brkwatch: \d+ events were lost; try a larger --buffer", said[0]), said)
    holds(NONE_LOST not in contents("t"))


main()
