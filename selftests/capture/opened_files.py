# SPDX-License-Identifier: GPL-2.0
"""Which files a replay opens, as strace sees it."""

import json
import os
import re
import subprocess
import tempfile

from replay import BRKWATCH, HERE, contents, read

SAMPLE = f"{HERE}/v2.pcap"
# The sanitizer cannot look for leaks in a process that strace traces.
TRACED = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
# --top is left out, because it waits for its user at the end.
VIEWS = ((), ("--normalize",), ("--json",), ("--strace",), ("-c",), ("-c", "--per-process"), ("-c", "--json"), ("-C",),
         ("--map",), ("--map", "--json"), ("--plot", "-"), ("--html", "/dev/null"), ("-w", "/dev/null"))
WITH_STACKS = (("-k",), ("--json", "-k"), ("--strace", "-k"), ("-c", "-k"), ("-c", "--json", "-k"),
               ("--stacks=folded",))


def named():
    """The files that the capture names: programs and what had code in memory."""
    _, lines, _ = read(SAMPLE, "--json", "-k")
    objects = list(map(json.loads, lines))
    paths = {frame["path"] for line in objects for frame in line.get("stack") or ()}
    paths |= {line.get("executable") for line in objects}
    return tuple(path for path in paths if path and path.startswith("/"))


def opened(*options):
    """The files that the tool and its children open after the capture; the libraries of the tool come before."""
    with tempfile.NamedTemporaryFile() as trace:
        done = subprocess.run(["strace", "-f", "-o", trace.name, "-e", "trace=open,openat,openat2", BRKWATCH, "--read",
                               SAMPLE, *options, "-o", "/dev/null"], env=TRACED, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
        calls = contents(trace.name).decode()
    assert done.returncode == 0, (options, done.stderr)
    _, found, later = calls.partition(f'{os.path.basename(SAMPLE)}"')
    assert found, (options, calls[-2000:])
    return re.findall(r'"([^"]*)"', later)


def only_for_stacks():
    """a replay opens none of the files that the capture names, unless stacks are wanted"""
    # The tool looks for a file in the root folder of its process, too.
    names = named()
    for options in VIEWS:
        found = [path for path in opened(*options) if path.endswith(names)]
        assert not found, (options, found)
    for options in WITH_STACKS:
        found = opened(*options)
        assert any(path.endswith(names) for path in found), (options, found)
