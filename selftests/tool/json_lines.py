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


def is_kind(value):
    return value in ("query", "grow", "shrink", "refused")


def is_signal(value):
    return value in signal.Signals.__members__


ALL = {"event": [is_text], "time_ns": [is_size], "duration_ns": [is_size], "pid": [is_size],
       "tid": [is_size], "comm": [is_text], "error": [is_errno, is_null], "heap_start": [is_address],
       "brk": [is_address], "rss_pages": [is_size, is_null]}
FIELDS = {
    "brk": {**ALL, "kind": [is_kind], "requested": [is_address], "before": [is_address],
            "after": [is_address], "delta": [is_integer], "error": [is_null]},
    "mmap": {**ALL, "addr": [is_address], "length": [is_size], "prot": [is_text], "flags": [is_text],
             "fd": [is_integer], "offset": [is_size], "anonymous": [is_flag],
             "result": [is_address, is_null]},
    "munmap": {**ALL, "addr": [is_address], "length": [is_size], "result": [is_size, is_null]},
    "exec": {**ALL, "error": [is_null]},
    "exit": {**ALL, "error": [is_null], "code": [is_size, is_null], "signal": [is_signal, is_null],
             "core_dumped": [is_flag], "heap_start": [is_null], "brk": [is_null],
             "rss_pages": [is_null]},
}
LOST = {"event": "lost", "ring": 0, "probe": 0, "watch": 0, "socket": 0}
# What --normalize leaves out, and what it writes otherwise.
VARYING = ("time_ns", "duration_ns", "pid", "tid", "rss_pages")


def normalized(kinds):
    return {key: [is_null] if key in VARYING else [is_place if kind is is_address else kind
                                                   for kind in types]
            for key, types in kinds.items()}


def every_kind(*options):
    """Events of a life that has all kinds of them."""
    target = Target()
    watcher = Watcher("--json", *options, "-o", "j", "-p", target.pid)
    for word in ("30", "refused", "exec", "3"):
        target.do(word)
    target.tell(f"kill {signal.SIGTERM:d}" if "--normalize" in options else "exit 9")
    equal(watcher.end(), (0, []))
    return events("j")


def well_formed(found, fields):
    equal(found[-1], LOST)
    equal({event["event"] for event in found[:-1]}, set(fields))
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
        if event["event"] in ("mmap", "munmap"):
            equal(event["error"] is None, event["result"] is not None)
        if event["event"] == "mmap":
            equal(event["anonymous"], "MAP_ANONYMOUS" in event["flags"])
    failed = [event["error"] for event in found if event.get("error")]
    equal(set(failed), {"EINVAL"})


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
    named = dict(re.findall(r"^(all|brk|mmap|munmap|exit|lost)\n((?:  .*\n)+)", section, re.M))
    keys = {name: set(re.findall(r"\*(\w+)\*", text)) for name, text in named.items()}
    equal(keys["all"], set(ALL))
    equal(keys["lost"], set(LOST) - {"event"})
    for event, kinds in FIELDS.items():
        equal(keys.get(event, set()), set(kinds) - set(ALL))


if __name__ == "__main__":
    main()
