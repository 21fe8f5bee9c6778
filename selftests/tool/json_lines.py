#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""--json: every kind of event has the documented keys, in the documented types."""

import collections
import errno
import json
import os
import re
import signal
import time

import jsonschema

from harness import Target, Watcher, brkwatch, contents, document, equal, events, holds, main, objects, test
from schema import LINE, LOST, SCHEMA, fits, refuses_all_else, spoiled


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


def is_figure(value):
    return is_null(value) or is_size(value)


def is_refusal(value):
    """What stood in the way of a call."""
    return isinstance(value, list) and value and all(
        set(reason) - {"guess", "by"} == {"what", "limit", "would_be"} and
        is_text(reason["what"]) and is_figure(reason["limit"]) and is_figure(reason["would_be"]) and
        reason.get("guess", True) is True and ("by" in reason) == (reason["what"] == "occupied") and
        (is_null(reason.get("by")) or is_text(reason["by"])) for reason in value)


ALL = {"event": [is_text], "time_ns": [is_size], "duration_ns": [is_size], "pid": [is_size],
       "tid": [is_size], "comm": [is_text], "error": [is_errno, is_null], "compat": [is_flag],
       "heap_start": [is_address], "brk": [is_address], "rss_pages": [is_size, is_null]}
# Further fields of each call, and of each call on a range of addresses.
CALL = {**ALL, "refusal": [is_null, is_refusal]}
ORIGIN = {"origin": [is_text, is_null], "origin_guess": [is_text, is_null]}
RANGE = {**CALL, "addr": [is_address], "length": [is_size], "result": [is_size, is_null]}
LIFE = {**ALL, "error": [is_null]}
FIELDS = {
    "brk": {**CALL, **ORIGIN, "kind": [one_of("query", "grow", "shrink", "refused")], "error": [is_null],
            "requested": [is_address], "before": [is_address], "after": [is_address],
            "delta": [is_integer]},
    "mmap": {**RANGE, **ORIGIN, "prot": [is_text], "flags": [is_text], "fd": [is_integer],
             "offset": [is_size], "anonymous": [is_flag], "result": [is_address, is_null]},
    "munmap": RANGE,
    "mremap": {**RANGE, **ORIGIN, "new_length": [is_size], "flags": [is_text],
               "new_addr": [is_address, is_null], "result": [is_address, is_null]},
    "mprotect": {**RANGE, "prot": [is_text]},
    "pkey_mprotect": {**RANGE, "prot": [is_text], "pkey": [is_integer]},
    "madvise": {**RANGE, "advice": [is_text]},
    "shmat": {**CALL, "shmid": [is_integer], "addr": [is_address], "flags": [is_text],
              "result": [is_address, is_null]},
    "shmdt": {**CALL, "addr": [is_address], "result": [is_size, is_null]},
    "clone": {**LIFE, "kind": [one_of("copy", "shared", "thread")], "child": [is_size],
              "child_followed": [is_flag]},
    "exec": {**LIFE, "seccomp": [one_of("off", "strict", "filter")]},
    "exit": {**LIFE, "code": [is_size, is_null], "signal": [is_signal, is_null],
             "core_dumped": [is_flag], "peak_rss_pages": [is_size], "heap_start": [is_null],
             "brk": [is_null], "rss_pages": [is_null]},
    "fault": {**LIFE, "signal": [is_signal], "code": [is_text], "addr": [is_address],
              "brk_distance": [is_integer, is_null]},
    "snapshot": LIFE,
    "leave": {**LIFE, "reason": [one_of("credentials")], "heap_start": [is_null], "brk": [is_null],
              "rss_pages": [is_null]},
    "mark": {**LIFE, "text": [is_text], "heap_start": [is_null], "brk": [is_null],
             "rss_pages": [is_null]},
}
# Fields with -k.
CALLS = set(FIELDS) - {"clone", "exec", "exit", "fault", "snapshot", "leave", "mark"}
STACK = {"stack": [is_null, lambda value: isinstance(value, list)],
         "stack_end": [one_of("whole", "truncated", "unknown", None)]}
