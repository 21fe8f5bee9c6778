#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Events equal strace's lines of the same run, call by call, argument by argument.

strace runs brkwatch, which runs the program, so that both see every call of it.
"""

import glob
import os
import subprocess
import tempfile

from traced import CALLS, compare, first_difference, is_call, strace, strace_calls

HERE = os.path.dirname(os.path.abspath(__file__))
PERL = 'my @l; push @l, "x" x ($_ % 4000) for 1..20000; @l = (); push @l, $_ for 1..300000'
count = 0


def test(name, passed, said=()):
    global count
    count += 1
    for line in said if not passed else ():
        print("#", line)
    print("ok" if passed else "not ok", count, name, flush=True)


def test_equal(name, path, traced):
    calls, wrong = compare(path, traced)
    test(f"{name}: {calls} calls", not wrong, wrong)


def launched(name, argv, given=b""):
    with tempfile.TemporaryDirectory() as folder:
        traced = strace(folder, ["brkwatch", "--json", "-o", f"{folder}/j", "--", *argv], given)
        test_equal(name, f"{folder}/j", traced)


def texts(name, argv):
    """Compares the text output, less what brkwatch adds, with strace's lines."""
    with tempfile.TemporaryDirectory() as folder:
        traced = strace(folder, ["brkwatch", "--all", "-o", f"{folder}/t", "--", *argv])
        lines = next((lines for program, lines in traced.values() if program == argv[0]), [])
        with open(f"{folder}/t", encoding="ascii") as file:
            shown = [line.split(None, 1)[1].split("  # ")[0] for line in file if "  # " in line]
        wrong = first_difference([line for line in shown if is_call(line)], lines)
        test(f"{name}, as text: {len(lines)} calls", lines and not wrong, wrong)


def compiled():
    """Compares gcc, and its own programs, each of which a brkwatch of its own watches."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/x.c", "w") as source:
            source.write("#include <stdio.h>\nint main(void) { return puts(\"x\") < 0; }\n")
        traced = strace(folder, ["brkwatch", "--json", "-o", f"{folder}/gcc.json", "--", "gcc", "-wrapper",
                                 f"{HERE}/wrapper.sh,{folder}", "-c", "-o", f"{folder}/x.o",
                                 f"{folder}/x.c"])
        for program in ("gcc", "cc1", "as"):
            test_equal(f"gcc -c: {program}", f"{folder}/{program}.json", traced)


def attached():
    """Attaches both to a program that waits; both must see the same from then on."""
    with tempfile.TemporaryDirectory() as folder:
        target = subprocess.Popen(["sh", "-c", "echo ready >&2; read go && exec ls -R /usr/lib"],
                                  stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE)
        target.stderr.readline()
        tracer = subprocess.Popen(["strace", "-ff", "-o", f"{folder}/s", "-e", "signal=none", "-e",
                                   f"trace={','.join(CALLS)}", "-p", str(target.pid)],
                                  stderr=subprocess.PIPE)
        watcher = subprocess.Popen(["brkwatch", "--json", "-o", f"{folder}/j", "-p", str(target.pid)],
                                   stderr=subprocess.PIPE)
        tracer.stderr.readline()
        watcher.stderr.readline()
        target.communicate(b"go\n")
        ended = watcher.wait()
        tracer.communicate()
        test_equal("attached", f"{folder}/j", {target.pid: strace_calls(f"{folder}/s.{target.pid}")})
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
