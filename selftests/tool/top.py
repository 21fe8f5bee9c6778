#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""--top on a screen of tmux, live and from a capture."""

import itertools
import os
import re
import shlex
import signal
import subprocess
import time

from harness import CALLS, NONE_LOST, Target, brkwatch, equal, holds, main, test

NUMBERS = itertools.count()
AT_80 = "    PID NAME              GROWTH/s       HEAP  ANONYMOUS   RESIDENT REFUSED LOST"
TITLES = "PID NAME GROWTH/s HEAP ANONYMOUS RESIDENT REFUSED LOST"
# How often a condition is checked; the test's own deadline limits how long.
OFTEN = 0.05


class Screen:
    """A terminal on which brkwatch --top runs, and then prints its status."""

    def __init__(self, *options, columns=80, lines=24):
        # A server of its own, because the one of the screen before may still be ending.
        self.server = ("tmux", "-f", "/dev/null", "-L", f"brkwatch{os.getpid()}.{next(NUMBERS)}")
        command = shlex.join(["brkwatch", "--top", "--interval", "0.2", *map(str, options)])
        subprocess.run([*self.server, "new-session", "-d", "-x", str(columns), "-y", str(lines),
                        f"{command}; echo status $?; sleep 1000"], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([*self.server, "kill-server"], check=False)

    def lines(self):
        return subprocess.run([*self.server, "capture-pane", "-p"], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.splitlines()

    def press(self, *keys):
        subprocess.run([*self.server, "send-keys", *keys], check=True)

    def resize(self, columns, lines):
        subprocess.run([*self.server, "resize-window", "-x", str(columns), "-y", str(lines)], check=True)

    def wait(self, good):
        """Lines of the screen, once they are as wanted."""
        while not good(lines := self.lines()):
            time.sleep(OFTEN)
        return lines

    def wait_for(self, text):
        return self.wait(lambda lines: any(text in line for line in lines))


def rows(lines):
    """{pid: the other columns} of a list; of a screen that is being resized, as much as it shows."""
    table = (line.split() for line in lines[2:-1])
    return {int(words[0]): words[1:] for words in table if words and words[0].isdigit()}


def growing(target):
    """Two processes: one of them grows."""
    still = Target()
    return Screen("-p", f"{target.pid},{still.pid}"), still


@test
def live():
    """each process has its heap, mappings and refusals; a growing process comes first"""
    target = Target()
    screen, still = growing(target)
    with screen:
        screen.wait(lambda lines: len(rows(lines)) == 2)
        own = target.do("refused")
        lines = screen.wait(lambda lines: target.pid in rows(lines) and rows(lines)[target.pid][-2] != "0")
        equal(" ".join(lines[1].split()), TITLES)
        equal(rows(lines)[target.pid][-2:], [str(own["refused"]), "0"])
        # Sorted by growth: a growing process is above.
        while not (list(rows(lines))[:1] == [target.pid] and " +" in lines[2]):
            target.do(50)
            lines = screen.lines()
        screen.press("p")
        screen.wait(lambda lines: lines[0].endswith("by pid") and list(rows(lines)) == sorted(rows(lines)))
        target.end()
        lines = screen.wait(lambda lines: any(" ended " in line for line in lines))
        still.end()
        screen.wait_for("all have ended")
        screen.press("q")
        lines = screen.wait_for("status 0")
        holds(any(NONE_LOST in line for line in lines), *lines)


@test
def detail():
    """Enter shows one process: its map and its last events; Esc goes back; it stays after its end"""
    target = Target()
    with Screen("-p", target.pid) as screen:
        screen.wait(lambda lines: target.pid in rows(lines))
        target.do(5)
        screen.press("Enter")
        screen.wait_for(f"pid {target.pid} (")
        lines = screen.wait(lambda lines: any(re.search(r"^(brk|mmap|munmap)\(", line) for line in lines))
        holds(any(line.endswith(("heap", "heap?")) for line in lines), *lines)
        screen.press("Down")
        screen.wait(lambda lines: not lines[0].startswith("pid "))
        target.end()
        screen.wait_for("+++ exited with 0")
        screen.press("Up")
        screen.wait_for(f"pid {target.pid} (")
        screen.press("Escape")
        screen.wait_for("all have ended")
        screen.press("q")
        screen.wait_for("status 0")


@test
def filtered():
    """/ filters by a part of a name; Esc clears it"""
    target = Target()
    with Screen("-p", target.pid) as screen:
        screen.wait(lambda lines: target.pid in rows(lines))
        screen.press("/", "n", "o", "q")
        screen.wait(lambda lines: "name has: noq_" in lines[0] and not rows(lines))
        screen.press("BSpace", "BSpace", "BSpace", "c", "a", "l", "Enter")
        screen.wait(lambda lines: lines[0].endswith("name has: cal") and target.pid in rows(lines))
        screen.press("/", "Escape")
        screen.wait(lambda lines: lines[0].endswith("by growth") and target.pid in rows(lines))
        screen.press("q")
        screen.wait_for("status 0")
    target.end()


@test
def resized():
    """the screen fits 80 columns and 24 lines, uses a larger one, is cut at 60, and survives 20 and 3"""
    target = Target()
    with Screen("-p", target.pid) as screen:
        lines = screen.wait(lambda lines: target.pid in rows(lines))
        holds(len(lines) == 24 and all(len(line) <= 80 for line in lines) and "q quit" in lines[-1], *lines)
        screen.resize(120, 30)
        lines = screen.wait(lambda lines: len(lines) == 30 and "q quit" in lines[-1])
        holds(len(lines[1]) > 100, *lines)
        # A line is cut, and does not continue on the next one.
        screen.resize(60, 24)
        screen.wait(lambda lines: len(lines) == 24 and max(map(len, lines)) <= 60 and "choose" in lines[-1] and
                    lines[1] == AT_80[:60])
        screen.resize(20, 3)
        screen.wait(lambda lines: lines[0].startswith("brkwatch:") and len(lines) <= 3)
        screen.resize(80, 24)
        screen.wait(lambda lines: len(lines) == 24 and target.pid in rows(lines) and "q quit" in lines[-1])
        screen.press("q")
        screen.wait_for("status 0")
    target.end()


@test
def many():
    """more processes than lines: the chosen one always stays visible"""
    targets = [Target() for _ in range(30)]
    with Screen("-p", ",".join(str(target.pid) for target in targets)) as screen:
        screen.press("p")
        screen.wait(lambda lines: len(rows(lines)) == 21 and "30 processes" in lines[0])
        screen.press(*["Down"] * 29)
        last = max(target.pid for target in targets)
        lines = screen.wait(lambda lines: last in rows(lines))
        equal(list(rows(lines))[-1], last)
        screen.press("q")
        screen.wait_for("status 0")
    for target in targets:
        target.end()


@test
def system_wide():
    """-a: processes that already run, and new ones"""
    before = Target()
    with Screen("-a") as screen:
        screen.press("p")
        screen.wait(lambda lines: lines[0].endswith("by pid"))
        screen.press("/", *"calls", "Enter")
        screen.wait(lambda lines: before.pid in rows(lines))
        after = Target()
        screen.wait(lambda lines: {before.pid, after.pid} <= rows(lines).keys())
        screen.press("q")
        screen.wait_for("status 0")
    before.end()
    after.end()


@test
def replayed():
    """a capture: the figures at its end, until q"""
    equal(brkwatch("-q", "-w", "c", "-f", CALLS, "20")[0], 0)
    with Screen("--read", "c") as screen:
        lines = screen.wait_for("all have ended")
        holds(len(rows(lines)) >= 1 and all("ended" in row for row in rows(lines).values()), *lines)
        screen.press("Enter")
        screen.wait_for("+++ exited with ")
        screen.press("q")
        screen.wait_for("status 0")


@test
def launched():
    """CMD gets nothing of the terminal; its end is seen"""
    with Screen("--", "sh", "-c", "tty; echo drawn over; cat; exit 7") as screen:
        lines = screen.wait_for("all have ended")
        holds(not any("drawn over" in line for line in lines), *lines)
        screen.press("q")
        screen.wait_for("status 7")


@test
def ends():
    """^C or the end of the terminal ends it, and errors are printed after the screen has been restored"""
    target = Target()
    with Screen("-p", target.pid) as screen:
        screen.wait(lambda lines: target.pid in rows(lines))
        screen.press("C-c")
        screen.wait_for("status 0")
    with Screen("-p", "4194303") as screen:
        screen.wait_for("no process 4194303 to watch")
        screen.wait_for("status 1")
    with Screen("-p", target.pid) as screen:
        screen.wait(lambda lines: target.pid in rows(lines))
        (tool,) = map(int, subprocess.check_output(["pgrep", "-x", "brkwatch"], text=True).split())
    while os.path.exists(f"/proc/{tool}"):
        time.sleep(OFTEN)
    target.end()
    status, _, said = brkwatch("--top", "-p", "1")
    equal((status, said), (1, "brkwatch: --top wants a terminal; without one use -c --interval 1\n"))


# Otherwise tmux would end with the SIGHUP that ends the shell of a test.
signal.signal(signal.SIGHUP, signal.SIG_IGN)
main(keep=False)
