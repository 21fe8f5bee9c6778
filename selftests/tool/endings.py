#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""How the tool ends: the status of CMD, signals, the terminal."""

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import termios

from harness import (CALLS, NONE_LOST, Program, Target, Watcher, brkwatch, contents, ended, equal,
                     holds, main, refuses, test)


def ends(status, *argv):
    got, out, err = brkwatch("-o", "t", *argv)
    equal((got, out, err), (status, "", ""))
    holds(contents("t").endswith(f"{NONE_LOST}\n"), contents("t"))


@test
def statuses():
    """the tool exits with the status of CMD"""
    ends(0, "true")
    ends(3, "sh", "-c", "exit 3")
    ends(255, "sh", "-c", "exit 255")


@test
def killed():
    """a signal that kills CMD kills the tool"""
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGINT, signal.SIGPIPE):
        ends(-number, "sh", "-c", f"kill -{int(number)} $$")


@test
def cannot_run():
    """one sentence names a CMD that cannot be run"""
    open("data", "w").close()
    missing = "No such file or directory; check its name and PATH"
    denied = "Permission denied; check what it is: ls -l, file"
    for said, *args in ((f"'no-such-program': {missing}", "no-such-program"),
                        (f"'./data': {denied}", "./data"), (f"'/': {denied}", "--json", "/"),
                        (f"'-c': {missing}", "--", "-c")):
        refuses(f"cannot run {said}", *args)


@test
def arguments():
    """-- begins CMD; the options after it belong to CMD"""
    script = 'printf "%s\\n" "$@"; exit 4'
    own = ["-c", "--json", "--", "-p", "1", "--no-such-option"]
    for separator in ([], ["--"]):
        got, out, err = brkwatch("-o", "t", *separator, "sh", "-c", script, "sh", *own)
        equal((got, out.split(), err), (4, own, ""))


@test
def streams():
    """CMD gets the tool's stdin, and has stdout to itself"""
    done = subprocess.run(["brkwatch", "cat"], input="a line\n", capture_output=True, text=True,
                          check=False)
    equal((done.returncode, done.stdout), (0, "a line\n"))
    holds(ended(done.stderr.splitlines()[-2], "exited with 0"), done.stderr)


@test
def interrupted_attached():
    """^C when attached: the tool drains the rest, status 0, the target lives on"""
    target = Target()
    watcher = Watcher("--all", "-p", target.pid)
    watcher.stop()
    made = target.do(50)
    watcher.send_signal(signal.SIGINT)
    watcher.go_on()
    status, lines = watcher.end()
    total = made["brk"] + made["mmap"] + made["munmap"]
    equal((status, len(lines), lines[-1]), (0, total + 1, f"events {total}, {NONE_LOST}"))
    holds(target.do(1)["brk"] > made["brk"])
    equal(target.end(), 0)


@test
def terminated():
    """SIGTERM and SIGHUP: the tool prints the rest and dies of them, the target lives on"""
    for number in (signal.SIGTERM, signal.SIGHUP):
        target = Target()
        watcher = Watcher("-p", target.pid)
        watcher.stop()
        made = target.do(5)
        watcher.send_signal(number)
        watcher.go_on()
        status, lines = watcher.end()
        total = made["brk"] + made["mmap"] + made["munmap"]
        equal((status, lines[-1]), (-number, f"events {total}, {NONE_LOST}"))
        target.do(1)
        equal(target.end(), 0)


@test
def terminated_launched():
    """SIGTERM and SIGHUP: the tool passes them on to CMD, and dies of them"""
    for number in (signal.SIGTERM, signal.SIGHUP):
        command = Program(["brkwatch", "-o", "t", CALLS], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE)
        command.stdout.readline()
        command.send_signal(number)
        equal(command.wait(), -number)
        holds(contents("t").endswith(f"{NONE_LOST}\n"), contents("t"))
        # The pipe ends, because only CMD still held it.
        equal(command.stdout.read(), b"")


class OnTerminal(Program):
    """brkwatch and its CMD on a terminal of their own."""

    def __init__(self, word):
        self.fd, terminal = pty.openpty()
        # Otherwise ^C would discard what CMD prints at that moment.
        mode = termios.tcgetattr(terminal)
        mode[3] |= termios.NOFLSH
        termios.tcsetattr(terminal, termios.TCSANOW, mode)
        super().__init__(["setsid", "--ctty", "env", "--default-signal", "brkwatch", "-o", "t",
                          CALLS],
                         stdin=terminal, stdout=terminal, stderr=terminal)
        os.close(terminal)
        holds(self.read_until(b"}\r\n"))
        os.write(self.fd, f"{word}\n".encode())
        holds(self.read_until(b"}\r\n"))

    def read_until(self, text):
        """Whether the text came; otherwise the terminal was closed."""
        got = b""
        with contextlib.suppress(OSError):
            while not got.endswith(text):
                got += os.read(self.fd, 1)
        return got.endswith(text)

    def interrupt(self, key=b"\x03"):
        os.write(self.fd, key)


