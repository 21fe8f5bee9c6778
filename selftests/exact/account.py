# SPDX-License-Identifier: GPL-2.0
"""The mappings of a process by three accounts: its calls (without the tool's code),
/proc/PID/smaps, and what the tool draws. Each is a list of (start, end, class)."""

import bisect
import collections
import json
import re

PAGE = 4096
MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+) *(.*)$")
EDGE = re.compile(r" *(0x[0-9a-f]+) \+-+\+")
LABEL = re.compile(r" +\| (.*?)\?? *\|$")
# The labels of --map and --html; all others are private anonymous memory.
CLASSES = {"files": "file", "files and libraries": "file", "program text": "file", "stack": "stack",
           "growing down": "down", "kernel's own": "special", "of the kernel": "special",
           "shared": "shared", "huge pages": "huge", "shared huge pages": "huge", "not mapped": None,
           "program data": "data"}
# The classes that are mapped with MAP_ANONYMOUS.
COUNTED = {"private", "down", "shared", "huge"}


def up(length, unit=PAGE):
    return -(-length // unit) * unit


class Account:
    """The class of each address, from the calls of a process with one thread."""

    def __init__(self, huge):
        self.spans, self.doubts, self.segments, self.huge = [], [], {}, huge

    def part(self, start, end):
        return [(max(a, start), min(b, end), tag) for a, b, tag in self.spans if a < end and b > start]

    def put(self, start, end, tag):
        """Gives the range that class; None removes the range."""
        kept = [piece for a, b, old in self.spans
                for piece in ((a, min(b, start), old), (max(a, end), b, old)) if piece[0] < piece[1]]
        if tag and start < end:
            kept.append((start, end, tag))
        self.spans = sorted(kept)

    def book(self, event):
        getattr(self, f"book_{event['event']}", lambda event: None)(event)

    def book_brk(self, event):
        before, after = (up(int(event[key], 16)) for key in ("before", "after"))
        if event["kind"] in ("grow", "shrink"):
            self.put(min(before, after), max(before, after), "heap" if after > before else None)

    def book_mmap(self, event):
        flags, start = event["flags"].split("|"), event["result"]
        size = next((1 << int(flag.split("<<")[0]) for flag in flags if "MAP_HUGE_SHIFT" in flag), self.huge)
        length = up(event["length"], size if "MAP_HUGETLB" in flags and event["anonymous"] else PAGE)
        if event["error"]:
            if "MAP_FIXED" in flags:
                self.doubts.append((int(event["addr"], 16), int(event["addr"], 16) + length))
            return
        start = int(start, 16)
        kind = ("file" if not event["anonymous"] else "huge" if "MAP_HUGETLB" in flags else
                "shared" if {"MAP_SHARED", "MAP_SHARED_VALIDATE"} & set(flags) else
                "down" if "MAP_GROWSDOWN" in flags else "private")
        self.put(start, start + length, kind)

    def book_munmap(self, event):
        if not event["error"]:
            start = int(event["addr"], 16)
            self.put(start, start + up(event["length"]), None)

    def book_mremap(self, event):
        start, old, new = int(event["addr"], 16), up(event["length"]), up(event["new_length"])
        if event["error"]:
            self.doubts.append((start, start + old))
            if event["new_addr"]:
                self.doubts.append((int(event["new_addr"], 16), int(event["new_addr"], 16) + new))
            return
        to, kept, keeps = int(event["result"], 16), min(old, new), "MREMAP_DONTUNMAP" in event["flags"]
        moved = self.part(start, start + (kept or PAGE))
        last = moved[-1][2] if moved else None
        if to == start:
            self.put(start + kept, start + max(old, new), None)
        elif old and not keeps:
            self.put(start, start + old, None)
        if to != start:
            self.put(to, to + new, None)
            for a, b, tag in moved if old else []:
                self.put(a - start + to, b - start + to, "private" if keeps and tag == "heap" else tag)
        # Memory that mremap adds to the heap, or maps beside it, is not part of the heap.
        self.put(to + kept, to + new, "private" if last == "heap" else last)

    def book_shmat(self, event):
        """Sizes follow the order, because sequences.c first attaches each of its two segments once."""
        pages = self.segments.setdefault(event["shmid"], 5 if self.segments else 1)
        if not event["error"]:
            start = int(event["result"], 16)
            self.put(start, start + pages * PAGE, "segment")

    def book_shmdt(self, event):
        start = int(event["addr"], 16)
        here = self.part(start, start + 5 * PAGE)
        for a, b, tag in here if not event["error"] else []:
            if tag == "segment":
                self.put(a, b, None)

    def is_doubtful(self, start):
        return any(a <= start < b for a, b in self.doubts)


def of_smaps(text):
    """The kernel's account; "zero" is shared anonymous memory, or a mapping of /dev/zero."""
    found = []
    for line in text.splitlines():
        match = MAPPING.match(line)
        if match:
            start, end, permissions, inode, path = match.groups()
            found.append((int(start, 16), int(end, 16), class_of(permissions, inode, path)))
        elif line.startswith("VmFlags:") and " gd " in line and found[-1][2] == "private":
            found[-1] = (*found[-1][:2], "down")
    return found


def class_of(permissions, inode, path):
    if path.startswith("/SYSV"):
        return "segment"
    if path.startswith("/anon_hugepage"):
        return "huge"
    if path.startswith("/dev/zero") and permissions[3] == "s":
        return "zero"
    if path.startswith("[v"):
        return "special"
    return "file" if inode != "0" else "stack" if path == "[stack]" else "private"


def of_map(lines):
    """The account that --map draws."""
    found, edges, label = [], [], None
    for line in lines:
        edge, box = EDGE.match(line), LABEL.match(line)
        if box:
            label = box[1]
        elif edge:
            edges.append(int(edge[1], 16))
            if label:
                found.append((edges[-1], edges[-2], CLASSES.get(label, "private")))
            label = None
    return sorted(found)


def of_page(page):
    """The last account that --html draws, and how much is mapped then."""
    run = json.loads(page.partition('id="run">')[2].partition("</script>")[0])
    boxes = []
    for step in run["steps"]:
        change = step[11] if len(step) > 11 else None
        # A change in several places is a list of changes.
        for at, gone, *fresh in (change if isinstance(change[0], list) else [change]) if change else ():
            boxes[at:at + gone] = [tuple(fresh[i:i + 3]) for i in range(0, len(fresh), 5)]
    return ([(start, end, CLASSES.get(run["labels"][label], "private")) for start, end, label in boxes],
            run["steps"][-1][8])


def side_by_side(*lists):
    """Yields (start, end, class in each list) where any list has a class."""
    cuts = sorted({edge for spans in lists for span in spans for edge in span[:2]})
    starts = [[span[0] for span in spans] for spans in lists]
    for start, end in zip(cuts, cuts[1:]):
        classes = []
        for spans, begins in zip(lists, starts):
            at = bisect.bisect_right(begins, start) - 1
            classes.append(spans[at][2] if at >= 0 and spans[at][1] > start else None)
        if any(classes):
            yield start, end, *classes


def sums(spans):
    found = collections.Counter()
    for start, end, name in spans:
        found[name] += end - start
    return found
