#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""-k: the callers, compared frame by frame with strace -k and with gdb on the same run."""

import collections
import os
import re
import shutil
import subprocess

from harness import (HERE, NONE_LOST, Target, Watcher, brkwatch, contents, equal, events, holds, main,
                     refuses, test)

CALLS = ("brk", "mmap", "munmap", "mremap")
PYTHON = """
import json
keep = [bytes(400) * n for n in range(200)]
keep.append(json.loads("[" + "1," * 50000 + "1]"))
"""
# Programs, each with a function that must be on a complete stack.
PROGRAMS = {
    "static": ([f"{HERE}/stacks_static"], "ask"),
    "C++": ([f"{HERE}/stacks_cxx"], "shop::Shelf<double>::fill(unsigned long)"),
    "dlopen": ([f"{HERE}/stacks_plugin"], "plugin"),
    "python3": (["/usr/bin/python3", "-I", "program.py"], "Py_BytesMain"),
    "threads": ([f"{HERE}/stacks_threads"], "thread"),
}
# Enough for most calls of each program.
ALL = ("--json", "-k", "--stack-bytes", "8K", "-o", "j")


def program_of(name):
    with open("program.py", "w", encoding="ascii") as file:
        file.write(PYTHON)
    return PROGRAMS[name]


def by_thread(found):
    """The calls that both tools report, in the order of each thread."""
    threads = collections.defaultdict(list)
    for event in found:
        if event["event"] in CALLS:
            threads[event["tid"]].append(event)
    return threads


def text_segment(path, known={}):
    """The difference between addresses in a file's code and offsets in the file."""
    if path not in known:
        headers = subprocess.run(["readelf", "-lW", path], stdout=subprocess.PIPE, check=True, text=True).stdout
        offset, addr = re.search(r"LOAD +(0x\w+) (0x\w+) 0x\w+ 0x\w+ 0x\w+ R E", headers).groups()
        known[path] = int(addr, 16) - int(offset, 16)
    return known[path]


def ours_as_strace(event):
    return [(frame["path"], int(frame["offset"], 16) - text_segment(frame["path"])) for frame in event["stack"]]


def strace_calls(path):
    """For each thread, the frames of each call: (file, offset in it)."""
    threads, frames = collections.defaultdict(list), None
    for line in contents(path).splitlines():
        call = re.match(r"(\d+) +(\w+)\(", line)
        frame = re.match(r" > (/.*?)\(.*\) \[(0x\w+)\]$", line)
        if call:
            frames = []
            threads[int(call[1])].append((call[2], frames))
        elif frame and frames is not None:
            frames.append((frame[1], int(frame[2], 16)))
        elif not frame:
            frames = None
    return threads


def as_strace(name):
    def compare():
        argv, function = program_of(name)
        equal(brkwatch("-f", *ALL, "strace", "-f", "-k", "-o", "s", "-e", f"trace={','.join(CALLS)}", *argv)[0], 0)
        found, whole, frames = events("j"), 0, 0
        ours, theirs = by_thread(found), strace_calls("s")
        for tid, calls in theirs.items():
            # strace attaches when the program begins to run, and does not see exit_group.
            equal([call for call, _ in calls], [event["event"] for event in ours[tid]])
            for (_, wanted), event in zip(calls, ours[tid]):
                got = ours_as_strace(event)
                # Either may find less: we stop where nothing is certain, libunwind stops at a static
                # program.
                length = min(len(wanted), len(got))
                equal(got[:length], wanted[:length])
                frames += length
                whole += got == wanted
        holds(any(frame["function"] == function for calls in ours.values() for event in calls
                  for frame in event["stack"]), function)
        print(f"# {name}: {sum(map(len, theirs.values()))} calls, {frames} frames, {whole} stacks equal in full")
        holds(frames >= len(theirs) * 4)
        equal(found[-1], {"event": "lost", "ring": 0, "probe": 0, "watch": 0, "socket": 0})
    compare.__doc__ = f"{name}: the frames of strace -k in the same run"
    return compare


def by_thread_of_gdb(path):
    threads = collections.defaultdict(list)
    for line in events(path):
        threads[line["tid"]].append(line["stack"])
    return threads


def is_of_gdb(event, wanted):
    """gdb guesses where there are no tables, as at the loader's start, so it may have more frames there."""
    got = [int(frame["address"], 16) for frame in event["stack"]]
    has_tables = event["stack_end"] == "whole" and "/ld-linux" not in event["stack"][-1]["path"]
    return got == (wanted if has_tables else wanted[:len(got)])


def runs(stacks):
    """Without the items that equal the one before."""
    return [stack for before, stack in zip([None, *stacks], stacks) if stack != before]


