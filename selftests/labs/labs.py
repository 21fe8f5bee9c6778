#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Run the programs of the labs under brkwatch --json, each on a terminal.

The programs' own sbrk(0), pointers and /proc/self/maps are the oracle. On bookworm the test also
requires the figures that the labs explain. Needs brkwatch in PATH, and its module loaded or loadable.
"""

import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

from terminal import Terminal, Timeout

HERE = pathlib.Path(__file__).resolve().parent
# Installed beside this file, or in the source tree.
LABS = HERE / "labs" if (HERE / "labs").is_dir() else HERE.parents[1] / "Documentation/labs"
PAGE = os.sysconf("SC_PAGESIZE")
# malloc's header of a block; it lies before the pointer.
HEADER = 16
HEX = r"0x([0-9a-f]+)"


def release():
    text = pathlib.Path("/etc/os-release").read_text(encoding="utf-8")
    return re.search(r"^VERSION_CODENAME=(\w+)", text, re.MULTILINE)[1]


def pages(n):
    return n * PAGE


def up(address):
    """The end of the page."""
    return -(-address // PAGE) * PAGE


def numbers(pattern, text):
    """All matches of the pattern's groups in the text, as hex numbers."""
    return [tuple(int(x, 16) for x in (m if isinstance(m, tuple) else (m,)))
            for m in re.findall(pattern, text)]


def column(pattern, text):
    return [row[0] for row in numbers(pattern, text)]


class Trace:
    """The output of brkwatch, with addresses as numbers."""

    def __init__(self, path):
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
        self.events = [json.loads(line) for line in lines]
        for event in self.events:
            for key in ("heap_start", "brk", "requested", "before", "after", "addr", "result"):
                if isinstance(event.get(key), str):
                    event[key] = int(event[key], 16)

    def of(self, kind):
        return [event for event in self.events if event["event"] == kind]

    def moves(self):
        return [event for event in self.of("brk") if event["kind"] in ("grow", "shrink")]

    def mapping(self, address):
        """The anonymous mapping that was made at an address."""
        return [event for event in self.of("mmap")
                if event["anonymous"] and event["result"] == address]