START = {"version", "schema", "page_size", "epoch_ns"}
PROCESS = {"pid", "executable", "cgroup", "uid", "parent", "start_ns", "seccomp"}
MAP = {"pid", "comm", "exact", "ranges", "totals"}
TOTALS = {"reserved", "committed", "given_back", "now", "peak", "apart"}
RANGE_OF_MAP = {"start", "end", "bytes", "prot", "kind", "origin", "origin_guess", "path", "committed", "resident",
                "dirty", "given_back", "uncertain"}
# Only a reader with limited permissions gets it: see selftests/exact/permissions.py.
RARE = {"leave"}
# What --normalize leaves out, and what it writes instead.
VARYING = ("time_ns", "duration_ns", "pid", "tid", "rss_pages", "peak_rss_pages", "shmid", "child")


def normalized(kinds):
    return {key: [is_null] if key in VARYING else [is_place if kind is is_address else kind
                                                   for kind in types]
            for key, types in kinds.items()}


def every_kind(*options):
    """Events of a process that causes all kinds of them."""
    target = Target()
    watcher = Watcher("--json", *options, "-o", "j", "-p", target.pid)
    for word in ("30", "others", "refused", "exec", "3"):
        target.do(word)
    target.tell(f"kill {signal.SIGTERM:d}" if "--normalize" in options else "exit 9")
    equal(watcher.end(), (0, []))
    return events("j")


def well_formed(found, fields):
    equal(found[-1], LOST)
    equal([line for line in found if not fits(line)], [])
    equal({event["event"] for event in found[:-1]}, set(fields) - RARE)
    for event in found[:-1]:
        kinds = fields[event["event"]]
        equal(sorted(event), sorted(kinds))
        wrong = [key for key in kinds if not any(is_it(event[key]) for is_it in kinds[key])]
        holds(not wrong, event, wrong)


@test
def json_fields():
    """--json: each kind of event has its keys, with their types; the last line reports the loss"""
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
    for event in found[:-1]:
        refused = event["event"] in CALLS and (event["error"] or event.get("kind") == "refused")
        equal((event, bool(event.get("refusal"))), (event, bool(refused)))
    for call in [name for name, kinds in FIELDS.items() if "result" in kinds]:
        equal((call, {event["error"] for event in found if event["event"] == call}),
              (call, {None, "EINVAL"}))


@test
def json_normalized():
    """--json --normalize: the same keys, places instead of addresses, null for varying values"""
    found = every_kind("--normalize")
    well_formed(found, {event: normalized(kinds) for event, kinds in FIELDS.items()})
    end = found[-2]
    equal((end["event"], end["code"], end["signal"]), ("exit", None, "SIGTERM"))


@test
def json_stacks():
    """--json -k: each line has two more keys, also with --normalize, and the schema finds errors in them"""
    for options in ((), ("--normalize",)):
        fields = {event: normalized(kinds) if options else kinds for event, kinds in FIELDS.items()}
        found = every_kind("-k", *options)
        well_formed(found, {event: {**kinds, **STACK} for event, kinds in fields.items()})
        for event in found[:-1]:
            called = event["event"] in CALLS or event["event"] in ("clone", "fault")
            equal((event["event"], bool(event["stack"]), bool(event["stack_end"])), (event["event"], called, called))
    for line in {line["event"]: line for line in found if "stack" in line}.values():
        # The validator would look at each frame again for each error.
        frames = (line["stack"] or [])[-1:]
        line = {**line, "stack": frames or line["stack"]}
        holds(fits(line), line)
        more = [{**line, "stack": [wrong]} for wrong in (spoiled(frames[0]) if frames else ())]
        admitted = [wrong for wrong in [*spoiled(line), *more] if fits(wrong)]
        holds(not admitted, line, *admitted)


