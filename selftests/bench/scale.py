#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What the tool takes to watch a whole system, in a guest whose clock counts instructions; see run.

	scale.py POPULATION [SECONDS]

The program POPULATION has many processes that sleep, and others that are born and end. The script
prints what the tool executes in a second of the guest, in its own code and in the kernel for it,
and what it has resident at the beginning and after SECONDS.
"""

import contextlib
import fcntl
import glob
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time

SLEEPERS, BIRTHS = 2000, 200
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 20
# So long, in seconds, the tool may still be busy with the processes that it found at its start.
SETTLED = 5
# Options, and what the terminal shows when the tool watches.
WAYS = {"--top -a": (("--top", "-a"), b"RESIDENT"), "-a -c": (("-a", "-c", "-o", "t"), b"watching")}


def drain(terminal):
    with contextlib.suppress(OSError):
        while os.read(terminal, 1 << 16):
            pass


@contextlib.contextmanager
def tool(options, ready):
    """The tool on a terminal of its own."""
    terminal, inner = os.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(["brkwatch", *options], stdin=inner, stdout=inner, stderr=inner,
                          env={**os.environ, "TERM": "xterm"}) as process:
        os.close(inner)
        said = b""
        while ready not in said:
            said += os.read(terminal, 1 << 16)
        reader = threading.Thread(target=drain, args=(terminal,))
        reader.start()
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGINT)
    reader.join()
    os.close(terminal)


def instructions(pid):
    """How many the tool's threads have executed: the ns that they ran."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with open(path, encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1])


def forks():
    with open("/proc/stat", encoding="ascii") as file:
        return int(re.search(r"(?m)^processes (\d+)$", file.read())[1])


def main():
    with subprocess.Popen([sys.argv[1], str(SLEEPERS), str(BIRTHS)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as population:
        population.stdout.readline()
        print(f"{f'{SLEEPERS:,} processes that sleep, {SECONDS} s':<40}{'million/s':>12}{'forks/s':>12}"
              f"{'KiB at first':>14}{'at the end':>14}")
        for name, way in WAYS.items():
            with tool(*way) as pid:
                time.sleep(SETTLED)
                begin, at_first, executed, born = time.monotonic(), resident(pid), instructions(pid), forks()
                time.sleep(SECONDS)
                took = time.monotonic() - begin
                print(f"{name:<40}{(instructions(pid) - executed) / took / 1e6:12.1f}"
                      f"{(forks() - born) / took:12.0f}{at_first:14}{resident(pid):14}", flush=True)
        population.stdin.close()


main()
