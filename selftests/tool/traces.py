#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What the tool writes, and where."""

import glob
import os
import re
import shutil
import signal
import subprocess

from harness import (CALLS, NONE_LOST, Program, Target, Watcher, bare, brkwatch, contents, equal,
                     holds, main, refuses, test)

PAGE = os.sysconf("SC_PAGESIZE")
FULL = "cannot write: No space left on device; choose another file with -o"


@test
def normalize():
    """--normalize: two runs are equal to the byte, as text, JSON, summary and both"""
    for options in (["--all"], ["--json"], ["-C"], ["-c"]):
        for argv in ([CALLS, "50"], ["ls", "/"]):
            runs = [brkwatch(*options, *more, "-o", "t", *argv)[0] or contents("t")
                    for more in ([], [], ["--normalize"], ["--normalize"])]
            holds(runs[0] != runs[1], "nothing varies, so this test is worth nothing")
            equal(runs[2], runs[3])
    holds(runs[2].startswith("watch 1 (ls)\n"), runs[2])


def plain_totals(page):
    """The lines of -c without the distributions, which are adjacent, and without lines about time."""
    page = re.sub(r"^size from .*?(?=^brk: )", "", page, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"^(data|growth|verdict): .*\n", "", page, flags=re.MULTILINE).splitlines()


def calls_made(page):
    return {words[0]: int(words[1]) for words in map(str.split, plain_totals(page))
            if words and words[0] in ("brk", "mmap", "munmap", "mprotect")}


def in_pages(size):
    pages = f"{-(-size // PAGE)} page{'s' * (not 0 < size <= PAGE)}"
    return f"{size} bytes ({pages})" if size % PAGE else f"{pages} ({size} bytes)" if size else pages


def refusals(own):
    """The line about calls that failed with an errno, or nothing."""
    failed = sorted((-own[f"{call}_failed"], call) for call in ("mmap", "munmap") if own[f"{call}_failed"])
    # Refused calls of brk have no errno and come last.
    brk = [f"brk {own['refused']}"] if own["refused"] else []
    return ["refused: " + ", ".join([f"{call} EINVAL {-calls}" for calls, call in failed] + brk)] if failed else []


def summary(pid, own, heap_start):
    """The words that -c must print for a process that made these calls."""
    start, peak, end = (in_pages(own[name] - heap_start) for name in ("first", "peak", "now"))
    return [bare(line).split() for line in (
        f"pid {pid} (calls)",
        "call calls failures size largest granted",
        "brk {brk} {refused} {grown} {grown_largest}".format(**own),
        f"mmap {own['mmap']} {own['mmap_failed']} {own['mapped'] + own['file_bytes']} -",
        "anonymous {anonymous} - {mapped} {mapped_largest}".format(**own),
        "file {files} - {file_bytes} -".format(**own),
        "munmap {munmap} {munmap_failed} {unmapped} {unmapped_largest}".format(**own),
        *refusals(own),
        "brk: queries {queries}, grows {grows}, shrinks {shrinks}, refused {refused}; "
        "grown {grown} bytes, shrunk {shrunk} bytes".format(**own),
        f"heap: start {start}, peak {peak}, end {end}",
        f"anonymous: mapped {own['mapped']} bytes, unmapped {own['unmapped_anonymous']} bytes, "
        f"still mapped {own['mapped'] - own['unmapped_anonymous']} bytes",
        "",
        f"events {own['brk'] + own['mmap'] + own['munmap'] + 1}, {NONE_LOST}")]


@test
def totals():
    """-c: the totals of a program that counts its own calls"""
    target = Target()
    with open(f"/proc/{target.pid}/stat", encoding="ascii") as file:
        heap_start = int(file.read().rsplit(")", 1)[1].split()[44])
    watcher = Watcher("-c", "--bytes", "-w", "c", "-p", target.pid)
    target.do(500)
    own = target.do("refused")
    holds(own["refused"] and own["mmap_failed"] and own["munmap_failed"] and own["shrinks"], own)
    target.end()
    status, lines = watcher.end()
    equal(status, 0)
    (served,) = [line for line in lines if line.startswith("served:")]
    lines.remove(served)
    for got, wanted in zip(plain_totals("\n".join(lines)), summary(target.pid, own, heap_start), strict=True):
        equal(bare(got).split(), wanted)
    whole, *parts = map(int, re.findall(r" (\d+) bytes", served))
    equal(sum(parts), whole)


@test
def totals_as_well():
    """-C: the events, then the totals, which agree with them"""
    brkwatch("-C", "--bytes", "--all", "-o", "t", CALLS, "100")
    events, page = contents("t").split("\n\n", 1)
    rows = calls_made(page)
    equal(page.splitlines()[0].split()[0], "pid")
    for call in ("brk", "mmap", "munmap", "mprotect"):
        holds(rows[call], f"no {call}, so this test is worth nothing")
        equal(sum(f" {call}(" in line for line in events.splitlines()), rows[call])
    holds(page.endswith(f", {NONE_LOST}\n"), page)


@test
def totals_from_start():
    """-c of a CMD counts what strace counts"""
    subprocess.run(["strace", "-ff", "-o", "s", "-e", "trace=brk,mmap,munmap,mprotect,execve", "brkwatch",
                    "-c", "-o", "t", CALLS, "100"], check=True)
    trace = next(text for text in map(contents, glob.glob("s.*")) if f'execve("{CALLS}"' in text)
    after = trace.split("execve(")[-1].splitlines()
    rows = calls_made(contents("t"))
    for call in ("brk", "mmap", "munmap", "mprotect"):
        equal(rows[call], sum(line.startswith(f"{call}(") for line in after))