class Labs:
    """The tests; each notes the errors that it found."""

    def __init__(self, folder):
        self.folder = folder
        self.wrong = []
        self.literal = release() == "bookworm"

    def equal(self, what, got, want):
        if got != want:
            self.wrong.append(f"{what}: {show(got)} instead of {show(want)}")

    def figure(self, what, got, want):
        """A figure that bookworm's C library decides."""
        if self.literal:
            self.equal(f"{what} on bookworm", got, want)

    def run(self, command):
        """Returns what the program printed, and the trace."""
        terminal = Terminal(self.folder)
        try:
            text = terminal.run(f"brkwatch --json -o trace.json {command}")
            self.status = terminal.status()
        finally:
            terminal.close()
        trace = Trace(self.folder / "trace.json")
        self.whole(trace)
        return text, trace

    def whole(self, trace):
        """What must hold for any trace: nothing is lost, and each break follows the last."""
        self.equal("last line", trace.events[-1],
                   {"event": "lost", "ring": 0, "probe": 0, "watch": 0, "socket": 0})
        for event in trace.of("brk"):
            self.equal("delta", event["delta"], event["after"] - event["before"])
        calls = trace.of("brk")
        for last, event in zip(calls, calls[1:]):
            self.equal("break before a call", event["before"], last["after"])

    def heap(self, trace, afters):
        """brkwatch saw the same breaks as the program."""
        self.equal("moves of the break", [move["after"] for move in trace.moves()], afters)
        calls = trace.of("brk")
        grow = calls.index(trace.moves()[0])
        self.equal("calls before the first move", [call["kind"] for call in calls[:grow]],
                   ["query", "query"])
        self.equal("heap start", calls[0]["heap_start"], calls[0]["after"])

    def lab1(self):
        """five small requests: two queries, then two moves of the break"""
        text, trace = self.run("./five-small")
        rows = numbers(f"= {HEX}, break {HEX}", text)
        breaks = sorted({row[1] for row in rows})
        self.equal("requests", len(rows), 5)
        self.heap(trace, breaks)
        self.equal("page of the first block", rows[0][0] // PAGE,
                   trace.moves()[0]["before"] // PAGE)
        self.figure("moves", [move["delta"] for move in trace.moves()], [pages(33), pages(37)])

    def lab2(self):
        """five large requests: five mappings, a page of each resident"""
        text, trace = self.run("./five-large")
        rows = numbers(f"= {HEX}, break {HEX}", text)
        memory = re.findall(r"mapped +(\d+) kB, resident +(\d+) kB", text)
        mapped, resident = ([int(row[i]) * 1024 for row in memory] for i in (0, 1))
        self.equal("requests", len(rows), 5)
        self.heap(trace, sorted({row[1] for row in rows}))
        self.equal("breaks", len({row[1] for row in rows}), 1)
        lengths = [m["length"] for row in rows for m in trace.mapping(row[0] - HEADER)]
        self.equal("mappings 16 bytes before the pointers", len(lengths), 5)
        self.equal("growth in smaps", steps(mapped), lengths[1:] + [0])
        self.equal("resident after each", steps(resident)[:4], [PAGE] * 4)
        self.equal("resident after writing", steps(resident)[4:], [lengths[-1] - PAGE])
        self.figure("lengths", lengths, [5001216] * 5)

    def lab3(self):
        """sbrk by hand: the old break is returned, the move is a page"""
        text, trace = self.run("./sbrk-by-hand")
        first, second, third = column(f"= {HEX}", text)
        self.equal("sbrk(4096)", second, first)
        self.equal("sbrk(0) after it", third, first + 4096)
        self.equal("move", trace.moves()[0] |
                   {"before": first, "requested": third, "after": third, "delta": 4096},
                   trace.moves()[0])
        self.figure("moves", [move["delta"] for move in trace.moves()], [pages(1), pages(33)])

    def lab4(self):
        """four key presses: the fourth moves the break, seen by --pid"""
        first, second = Terminal(self.folder), Terminal(self.folder)
        try:
            text, before, after = self.press(first, second)
        finally:
            first.close()
            second.close()
        trace = Trace(self.folder / "trace.json")
        self.whole(trace)
        breaks = column(f"break {HEX}", text)
        begin, behind = breaks[0], sorted(set(breaks[1:]))
        self.equal("breaks after the requests", breaks[1:], [behind[0]] * 3 + [behind[-1]])
        self.equal("[heap] before", before, (begin, behind[0]))
        self.equal("[heap] after", after, (begin, behind[-1]))
        self.equal("moves", [(move["before"], move["after"]) for move in trace.moves()],
                   [(behind[0], behind[-1])])
        self.equal("brk calls seen", len(trace.of("brk")), 1)
        self.equal("heap start", trace.moves()[0]["heap_start"], before[0])
        self.figure("heap before", before[1] - begin, 0x21000)
        self.figure("move", trace.moves()[0]["delta"], pages(40))
        self.figure("heap after", after[1] - begin, 0x49000)

    def press(self, first, second):
        """Returns the program's text, and its [heap] before and after."""
        def prompt():
            return first.read_until(lambda text: text.endswith("Press Enter: "))

        # With exec, the shell's id becomes the program's.
        first.start("echo pid $$; exec ./four-keys")
        text = prompt()
        pid = re.search(r"pid (\d+)", text)[1]
        before = heap_line(pid)
        second.start(f"brkwatch --json -o trace.json --pid {pid}")
        second.read_until(lambda text: f"brkwatch: watching {pid} (four-keys)\n" in text)
        for _ in range(4):
            first.send("\n")
            text += prompt()
        after = heap_line(pid)
        first.send("\n")
        second.finish()
        return text, before, after

    def lab5(self):
        """too large for the heap: a mapping outside of [heap]"""
        text, trace = self.run("./too-large")
        small, large = column(f"= {HEX}", text)
        (heap, around) = numbers(r"(?m)^([0-9a-f]+)-([0-9a-f]+) rw-p", text)
        made = trace.mapping(large - HEADER)
        self.equal("small block in [heap]", heap[0] <= small < heap[1], True)
        self.equal("[heap]", heap, (trace.of("brk")[0]["after"], trace.moves()[-1]["after"]))
        self.equal("large block in [heap]", heap[0] <= large < heap[1], False)
        self.equal("mappings made for it", len(made), 1)
        self.equal("length in pages", made[0]["length"], up(35 * 4096 + HEADER))
        self.equal("begin of its line in maps", around[0], made[0]["result"])
        self.figure("length", made[0]["length"], 147456)

    def lab6(self):
        """above the break: SIGSEGV at the end of the page, or where the write goes"""
        for bytes_, above in ((0, 0), (100, 0), (4095, 0), (0, 4096)):
            text, trace = self.run(f"./above-break {bytes_} {above}")
            before, printed, end = column(f"break {HEX}", text)
            (fault,) = column(f"fault at {HEX}", text)
            self.equal("moves", [move["after"] for move in trace.moves()],
                       [printed] + [end] * bool(bytes_))
            self.equal("first move begins", trace.moves()[0]["before"], before)
            self.equal("fault", fault, up(end + above))
            self.equal("faults seen", [(event["code"], event["addr"], event["brk_distance"])
                                       for event in trace.of("fault")],
                       [("SEGV_MAPERR", fault, fault - end)] * 2)
            self.equal("exit status", self.status, 128 + 11)
            self.figure("printf's move", printed - before, pages(33))

    def lab7(self):
        """mmap by hand: the second mapping touches the first from below"""
        text, trace = self.run("./two-maps")
        (first,), (second,) = (numbers(rf"{name} +{HEX}", text) for name in ("first", "second"))
        lengths = [m["length"] for at in (first[0], second[0]) for m in trace.mapping(at)]
        lines = numbers(r"(?m)^([0-9a-f]+)-([0-9a-f]+) rw-p", text)
        self.equal("lengths", lengths, [pages(45)] * 2)
        self.equal("distance", first[0] - second[0], pages(45))
        self.equal("lines of maps", lines[0], lines[1])
        self.equal("begin in maps", lines[0][0], second[0])

    def lab8(self):
        """the picture of a process: its heap is brkwatch's heap"""
        text, trace = self.run("./picture")
        edges = column(rf"(?m)^ *{HEX} \+-", text)
        self.equal("edges fall", edges, sorted(set(edges), reverse=True))
        (brk,) = column(rf"{HEX} \+-+\+  <- program break", text)
        self.equal("program break", brk, trace.moves()[-1]["after"])
        begin = edges[edges.index(brk) + 1]
        self.equal("begin of the heap", begin, trace.of("brk")[0]["heap_start"])
        for box, what in (("heap", r"malloc\(100\)"), ("data", "a global variable"),
                          ("text", "a function"), ("stack", "a local variable"),
                          ("anonymous memory", r"mmap\(1 MiB\)")):
            self.equal(f"marks of {box}", len(re.findall(rf"\| {box} +\|  {HEX} {what}", text)), 1)
        (mapped,) = column(rf"{HEX} mmap\(1 MiB\)", text)
        self.equal("length mapped", [m["length"] for m in trace.mapping(mapped)], [1 << 20])


def heap_line(pid):
    text = pathlib.Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    return numbers(r"(?m)^([0-9a-f]+)-([0-9a-f]+) .*\[heap\]$", text)[0]


def steps(values):
    return [b - a for a, b in zip(values, values[1:])]


def show(value):
    if isinstance(value, int) and value >= 1 << 32:
        return hex(value)
    if isinstance(value, (list, tuple)):
        return f"({', '.join(map(show, value))})"
    return str(value)


def attempt(test):
    """None, or the error that the test did not foresee."""
    try:
        test()
    except (Timeout, OSError, ValueError, IndexError, KeyError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def no_huge_pages():
    """Lab 2 counts small pages."""
    switch = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled")
    # A real-time kernel has no transparent huge pages.
    if switch.exists():
        switch.write_text("never")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="labs-"))
    shutil.copytree(LABS, folder, dirs_exist_ok=True)
    os.chmod(folder, 0o755)
    tests = [getattr(Labs, name) for name in sorted(vars(Labs)) if re.match(r"lab\d", name)]
    print("TAP version 13")
    print(f"1..{len(tests) + 1}", flush=True)
    failed = os.system(f"make -sB -C {folder} CFLAGS='-O0 -g -Wall -Wextra -Werror "
                       "-Wno-unused-parameter' >&2") != 0
    print(f"{'not ok' if failed else 'ok'} 1 labs: the programs build without a warning")
    no_huge_pages()
    for count, test in enumerate(tests, 2):
        labs = Labs(folder)
        crash = attempt(lambda: test(labs))
        wrong = labs.wrong + [crash] * bool(crash)
        for line in wrong:
            print("#", line)
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {count} labs: {test.__name__[3:]}. {test.__doc__}",
              flush=True)
    print(f"# Totals: pass:{len(tests) + 1 - failed} fail:{int(failed)} "
          "xfail:0 xpass:0 skip:0 error:0")
    shutil.rmtree(folder, ignore_errors=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