@test
def json_schema():
    """there is one schema; it has every kind of event with its keys, and refuses all else"""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    listed = [kind["$ref"].split("/")[-1] for kind in SCHEMA["oneOf"]]
    equal(listed, [*FIELDS, "lost", "summary", "start", "process_facts", "map"])
    head = SCHEMA["$defs"]["event"]
    equal(set(head["required"]), set(ALL))
    equal(set(head["properties"]) - set(ALL), {"watch", *STACK})
    for name, kinds in FIELDS.items():
        equal(set(SCHEMA["$defs"][name]["required"]) | set(ALL), set(kinds))
    lines = {line["event"]: line for line in every_kind()}
    equal(set(lines), set(FIELDS) - RARE | {"lost"})
    for line in lines.values():
        holds(LINE.is_valid(line), line)
        admitted = [wrong for wrong in spoiled(line) if fits(wrong)]
        holds(not admitted, line, *admitted)
    holds(not LINE.is_valid({**lines["brk"], "event": "other"}))


@test
def json_start():
    """--json: the first object has the versions, the page size and the epoch; -c --json has none"""
    version = brkwatch("--version")[1].split()[1].rstrip(",")
    known = {"event": "start", "version": version, "schema": SCHEMA["version"], "page_size": os.sysconf("SC_PAGESIZE")}
    for options in ((), ("--map",)):
        before = time.time_ns() - time.monotonic_ns()
        equal(brkwatch("--json", *options, "-o", "j", "true"), (0, "", ""))
        start = objects("j")[0]
        equal({**start, "epoch_ns": None}, {**known, "epoch_ns": None})
        # Only someone who sets the clock meanwhile makes more of a difference.
        holds(abs(start["epoch_ns"] - before) < 10**9, start, before)
        refuses_all_else(start)
        equal(brkwatch("--json", *options, "--normalize", "-o", "j", "true"), (0, "", ""))
        equal(objects("j")[0], {**known, "epoch_ns": None})
    equal(brkwatch("-c", "--json", "-o", "j", "true"), (0, "", ""))
    equal([line["event"] for line in objects("j")], ["summary"])