@test
def files_hidden():
    """--all alone shows the calls that concern only files"""
    target = Target()
    few = Watcher("-p", target.pid)
    many = Watcher("--all", "-p", target.pid)
    own = target.do(20)
    target.end()
    # The program unmaps each file that it maps.
    lines = {name: watcher.end()[1] for name, watcher in (("few", few), ("many", many))}
    shown = {name: sum("file mapping" in line for line in text) for name, text in lines.items()}
    equal(shown, {"few": 0, "many": 2 * own["files"]})
    equal(len(lines["few"]), len(lines["many"]) - 2 * own["files"])
    equal(lines["few"][-1], lines["many"][-1])


@test
def refused():
    """a refused brk shows the request, the limit, what it would have made, and the break that stays"""
    target = Target()
    watcher = Watcher("--bytes", "-p", target.pid)
    own = target.do("refused")
    equal((own["asked"] - own["now"], own["refused"]), (4096 * PAGE, 1))
    with open(f"/proc/{target.pid}/stat", encoding="ascii") as file:
        size = own["now"] - int(file.read().rsplit(")", 1)[1].split()[44])
    data = int(re.search(r"^VmData:\s+(\d+) kB$", contents(f"/proc/{target.pid}/status"), re.M)[1]) << 10
    target.end()
    line = watcher.end()[1][0].split(None, 1)[1]
    equal(line, f"brk({own['asked']:#x}) = {own['now']:#x}  # the program: refused: RLIMIT_DATA is {1 << 20} bytes, this would make "
          f"{data + 4096 * PAGE} bytes; asked +4096 pages ({4096 * PAGE} bytes), kept: heap {size} bytes")


@test
def to_file():
    """-o FILE holds the whole trace, and stderr only messages"""
    for options in (["--all"], ["--json"], ["-c"]):
        with open("t", "w", encoding="ascii") as file:
            file.write("what was there before\n" * 10000)
        target = Target()
        watcher = Watcher(*options, "-o", "t", "-p", target.pid)
        own = target.do(20)
        target.end()
        equal(watcher.end(), (0, []))
        total = own["brk"] + own["mmap"] + own["munmap"] + 1
        # JSON begins with the start and the process.
        lines = {"--all": total + 1, "--json": total + 3, "-c": 13 + len(refusals(own))}[options[0]]
        equal(len(plain_totals(contents("t"))), lines)
    equal(brkwatch("--output", "t", "sh", "-c", "echo out; echo err >&2"), (0, "out\n", "err\n"))


@test
def streams():
    """beside CMD output goes to stderr, else to stdout, and to stdout with -o -; messages go to stderr"""
    status, out, err = brkwatch("--normalize", "echo", "out")
    equal((status, out, err.splitlines()[-1].endswith(NONE_LOST)), (0, "out\n", True))
    status, out, said = brkwatch("--normalize", "-o", "-", "true")
    equal((status, out.splitlines()[-1].endswith(NONE_LOST), said), (0, True, ""))
    for options in ((), ("--json",), ("-c",), ("-C",), ("--strace",), ("--plot", "-"), ("--map",)):
        target = Target()
        watcher = Watcher(*options, "-p", target.pid)
        target.end()
        shown, said = watcher.communicate()
        equal((options, watcher.returncode, len(shown) > 20, said), (options, 0, True, b""))


@test
def nowhere():
    """a file of -o, --html, -w or --plot that cannot be opened: one error, and CMD does not run"""
    for path, reason in (("no/where", "No such file or directory"), ("/", "Is a directory"),
                         ("", "No such file or directory"), ("/proc/no", "No such file or directory")):
        for option in ("-o", "--html"):
            refuses(f"cannot open '{path}': {reason}; choose another file with {option}",
                    option, path, "touch", "ran")
        # This is libpcap's wording.
        refuses(f"cannot open {path}: {reason}; choose another file with -w", "-w", path, "touch", "ran")
    os.mkdir("folder.svg")
    for path, reason in (("no/where.svg", "No such file or directory"), ("folder.svg", "Is a directory"),
                         ("/proc/no.svg", "No such file or directory")):
        refuses(f"cannot open '{path}': {reason}; choose another file with --plot" if shutil.which("gnuplot") else
                "--plot: gnuplot is not there; run: apt-get install gnuplot-nox, or use --plot -",
                "--plot", path, "touch", "ran")
    holds(not os.path.exists("ran"))


@test
def no_space():
    """a full disk: one error, status 1, and the target lives on"""
    for options in ([], ["--json"], ["-c"]):
        for rounds in ("1", "500"):
            refuses(FULL, *options, "-o", "/dev/full", CALLS, rounds)
        target = Target()
        watcher = Watcher(*options, "-o", "/dev/full", "-p", target.pid)
        target.do(1)
        equal(target.end(), 0)
        equal(watcher.end(), (1, [f"brkwatch: {FULL}"]))


@test
def closed_pipe():
    """a closed pipe: no complaint, and the target lives on"""
    # A program that a shell starts dies of the signal; where the signal is ignored, the status is 1.
    for ignored, status in ((False, -signal.SIGPIPE), (True, 1)):
        target = Target()
        watcher = Program(["brkwatch", "-p", str(target.pid)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          restore_signals=not ignored)
        watcher.stderr.readline()
        watcher.stdout.close()
        target.do(20)
        equal((watcher.wait(), watcher.stderr.read()), (status, b""))
        target.do(1)
        equal(target.end(), 0)


if __name__ == "__main__":
    main()
