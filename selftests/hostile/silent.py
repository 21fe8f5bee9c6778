#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A file server of a watched process keeps no reader of stacks waiting (server.py).

The process runs a program on a FUSE file system. Where its server answers, brkwatch -k names the
program's functions. Where the server does not, brkwatch shows the events all the same, and ^C ends it.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile

from helpers import Helper, Keeper, Tool, Wrong, need_fuse, open_folder, run_tests, switch_cpu1, wait_for

# The function of the program that makes the calls; the compiler may put it into main().
NAMED = r"^ > \S*/0\((calls|main)[.\w]*\+0x"
UNREAD = r"^ > \S*/0\(\+0x\w+\) \[0x\w+\] \(the file that was mapped cannot be read\)$"

os.chdir(os.path.dirname(os.path.abspath(__file__)))


class Served(Helper):
    def __init__(self, kind, how):
        super().__init__("./server.py", kind, open_folder(), how)
        self.actor = int(self.answer(64) or 0)
        if not self.actor:
            raise Wrong(f"no program on {kind}")
        self.do_calls()

    def do_calls(self):
        self.stdin.write(b"c")
        if self.answer(1) != b"c":
            raise Wrong("the program is gone")


def watch(served):
    """Returns what the tool shows of calls of the program, once ^C has ended it."""
    with tempfile.NamedTemporaryFile("r") as out:
        tool = Tool("-k", "-o", out.name, "-p", str(served.actor))
        try:
            tool.says(f"watching {served.actor}")
            served.do_calls()
            wait_for("a stack", lambda: " > " in read(out.name) or tool.poll() is not None)
            tool.send_signal(signal.SIGINT)
            if tool.ends():
                raise Wrong(tool.text())
        finally:
            tool.kill()
        return read(out.name)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def expect(kind, how, wanted, other):
    served = Served(kind, how)
    try:
        text = watch(served)
    finally:
        # A tool that waits for the server can end then.
        served.kill_hard()
    if "mmap(" not in text or not re.search(wanted, text, re.M) or re.search(other, text, re.M):
        raise Wrong(text[:2000])


def served_files():
    """have names"""
    expect("fuse", "answers", NAMED, UNREAD)


def silent_servers():
    """keep nobody waiting"""
    expect("fuse", "silent", UNREAD, NAMED)


def large_files():
    """are not copied"""
    expect("fuse", "large", UNREAD, NAMED)


def served_files_below_an_overlay():
    """have names"""
    expect("overlay", "answers", NAMED, UNREAD)


def silent_servers_below_an_overlay():
    """do not keep root waiting"""
    expect("overlay", "silent", UNREAD, NAMED)


def has_overlay():
    """Can a user mount an overlayfs? Linux 5.11 brought that."""
    subprocess.run(["modprobe", "-q", "overlay"], check=False)
    version = tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups()))
    return version >= (5, 11) and "\toverlay\n" in read("/proc/filesystems")


def main():
    need_fuse()
    switch_cpu1(0)
    # A session keeps the probes in: the debugging kernel takes long to put them in and to remove them.
    keeper = Keeper(1 << 16)
    tests = [served_files, silent_servers, large_files]
    if has_overlay():
        tests += [served_files_below_an_overlay, silent_servers_below_an_overlay]
    bad = run_tests(tests)
    keeper.kill_hard()
    switch_cpu1(1)
    sys.stdout.flush()
    os._exit(bool(bad))


main()
