#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""--json: every kind of event has the documented keys, in the documented types."""

import errno
import re
import signal

from harness import Target, Watcher, document, equal, events, holds, main, test


def is_size(value):
    return type(value) is int and value >= 0


def is_integer(value):
    return type(value) is int


def is_text(value):
    return type(value) is str


def is_address(value):
    return is_text(value) and re.fullmatch("0x[0-9a-f]+", value)


def is_place(value):
    return is_text(value) and re.fullmatch(
        r"(heap|<map\d+>|<addr\d+>)([+-]0x[0-9a-f]+)?|0x[0-9a-f]+", value)


def is_null(value):
    return value is None


def is_flag(value):
    return type(value) is bool


def is_errno(value):
    return value in errno.errorcode.values()


def one_of(*values):
    return lambda value: value in values


def is_signal(value):
    return value in signal.Signals.__members__


ALL = {"event": [is_text], "time_ns": [is_size], "duration_ns": [is_size], "pid": [is_size],
       "tid": [is_size], "comm": [is_text], "error": [is_errno, is_null], "compat": [is_flag],
       "heap_start": [is_address], "brk": [is_address], "rss_pages": [is_size, is_null]}
# What else each call about a range of addresses has.
RANGE = {**ALL, "addr": [is_address], "length": [is_size], "result": [is_size, is_null]}
LIFE = {**ALL, "error": [is_null]}
FIELDS = {
    "brk": {**ALL, "kind": [one_of("query", "grow", "shrink", "refused")], "error": [is_null],
            "requested": [is_address], "before": [is_address], "after": [is_address],
            "delta": [is_integer]},
    "mmap": {**RANGE, "prot": [is_text], "flags": [is_text], "fd": [is_integer],
             "offset": [is_size], "anonymous": [is_flag], "result": [is_address, is_null]},
    "munmap": RANGE,
    "mremap": {**RANGE, "new_length": [is_size], "flags": [is_text],
               "new_addr": [is_address, is_null], "result": [is_address, is_null]},
    "mprotect": {**RANGE, "prot": [is_text]},
    "pkey_mprotect": {**RANGE, "prot": [is_text], "pkey": [is_integer]},
    "madvise": {**RANGE, "advice": [is_text]},
    "shmat": {**ALL, "shmid": [is_integer], "addr": [is_address], "flags": [is_text],
              "result": [is_address, is_null]},
    "shmdt": {**ALL, "addr": [is_address], "result": [is_size, is_null]},
    "clone": {**LIFE, "kind": [one_of("copy", "shared", "thread")], "child": [is_size],
              "child_followed": [is_flag]},
    "exec": LIFE,
    "exit": {**LIFE, "code": [is_size, is_null], "signal": [is_signal, is_null],
             "core_dumped": [is_flag], "peak_rss_pages": [is_size], "heap_start": [is_null],
             "brk": [is_null], "rss_pages": [is_null]},
    "fault": {**LIFE, "signal": [is_signal], "code": [is_text], "addr": [is_address],
              "brk_distance": [is_integer, is_null]},
    "snapshot": LIFE,
    "leave": {**LIFE, "reason": [one_of("credentials")], "heap_start": [is_null], "brk": [is_null],
              "rss_pages": [is_null]},
}
# Only a reader that may not see all has it: selftests/exact/permissions.py.
RARE = {"leave"}
LOST = {"event": "lost", "ring": 0, "probe": 0, "watch": 0, "socket": 0}
# What --normalize leaves out, and what it writes otherwise.
VARYING = ("time_ns", "duration_ns", "pid", "tid", "rss_pages", "peak_rss_pages", "shmid", "child")


def normalized(kinds):
    return {key: [is_null] if key in VARYING else [is_place if kind is is_address else kind
                                                   for kind in types]
            for key, types in kinds.items()}


def every_kind(*options):
    """Events of a life that has all kinds of them."""
    target = Target()
    watcher = Watcher("--json", *options, "-o", "j", "-p", target.pid)
    for word in ("30", "others", "refused", "exec", "3"):
        target.do(word)
    target.tell(f"kill {signal.SIGTERM:d}" if "--normalize" in options else "exit 9")
    equal(watcher.end(), (0, []))
    return events("j")


def well_formed(found, fields):
    equal(found[-1], LOST)
    equal({event["event"] for event in found[:-1]}, set(fields) - RARE)
    for event in found[:-1]:
        kinds = fields[event["event"]]
        equal(sorted(event), sorted(kinds))
        wrong = [key for key in kinds if not any(is_it(event[key]) for is_it in kinds[key])]
        holds(not wrong, event, wrong)


@test
def json_fields():
    """--json: each kind of event has its keys, of their types; the last line tells the loss"""
    found = every_kind()
    well_formed(found, FIELDS)
    end = found[-2]
    equal((end["event"], end["code"], end["signal"]), ("exit", 9, None))
    moves = [event for event in found if event["event"] == "brk"]
    equal({move["kind"] for move in moves}, {"query", "grow", "shrink", "refused"})
    for move in moves:
        equal(int(move["after"], 16) - int(move["before"], 16), move["delta"])
    for event in found[:-1]:
        if "result" in event:
            equal(event["error"] is None, event["result"] is not None)
        if event["event"] == "mmap":
            equal(event["anonymous"], "MAP_ANONYMOUS" in event["flags"])
    (fault,) = [event for event in found if event["event"] == "fault"]
    equal((fault["signal"], fault["code"], fault["brk_distance"]), ("SIGSEGV", "SEGV_MAPERR", 4096))
    equal(int(fault["addr"], 16), int(fault["brk"], 16) + 4096)
    for call in [name for name, kinds in FIELDS.items() if "result" in kinds]:
        equal((call, {event["error"] for event in found if event["event"] == call}),
              (call, {None, "EINVAL"}))


@test
def json_normalized():
    """--json --normalize: the same keys, places for addresses, null for what varies"""
    found = every_kind("--normalize")
    well_formed(found, {event: normalized(kinds) for event, kinds in FIELDS.items()})
    end = found[-2]
    equal((end["event"], end["code"], end["signal"]), ("exit", None, "SIGTERM"))


@test
def json_watches():
    """--json --normalize of several processes: watch tells them apart"""
    targets = [Target(), Target()]
    pids = ",".join(str(target.pid) for target in targets)
    watcher = Watcher("--json", "--normalize", "-o", "j", "-p", pids, watched=2)
    made = {}
    for number, target in enumerate(targets, 1):
        own = target.do(number)
        made[number] = own["brk"] + own["mmap"] + own["munmap"] + 1
        target.end()
    equal(watcher.end(), (0, []))
    seen = [event["watch"] for event in events("j")[:-1]]
    equal({number: seen.count(number) for number in set(seen)}, made)


@test
def json_documented():
    """the man page names the keys of each kind of event"""
    section = document("brkwatch.8.rst").split("\nJSON\n----\n")[1].split("\nNormalized")[0]
    named = dict(re.findall(r"^(\w+)\n((?:  .*\n)+)", section, re.M))
    keys = {name: set(re.findall(r"\*(\w+)\*", text)) for name, text in named.items()}
    equal(keys["all"], set(ALL))
    equal(keys["lost"], set(LOST) - {"event"})
    listed = re.search(r"\*event\* \((.*?)\)", named["all"], re.S).group(1)
    equal(set(re.split(r",\s+", listed)), set(FIELDS))
    for event, kinds in FIELDS.items():
        equal(keys.get(event, set()), set(kinds) - set(ALL))


if __name__ == "__main__":
    main()
