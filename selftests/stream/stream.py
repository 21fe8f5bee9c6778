#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Events equal strace's lines of the same run, call by call, argument by argument.

strace runs brkwatch, which runs the program: both see every call of it.
"""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CALLS = ("brk", "mmap", "munmap")
PERL = 'my @l; push @l, "x" x ($_ % 4000) for 1..20000; @l = (); push @l, $_ for 1..300000'
# Flags that strace got names for only after Debian 12, as it printed them before.
NEWER = (("|0x80,", "|MAP_ABOVE4G,"), (" 0x8 /* MAP_??? */|", " MAP_DROPPABLE|"))
count = 0


def test(name, passed, said=()):
    global count
    count += 1
    for line in said if not passed else ():
        print("#", line)
    print("ok" if passed else "not ok", count, name, flush=True)


def error(event):
    number = getattr(__import__("errno"), event["error"])
    return f"-1 {event['error']} ({os.strerror(number)})"


def address(text):
    return "NULL" if int(text, 16) == 0 else text


def as_strace(event):
    """An event of --json as the line that strace prints of the call."""
    kind = event["event"]
    if kind == "brk":
        return f"brk({address(event['requested'])}) = {event['after']}"
    if kind == "munmap":
        done = error(event) if event["error"] else "0"
        return f"munmap({address(event['addr'])}, {event['length']}) = {done}"
    done = error(event) if event["error"] else event["result"]
    if done == "0x0":
        done = "0"  # root may map page 0
    offset = hex(event["offset"]) if event["offset"] else "0"
    return (f"mmap({address(event['addr'])}, {event['length']}, {event['prot']}, "
            f"{event['flags']}, {event['fd']}, {offset}) = {done}")


def strace_calls(path):
    """Calls in a file of strace -ff after the last exec: (program, lines)."""
    program, lines = None, []
    for line in open(path, errors="replace"):
        line = re.sub(r"\s+= ", " = ", line.rstrip())
        for number, name in NEWER:
            line = line.replace(number, name)
        if line.startswith("execve(") and line.endswith(" = 0"):
            program, lines = line.split('"')[1], []
        elif line.startswith(tuple(call + "(" for call in CALLS)):
            lines.append(line)
    return program, lines


def differences(events, lines):
    ours = [as_strace(event) for event in events]
    if ours == lines:
        return []
    for number, (a, b) in enumerate(zip(ours, lines)):
        if a != b:
            return [f"event {number}", f"brkwatch: {a}", f"strace:   {b}"]
    return [f"brkwatch has {len(ours)} calls, strace {len(lines)}", *ours[len(lines):][:3],
            *lines[len(ours):][:3]]


def read_events(path):
    return [json.loads(line) for line in open(path)]


def strace(folder, argv, given=b""):
    # Errors of the program's own are part of the run: only the streams count.
    subprocess.run(["strace", "-ff", "-o", f"{folder}/s", "--seccomp-bpf", "-e", "signal=none", "-e",
                    "trace=brk,mmap,munmap,execve", *argv],
                   input=given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    found = {}
    for path in glob.glob(f"{folder}/s.*"):
        found[int(path.rsplit(".", 1)[1])] = strace_calls(path)
    return found


def compare(name, path, traced):
    events = read_events(path)
    pids = {event["pid"] for event in events if "pid" in event}
    lines = traced.get(next(iter(pids)), (None, []))[1] if len(pids) == 1 else []
    calls = [event for event in events if event["event"] in CALLS]
    wrong = differences(calls, lines) if lines else [f"strace saw nothing of {pids}"]
    lost = events[-1]
    if lost != {"event": "lost", "ring": 0, "probe": 0, "watch": 0, "socket": 0}:
        wrong.append(f"last line: {lost}")
    test(f"{name}: {len(lines)} calls", not wrong, wrong)


def launched(name, argv, given=b""):
    with tempfile.TemporaryDirectory() as folder:
        traced = strace(folder, ["brkwatch", "--json", "-o", f"{folder}/j", "--", *argv], given)
        compare(name, f"{folder}/j", traced)


def texts(name, argv):
    """The text output, less what it adds, is strace's."""
    with tempfile.TemporaryDirectory() as folder:
        traced = strace(folder, ["brkwatch", "--all", "-o", f"{folder}/t", "--", *argv])
        lines = next((lines for program, lines in traced.values() if program == argv[0]), [])
        ours = [line.split(None, 1)[1].split("  # ")[0] for line in open(f"{folder}/t")
                if "  # " in line]
        wrong = [] if ours == lines else [f"{a} | {b}" for a, b in zip(ours, lines) if a != b]
        test(f"{name}, as text: {len(lines)} calls", lines and ours == lines,
             wrong or [f"{len(ours)} and {len(lines)} lines"])


def compiled():
    """gcc's own programs, each watched by a brkwatch of its own, and gcc itself."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/x.c", "w") as source:
            source.write("#include <stdio.h>\nint main(void) { return puts(\"x\") < 0; }\n")
        traced = strace(folder, ["brkwatch", "--json", "-o", f"{folder}/gcc.json", "--", "gcc", "-wrapper",
                                 f"{HERE}/wrapper.sh,{folder}", "-c", "-o", f"{folder}/x.o",
                                 f"{folder}/x.c"])
        for program in ("gcc", "cc1", "as"):
            compare(f"gcc -c: {program}", f"{folder}/{program}.json", traced)


def attached():
    """Both attach to a program that waits, and see the same from then on."""
    with tempfile.TemporaryDirectory() as folder:
        target = subprocess.Popen(["sh", "-c", "echo ready >&2; read go && exec ls -R /usr/lib"],
                                  stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE)
        target.stderr.readline()
        tracer = subprocess.Popen(["strace", "-ff", "-o", f"{folder}/s", "-e", "signal=none", "-e",
                                   "trace=brk,mmap,munmap", "-p", str(target.pid)],
                                  stderr=subprocess.PIPE)
        watcher = subprocess.Popen(["brkwatch", "--json", "-o", f"{folder}/j", "-p", str(target.pid)],
                                   stderr=subprocess.PIPE)
        tracer.stderr.readline()
        watcher.stderr.readline()
        target.communicate(b"go\n")
        ended = watcher.wait()
        tracer.communicate()
        compare("attached", f"{folder}/j", {target.pid: strace_calls(f"{folder}/s.{target.pid}")})
        test("attached: brkwatch ends with the process", ended == 0)


labs = sorted(glob.glob(f"{HERE}/lab-*"))
print("TAP version 13")
print(f"1..{len(labs) + 12}")
for lab in labs:
    launched(os.path.basename(lab), [lab], b"\n" * 100)
test("there are labs", len(labs) >= 7)
launched("refused breaks, failing calls", [f"{HERE}/failures"])
launched("every bit of prot and flags", [f"{HERE}/flags"])
texts("refused breaks, failing calls", [f"{HERE}/failures"])
texts("every bit of prot and flags", [f"{HERE}/flags"])
launched("ls -R /usr", ["ls", "-R", "/usr"])
launched("perl builds a list", ["perl", "-e", PERL])
compiled()
attached()