def of_gdb(calls, stops):
    """(call, its stack): each call stops once at its entry and once at its return."""
    if (len(stops), stops[::2]) == (2 * len(calls), stops[1::2]):
        return list(zip(calls, stops[1::2]))
    # gdb misses some stops where threads stop each other, and at its own breakpoint in the loader: then
    # the next call has the stack.
    found, left = [], iter(calls)
    call = next(left)
    for wanted in runs(stops):
        while not is_of_gdb(call, wanted):
            call = next(left, None)
            holds(call, f"no call of ours, in their order, has this stack: {wanted}")
        found.append((call, wanted))
    wanted = len(runs([[frame["address"] for frame in call["stack"]] for call in calls]))
    holds(len(found) > wanted * 3 // 4, len(found), wanted)
    return found


def as_gdb(name):
    def compare():
        argv, _ = program_of(name)
        equal(brkwatch("-f", *ALL, "gdb", "-q", "-nx", "-batch", "-x", f"{HERE}/stacks_gdb.py", "--args", *argv,
                       env={**os.environ, "STACKS_GDB": "g"})[0], 0)
        ours, ends, frames = by_thread(events("j")), collections.Counter(), 0
        for tid, stops in by_thread_of_gdb("g").items():
            for call, wanted in of_gdb(ours[tid], stops):
                holds(is_of_gdb(call, wanted), call, wanted)
                ends[call["stack_end"]] += 1
                frames += len(call["stack"])
        print(f"# {name}: {sum(ends.values())} stacks, {frames} frames, {dict(ends)}")
        holds(ends["whole"] >= 4, ends)
    compare.__doc__ = f"{name}: the frames of gdb in the same run"
    return compare


for program in PROGRAMS:
    test(as_strace(program))
    test(as_gdb(program))


def stacks_of(path):
    """Each call of a text with the frames below it."""
    calls = []
    for line in contents(path).splitlines():
        if line.startswith(" > "):
            calls[-1][1].append(line)
        else:
            calls.append((line, []))
    return calls


def functions(frames):
    return [re.match(r" > \S+\((.*?)\+0x\w+\) \[0x\w+\]", line)[1] for line in frames]


@test
def text():
    """-k: functions and source lines below each call, as in JSON"""
    equal(brkwatch("-k", "--stack-bytes", "8K", "-w", "c", "-o", "t", f"{HERE}/stacks_threads")[0], 0)
    calls = stacks_of("t")
    grown = [frames for line, frames in calls if "brk(0x" in line]
    holds(all("brk" in functions(frames)[0] for frames in grown), *grown)
    asked = [functions(frames) for frames in grown if "ask" in functions(frames)]
    # ask(5) of main(), ask(3) of each thread.
    equal({names.count("ask") for names in asked}, {6, 4})
    for names in asked:
        depth = names.count("ask")
        equal(names[names.index("ask"):][:depth + 1], ["ask"] * depth + ["main" if depth == 6 else "thread"])
    holds(re.search(r"\(main\+0x\w+\) \[0x\w+\] \S*stacks\.c:\d+$", contents("t"), re.M), contents("t"))
    equal(brkwatch("--read", "c", "-k", "--json", "-o", "j")[0], 0)
    equal([len(event["stack"] or []) for event in events("j")[:-1] if event["event"] == "brk"],
          [len([line for line in frames if "[" not in line[:5]]) for line, frames in calls if " brk(" in line])


@test
def from_the_start():
    """the loader's calls before the program runs: the stack ends at the kernel's entry point"""
    equal(brkwatch("-k", "--stack-bytes", "8K", "-w", "c", "-o", "t", f"{HERE}/stacks_cxx")[0], 0)
    holds("not known" not in contents("t"), contents("t"))
    equal(brkwatch("--read", "c", "-k", "--json", "-o", "j")[0], 0)
    calls = [event for event in events("j") if event.get("stack")]
    equal({event["stack_end"] for event in calls}, {"whole"})
    # The program's own _start, and the loader's, which may lack a name.
    firsts = [event["stack"][-1] for event in calls]
    holds(any("/ld-linux" in first["path"] for first in firsts), *firsts)
    equal({first["function"] for first in firsts if "/ld-linux" not in first["path"]}, {"_start"})


@test
def truncated():
    """--stack-bytes: frames beyond the copy are not invented, and the cut is reported"""
    equal(brkwatch("-k", "--stack-bytes", "256", "-o", "t", f"{HERE}/stacks_static")[0], 0)
    cut = [frames for line, frames in stacks_of("t") if frames and "truncated; see --stack-bytes" in frames[-1]]
    holds(len(cut) > 2 and any("ask" in functions(frames[:-1]) for frames in cut), contents("t"))
    holds(all("main" not in functions(frames[:-1]) for frames in cut), cut)
    for size, why in (("255", "255"), ("8193", "8193"), ("x", "x")):
        refuses(f"--stack-bytes: '{why}' is not a number of bytes from 256 to 8K; try --stack-bytes 4K",
                "-k", "--stack-bytes", size, "true")
    refuses("--stack-bytes is about stacks; give -k, or leave it out", "--stack-bytes", "4K", "true")
    refuses("--stacks: 'no' is none of folded, folded-held and folded-peak; try --stacks=folded, or -k for text and "
            "JSON", "--stacks", "no", "true")


@test
def files_that_are_gone():
    """a program that is deleted or replaced while it runs: file and offset, and a remark"""
    for replace in (lambda path: None, lambda path: shutil.copy("/bin/true", path)):
        shutil.copy(f"{HERE}/calls", "program")
        target = Target(os.path.abspath("program"))
        target.stdout.readline()
        os.unlink("program")
        replace("program")
        watcher = Watcher("-k", "-o", "t", "-p", target.pid)
        target.do("20")
        target.end()
        equal(watcher.end(), (0, []))
        holds(re.search(r"^ > \S*/program( |\\040)\(deleted\)\(\+0x\w+\) \[0x\w+\] \(the file that was mapped "
                        r"cannot be read\)$", contents("t"), re.M), contents("t"))


@test
def sums():
    """-c -k and --stacks=folded: the bytes of all sites add up to the kernel's counters"""
    for argv, function in map(program_of, PROGRAMS):
        equal(brkwatch("-c", "-k", "--json", "-w", "c", "-o", "j", *argv)[0], 0)
        process = events("j")[-1]["processes"][0]
        mapped = process["anonymous"]["mapped_bytes"]
        grown = sum(site["bytes"] for site in process["sites"]
                    if site["stack"][0]["function"] and site["stack"][0]["function"].endswith("mremap"))
        equal(sum(site["bytes"] for site in process["sites"]) - grown, process["heap"]["grown_bytes"] + mapped)
        equal(brkwatch("--read", "c", "--stacks=folded", "-o", "f")[0], 0)
        lines = contents("f").splitlines()
        equal(sum(int(line.rsplit(" ", 1)[1]) for line in lines), sum(site["bytes"] for site in process["sites"]))
        holds(any(f";{function};" in line for line in lines), function, *lines)
        equal(brkwatch("--read", "c", "-c", "-k", "-o", "t")[0], 0)
        holders = sum(site["held_bytes"] > 0 for site in process["sites"])
        equal(len(re.findall(r"^\S.* held \(.* in \d+ calls?, at most .* s$", contents("t"), re.M)), min(10, holders))
        equal(len(re.findall(r"^\S.*\) in \d+ calls?, at most ", contents("t"), re.M)),
              min(10, len(process["sites"]) - holders))
        # Nothing is held by nobody.
        heap = process["heap"]["grown_bytes"] - process["heap"]["shrunk_bytes"]
        equal(sum(site["held_bytes"] for site in process["sites"]),
              process["anonymous"]["still_mapped_bytes"] + heap)


@test
def attached():
    """-k -p: all is known about a process that ran before, and about the children that it forks"""
    target = Target()
    watcher = Watcher("-f", "--json", "-k", "-o", "j", "-p", target.pid)
    target.do("20")
    target.do("others")
    target.end()
    equal(watcher.end(), (0, []))
    found = events("j")
    calls = [event for event in found if event["event"] in CALLS]
    holds(len(calls) > 20 and all(event["stack"] for event in calls), len(calls))
    unnamed = [event for event in calls if not all(frame["path"] for frame in event["stack"])]
    equal(unnamed, [])
    holds({"main"} <= {frame["function"] for event in calls for frame in event["stack"]})
    holds({"clone", "fault"} <= {event["event"] for event in found if event.get("stack")},
          {event["event"] for event in found if event.get("stack")})


@test
def captures_without():
    """a capture without -k reports that it has no stacks"""
    equal(brkwatch("-w", "c", "-o", "t", "true")[0], 0)
    for option in ("-k", "--stacks=folded"):
        refuses("'c' has no stacks; make it with -k -w", "--read", "c", option)


@test
def nothing_lost():
    """python3 with --stack-bytes 8K at default settings: nothing is lost"""
    equal(brkwatch("-k", "--stack-bytes", "8K", "-o", "t", *program_of("python3")[0])[0], 0)
    holds(contents("t").splitlines()[-1].endswith(NONE_LOST), contents("t")[-300:])


main()
