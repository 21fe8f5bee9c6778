# SPDX-License-Identifier: GPL-2.0
"""What is right to say of memory, given the file that asked and what it asked for."""

import re

from strace import up

# Kinds of memory, and what an origin is called that means them; the first that matches.
KINDS = (("jemalloc", r"jemalloc"), ("tcmalloc", r"tcmalloc"), ("mimalloc", r"mimalloc"),
         ("obmalloc", r"obmalloc"), ("musl", r"musl"), ("Go", r"\bGo\b"), ("JVM", r"\bJVM\b"), ("V8", r"\bV8\b"),
         ("stack", r"thread stack"), ("arena", r"thread arena"), ("loader", r"loader"), ("kernel", r"kernel"),
         ("program", r"the program|program heap"), ("malloc", r"malloc|heap"))
# Files that have one kind of memory, by the beginning of their names.
FILES = (("ld-linux", "loader"), ("libjemalloc.", "jemalloc"), ("libtcmalloc_minimal.", "tcmalloc"),
         ("libmimalloc.", "mimalloc"), ("libjvm.", "JVM"), ("libnode.", "V8"))
GLIBC = "libc.so.6"
# In musl the loader, malloc and the system calls are one file, which has no tables for an unwinder.
MUSL = ("libc.so", "ld-musl-x86_64.so.1")
OF_MUSL = ("musl", "loader", "stack", "program")
ARENA = 64 << 20
# What glibc makes readable of a new heap of a thread arena.
ARENA_BEGIN = 132 << 10


def kind_of(origin):
    """Returns the kind; any other origin is a library, by its name or without."""
    return next((kind for kind, pattern in KINDS if re.search(pattern, origin)), "library")


def of_glibc(call):
    """What glibc asks for shows which part of it asks."""
    if call.name == "mmap" and "MAP_STACK" in call.args[3]:
        return "stack"
    return "arena" if call.name == "mmap" and call.args[2] == "PROT_NONE" else "malloc"


def is_of_malloc(call):
    """Whether glibc's malloc asked, for a block or for an arena."""
    return call.asker == GLIBC and of_glibc(call) != "stack"


def right_kinds(call, own):
    """Returns the kinds that are right for what a call got; own() knows the program's calls."""
    asker = call.asker
    if asker == GLIBC:
        return (of_glibc(call),)
    if asker in MUSL:
        return OF_MUSL
    if asker == call.program:
        return own(call)
    return tuple(kind for begin, kind in FILES if asker.startswith(begin)) or ("library",)


def is_wrong(origin, call, own):
    """Whether a certain origin is not that of the call."""
    if not call:
        # What no call got, the kernel mapped at exec.
        return kind_of(origin) != "kernel"
    # strace may not know either: programs.py prints how often.
    if not call.asker:
        return False
    names_another = ".so" in origin and call.asker not in origin
    return names_another or kind_of(origin) not in right_kinds(call, own)


def got_memory(event):
    """Whether a call got memory, which has an origin."""
    return not event["error"] and (event.get("anonymous") or event.get("kind") == "grow")


def span(event):
    """The range that a munmap or mprotect is about."""
    start = int(event["addr"], 16)
    return start, start + up(event["length"])


def arenas(events):
    """glibc's arenas by their signature: what is made readable of each, less those unmapped whole."""
    found = set()
    for event in events:
        if event["event"] not in ("mprotect", "munmap") or event["error"]:
            continue
        begin, end = span(event)
        if event["event"] == "munmap":
            found = {start for start in found if not begin <= start <= end - ARENA}
        elif not begin % ARENA and end - begin == ARENA_BEGIN and event["prot"] == "PROT_READ|PROT_WRITE":
            found.add(begin)
    return found


class Owners:
    """Which call made the memory at each address."""

    def __init__(self):
        self.spans = []

    def part(self, start, end):
        return [call for a, b, call in self.spans if a < end and b > start]

    def put(self, start, end, call):
        """Gives the range that call; None removes the range."""
        kept = [piece for a, b, old in self.spans
                for piece in ((a, min(b, start), old), (max(a, end), b, old)) if piece[0] < piece[1]]
        self.spans = kept + ([(start, end, call)] if call and start < end else [])

    def book(self, event):
        call = event.get("call")
        if event["event"] == "munmap" and not event["error"]:
            self.put(*span(event), None)
        elif event["event"] == "brk":
            before, after = (up(int(event[key], 16)) for key in ("before", "after"))
            self.put(min(before, after), max(before, after), call if after > before else None)
        elif call and call.done:
            if call.name == "mremap":
                old = int(call.args[0], 16)
                self.put(old, old + up(int(call.args[1])), None)
            self.put(call.start, call.start + call.length, call)