def in_proc(pid):
    """What /proc says of a process that runs, as --json has it."""
    stat = contents(f"/proc/{pid}/stat").rsplit(") ", 1)[1].split()
    groups = [line[3:] for line in contents(f"/proc/{pid}/cgroup").splitlines() if line.startswith("0::")]
    status = contents(f"/proc/{pid}/status")
    return {"event": "process", "pid": pid, "executable": os.readlink(f"/proc/{pid}/exe"),
            "cgroup": groups[0] if groups else None,
            "uid": int(re.search(r"^Uid:\t\d+\t(\d+)", status, re.M)[1]),
            "seccomp": ("off", "strict", "filter")[int(re.search(r"^Seccomp:\t(\d+)", status, re.M)[1])],
            "parent": int(stat[1]), "start_ns": int(stat[19]) * 10**9 // os.sysconf("SC_CLK_TCK")}


def after(event, pid, lines):
    """What follows such events of a process."""
    return [line for before, line in zip(lines, lines[1:]) if (before["event"], before.get("pid")) == (event, pid)]


def after_exec(pid):
    """What follows the exec of a process, as soon as it is there."""
    while not (found := after("exec", pid, whole_lines("j"))):
        pass
    return found[0]


@test
def json_processes():
    """--json: processes as /proc has them: when attached, after an exec, after a clone"""
    target = Target("sh", "-c", "echo ready; read go; sleep infinity & echo $!; read end; kill $!; exec cat")
    # Only its own word proves that its exec is over.
    equal(target.stdout.readline(), b"ready\n")
    attached = in_proc(target.pid)
    watcher = Watcher("-f", "--json", "-w", "c", "-o", "j", "-p", target.pid)
    target.tell("go")
    child = int(target.stdout.readline())
    told = after_exec(child)
    equal(told, in_proc(child))
    equal((told["parent"], told["executable"] != attached["executable"]), (target.pid, True))
    target.tell("end")
    told = after_exec(target.pid)
    equal(told, in_proc(target.pid))
    equal({**told, "executable": None}, {**attached, "executable": None})
    target.end()
    equal(watcher.end(), (0, []))
    lines = objects("j")
    equal(lines[1], attached)
    (made,) = after("clone", target.pid, lines)
    equal((made["event"], made["pid"]), ("process", child))
    equal([line["pid"] for line in lines if line["event"] == "process"], [target.pid, child, child, target.pid])
    for line in lines:
        if line["event"] == "process":
            refuses_all_else(line)
    # The processes are gone, so the capture has it.
    equal(brkwatch("--read", "c", "--json", "-o", "k"), (0, "", ""))
    equal(contents("k"), contents("j"))
    equal(brkwatch("--read", "c", "--json", "--normalize", "-o", "k"), (0, "", ""))
    # As in all lines, the watch distinguishes processes once there are several.
    equal([(line.get("watch"), {line[key] for key in PROCESS}) for line in objects("k") if line["event"] == "process"],
          [(None, {None}), (2, {None}), (2, {None}), (1, {None})])
    equal(brkwatch("--read", "c", "-w", "d")[:2], (0, ""))
    equal(brkwatch("--read", "d", "--json", "-o", "k"), (0, "", ""))
    equal(contents("k"), contents("j"))


@test
def json_summary():
    """-c --json: one object that the schema admits, with the figures of the programs"""
    targets = [Target(), Target()]
    pids = ",".join(str(target.pid) for target in targets)
    watcher = Watcher("-c", "--json", "-o", "j", "-w", "c", "-p", pids, watched=2)
    figures = {target.pid: target.do(number) for number, target in enumerate(targets, 20)}
    for target in targets:
        target.end()
    equal(watcher.end(), (0, []))
    (summary,) = events("j")
    holds(LINE.is_valid(summary), summary)
    admitted = [wrong for wrong in spoiled(summary) if fits(wrong)]
    holds(not admitted, summary, *admitted)
    equal({process["pid"] for process in summary["processes"]}, set(figures))
    equal(summary["lost"], {key: 0 for key in LOST if key != "event"})
    for process in summary["processes"]:
        made, calls, heap = figures[process["pid"]], process["calls"], process["heap"]
        equal((calls["brk"]["calls"], calls["brk"]["failures"], heap["grows"], heap["shrinks"], heap["grown_bytes"],
               heap["shrunk_bytes"], heap["peak_bytes"] - heap["start_bytes"]),
              (made["brk"], made["refused"], made["grows"], made["shrinks"], made["grown"], made["shrunk"],
               made["peak"] - made["first"]))
        equal((calls["mmap"]["calls"], calls["mmap"]["failures"], calls["mmap_anonymous"]["bytes"],
               calls["mmap_file"]["bytes"], calls["munmap"]["bytes"]),
              (made["mmap"], made["mmap_failed"], made["mapped"], made["file_bytes"], made["unmapped"]))
        equal(process["anonymous"]["still_mapped_bytes"], made["mapped"] - made["unmapped_anonymous"])
        equal(process["got"], {"brk_bytes": made["grown"], "mmap_bytes": made["mapped"], "reserved_bytes": 0})
        equal(process["served"], {"heap_bytes": made["grown"], "arenas_bytes": 0, "mmap_bytes": made["mapped"]})


def change(event):
    """The bytes that a distribution counts, 0 if the call has none."""
    if event["error"]:
        return 0
    if event["event"] == "brk":
        return max(event["delta"], 0)
    whole = -(-event["length"] // 4096) * 4096
    return whole if event["event"] == "munmap" or event.get("anonymous") else 0


def distribution(values, lowest):
    """The tool's distribution of values, without the median and the percentile."""
    counted = collections.Counter(min(max(value.bit_length() - 1, lowest), lowest + 31) for value in values)
    return {"least": min(values), "most": max(values),
            "buckets": [[0 if bucket == lowest else 1 << bucket, calls] for bucket, calls in sorted(counted.items())]}


@test
def distributions():
    """-c --json: sizes and durations equal the counts from the events in a capture of the same run"""
    target = Target()
    watcher = Watcher("-c", "--json", "-o", "j", "-w", "c", "-p", target.pid)
    target.do("50")
    target.end()
    equal(watcher.end(), (0, []))
    (summary,) = events("j")
    (process,) = summary["processes"]
    equal(Watcher("--json", "-o", "k", "--read", "c", watched=0).end(), (0, []))
    calls = [event for event in events("k") if event["event"] in process["calls"]]
    for key, lowest, measure in (("sizes", 12, change), ("durations_ns", 0, lambda event: event["duration_ns"])):
        values = collections.defaultdict(list)
        for event in calls:
            if measure(event):
                values[event["event"]].append(measure(event))
        told = process[key]
        equal(set(told), set(values) & set(SCHEMA["$defs"]["process"]["properties"][key]["properties"]))
        for call, found in told.items():
            equal({**distribution(values[call], lowest)}, {name: found[name] for name in ("least", "most", "buckets")})
            for name, part in (("median", 50), ("percentile_99", 99)):
                exact = sorted(values[call])[-(-len(values[call]) * part // 100) - 1]
                holds(exact <= found[name] <= max(2 * exact, 8192 if key == "sizes" else 2), call, exact, found)


@test
def intervals():
    """-c --interval: repeated totals, each no less than those before; the last ones equal the end's"""
    target = Target()
    watcher = Watcher("-c", "--json", "--interval", "0.05", "-o", "j", "-p", target.pid)
    made = target.do("10")
    while not any(event["processes"][0]["calls"]["brk"]["calls"] == made["brk"] for event in whole_lines("j")):
        pass
    made = target.do("10")
    target.end()
    equal(watcher.end(), (0, []))
    found = events("j")
    holds(all(map(fits, found)))
    *times, last = [event["time_ns"] for event in found]
    equal((last, times), (None, sorted(set(times))))
    counts = [event["processes"][0]["calls"]["brk"]["calls"] for event in found]
    equal((counts, counts[-1]), (sorted(counts), made["brk"]))
    holds(len(set(counts)) > 1, counts)


def whole_lines(path):
    """Events of an unfinished file; the last line may be incomplete."""
    return [json.loads(line) for line in contents(path).split("\n")[:-1]]


@test
def json_watches():
    """--json --normalize with several processes: watch distinguishes them"""
    targets = [Target(), Target()]
    pids = ",".join(str(target.pid) for target in targets)
    watcher = Watcher("--json", "--normalize", "-o", "j", "-p", pids, watched=2)
    made = {}
    for number, target in enumerate(targets, 1):
        own = target.do(number)
        made[number] = own["brk"] + own["mmap"] + own["munmap"] + 1
        target.end()
    equal(watcher.end(), (0, []))
    holds(all(map(fits, events("j"))))
    seen = [event["watch"] for event in events("j")[:-1]]
    equal({number: seen.count(number) for number in set(seen)}, made)


@test
def json_documented():
    """the man page names the keys of each kind of event"""
    section = document("brkwatch.8.rst").split("\nJSON\n----\n")[1].split("\nNormalized")[0]
    named = dict(re.findall(r"^(\w+)\n((?:  .*\n)+)", section, re.M))
    keys = {name: set(re.findall(r"\*(\w+)\*", text)) for name, text in named.items()}
    equal(keys["all"], set(ALL))
    # The last four appear when the probes have missed something, or were off.
    equal(keys["lost"], set(LOST) - {"event"} | {"at_least", "blind", "from_ns", "to_ns"})
    listed = re.search(r"\*event\* \((.*?)\)", named["all"], re.S).group(1)
    equal(set(re.split(r",\s+", listed)), set(FIELDS))
    equal(keys["call"], {*(set(CALL) - set(ALL)), "what", "limit", "would_be", "guess", "by"})
    for event, kinds in FIELDS.items():
        equal(keys.get(event, set()), set(kinds) - set(CALL if event in CALLS else ALL))
    equal((keys["start"], keys["process"], keys["map"]), (START, PROCESS, MAP | TOTALS | RANGE_OF_MAP))
    for name, wanted in (("start", START), ("process_facts", PROCESS), ("map", MAP)):
        equal((name, set(SCHEMA["$defs"][name]["required"])), (name, wanted | {"event"}))
    equal(set(SCHEMA["$defs"]["range"]["required"]), RANGE_OF_MAP)


if __name__ == "__main__":
    main()