@test
def interrupted_launched():
    """^C and ^\\ on a terminal go to CMD too, and the tool ends as CMD does"""
    for word, key, status, end in (("trap 7", b"\x03", 7, "exited with 7"),
                                   ("1", b"\x03", -signal.SIGINT, "killed by SIGINT"),
                                   ("1", b"\x1c", -signal.SIGQUIT, "killed by SIGQUIT")):
        terminal = OnTerminal(word)
        terminal.interrupt(key)
        equal(terminal.wait(), status)
        lines = contents("t").splitlines()
        holds(lines[-1].endswith(NONE_LOST), lines[-1])
        holds(ended(lines[-2].replace(" (core dumped)", ""), end), lines[-2])


@test
def interrupted_twice():
    """^C again and again: the tool quits with 130 when CMD ignores it"""
    terminal = OnTerminal("trap 0")
    # The first ^C does not end the tool, because CMD still answers it. Which later one ends it depends
    # on timing, and so does what a terminal delivers when it loses its session: so the test presses ^C
    # again instead of waiting.
    terminal.interrupt()
    holds(terminal.read_until(b"again\r\n"))
    equal(terminal.poll(), None)
    while terminal.poll() is None:
        with contextlib.suppress(OSError):
            terminal.interrupt()
            if select.select([terminal.fd], [], [], 0.1)[0]:
                os.read(terminal.fd, 1024)
    equal(terminal.wait(), 130)


def unload(watcher, target, _terminal):
    equal(subprocess.run(["rmmod", "brkwatch"], stderr=subprocess.DEVNULL, check=False).returncode, 1)
    equal(watcher.poll(), None)
    target.end()


# What ends an attached session, with a text file and a capture, and the tool's status then.
ENDS = {
    "the target exits": (lambda watcher, target, terminal: target.end(), 0),
    "the target execs, and exits": (lambda watcher, target, terminal: target.tell("exec"), 0),
    "^C": (lambda watcher, target, terminal: os.write(terminal, b"\x03"), 0),
    "^\\": (lambda watcher, target, terminal: os.write(terminal, b"\x1c"), 0),
    "SIGTERM": (lambda watcher, target, terminal: watcher.send_signal(signal.SIGTERM), -signal.SIGTERM),
    "SIGHUP": (lambda watcher, target, terminal: watcher.send_signal(signal.SIGHUP), -signal.SIGHUP),
    "the terminal is closed": (lambda watcher, target, terminal: os.close(terminal), -signal.SIGHUP),
    "the module is to go": (unload, 0),
}


@test
def each_end():
    """every end of a session: its status, all events shown, and the same in the capture"""
    for name, (end, status) in ENDS.items():
        target = Target("sh", "-c", "read word; exec true") if "execs" in name else Target()
        terminal, theirs = pty.openpty()
        watcher = Program(["setsid", "--ctty", "env", "--default-signal", "brkwatch", "--all", "-o", "t", "-w", "f",
                           "-p", str(target.pid)], stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        said = b""
        while not said.endswith(b"\n"):
            said += os.read(terminal, 1)
        made = None if "execs" in name else target.do(20)
        end(watcher, target, terminal)
        equal((name, watcher.wait()), (name, status))
        lines = contents("t").splitlines()
        holds(lines[-1].endswith(f", {NONE_LOST}"), name, lines[-1])
        if made:
            calls = sum(re.search(r" (brk|mmap|munmap)\(", line) is not None for line in lines)
            equal((name, calls), (name, made["brk"] + made["mmap"] + made["munmap"]))
        equal(brkwatch("--read", "f", "--all", "-o", "u"), (0, "", ""))
        equal((name, contents("u")), (name, contents("t")))
        if "closed" not in name:
            os.close(terminal)


@test
def killed_before():
    """CMD never runs when the tool is killed before its watch is on"""
    # The tool sends the module nothing before the first of these calls; the third is the request to
    # watch. CMD's output shows that it ran.
    for call, when in (("socket", 1), ("sendmsg", 1), ("sendmsg", 2), ("sendmsg", 3)):
        tracer = Program(["strace", "-o", "s", "-e", f"trace={call}", "-e",
                          f"inject={call}:signal=KILL:when={when}", "brkwatch", "-o", "t",
                          "echo", "ran"], stdout=subprocess.PIPE)
        # Every process that holds the pipe has gone at its end, the held one too.
        equal((tracer.stdout.read(), tracer.wait()), (b"", -signal.SIGKILL))
        equal(contents("s").count(f"{call}("), when)


if __name__ == "__main__":
    main(keep=False)
