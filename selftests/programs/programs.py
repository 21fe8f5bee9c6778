#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Who asked for memory, in real programs and under real allocators.

Each program runs once, under brkwatch and strace -k at the same time. strace's unwinder shows which
file made each call, and programs and allocators say themselves what they have.
"""

import collections
import dataclasses
import functools
import glob
import json
import os
import re
import subprocess
import sys
import time
import typing

import asked
import strace
from harness import HERE, Program, Target, brkwatch, equal, events, holds, main, test

COMPILED = "/opt/programs"
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
# Only glibc's malloc can be changed in these ways.
OF_GLIBC = re.compile(r"malloc_trim|mallopt|MALLOC_|glibc|M_[A-Z]+_")
UNITS = {"KiB": 10, "MiB": 20, "GiB": 30}
NONE_LOST = {"event": "lost", "ring": 0, "probe": 0, "watch": 0, "socket": 0}
FORMAT = "# {:<24} {:>6} {:>8} {:>8} {:>8} {:>7} {:>8} {:>6}"
table = [("program", "calls", "ranges", "certain", "guessed", "unknown", "unjudged", "wrong")]


def of_program(_):
    return ("program",)


def of_go(call):
    """All but one call are the runtime's (allocate.go)."""
    return ("program",) if call.name == "mmap" and call.args[1] == str(3 * (1 << 20) + 5 * 4096) else ("Go",)


def of_static_musl(_):
    return asked.OF_MUSL


def of_python(call):
    """CPython's arenas have this form, and no other mapping of its own file has it."""
    is_arena = call.name == "mmap" and call.args[1:4] == [str(1 << 20), "PROT_READ|PROT_WRITE",
                                                         "MAP_PRIVATE|MAP_ANONYMOUS"]
    return ("obmalloc",) if is_arena else ("program",)


@dataclasses.dataclass(eq=False)
class Row:
    """A program: the name of its file, what is right for calls of that, whose malloc it uses."""
    name: str
    argv: tuple
    file: str
    own: typing.Callable = of_program
    allocator: str = "malloc"
    preload: str = None
    drive: typing.Callable = None


@dataclasses.dataclass(eq=False)
class Seen:
    """A run: events from its exec on, with the calls that strace saw, ranges at the exit, summary, output."""
    events: list
    ranges: list
    summary: dict
    output: str

    @property
    def calls(self):
        return [event for event in self.events if "call" in event]

    @property
    def arenas(self):
        """Where glibc's arenas begin."""
        return asked.arenas(self.events)

    @property
    def report(self):
        """What the program says of itself."""
        line = next(line for line in self.output.splitlines() if line.startswith('{"allocator'))
        return json.loads(line)

    def ranges_of(self, kind):
        """The ranges of this origin, without guesses."""
        return [(int(one["start"], 16), int(one["end"], 16)) for one in self.ranges if kind_of(one) == kind]

    def bytes_of(self, kind):
        return sum(end - start for start, end in self.ranges_of(kind))

    def at(self, address):
        return range_at(self.ranges, address)


def range_at(ranges, address):
    """The range that a program names by an address in it."""
    (found,) = [one for one in ranges if int(one["start"], 16) <= int(address, 16) < int(one["end"], 16)]
    return found


def ranges_in(path, pid):
    (space,) = [one for one in events(path) if one["event"] == "map" and one["pid"] == pid]
    return space["ranges"]


def kind_of(one):
    """The kind of a range or call, None if its origin is not certain."""
    return asked.kind_of(one["origin"]) if one.get("origin") else None


def drive_redis(output):
    """Fills the database, then asks the server what its allocator says."""
    while not os.path.exists("redis"):
        time.sleep(0.1)
    subprocess.run(["redis-benchmark", "-s", "./redis", "-q", "-n", "300", "-c", "4", "-d", "2000", "-t",
                    "set,lpush"], stdout=subprocess.DEVNULL, check=True)
    stated = subprocess.check_output(["redis-cli", "-s", "./redis", "info", "memory"], text=True)
    active = re.search(r"^allocator_active:(\d+)", stated, re.M)[1]
    output.write(json.dumps({"allocator": int(active), "places": []}).encode() + b"\n")
    subprocess.run(["redis-cli", "-s", "./redis", "shutdown", "nosave"], check=False)


def preloaded(name):
    return glob.glob(f"{LIBRARIES}/{name}*")[0]


def allocate(name, language, **more):
    return Row(name, (f"{COMPILED}/allocate-{language}",), f"allocate-{language}", **more)


JAVA = ("-Xmx64m", "-XX:+UseSerialGC", "-XX:NativeMemoryTracking=detail", "-XX:+UnlockDiagnosticVMOptions",
        "-XX:+PrintNMTStatistics")
KEYTOOL = ("keytool", *(f"-J{option}" for option in JAVA), "-genseckey", "-keyalg", "AES", "-keysize", "128",
           "-alias", "x", "-keystore", "keys", "-storepass", "secret")
REDIS = ("redis-server", "--port", "0", "--unixsocket", "./redis", "--save", "", "--daemonize", "no",
         "--logfile", "log")


def rows():
    return (
        allocate("C, glibc", "glibc"),
        allocate("C, jemalloc", "glibc", allocator="jemalloc", preload=preloaded("libjemalloc.so")),
        allocate("C, tcmalloc", "glibc", allocator="tcmalloc", preload=preloaded("libtcmalloc_minimal.so")),
        allocate("C, mimalloc", "glibc", allocator="mimalloc", preload=preloaded("libmimalloc.so")),
        allocate("C, musl", "musl", allocator="musl"),
        allocate("C, musl, static", "musl-static", allocator="musl", own=of_static_musl),
        allocate("Go, static", "go", allocator="Go", own=of_go),
        allocate("Rust", "rust"),
        Row("python3", ("python3", f"{HERE}/lists.py"), os.path.basename(os.path.realpath("/usr/bin/python3")),
            own=of_python),
        Row("node", ("node", f"{HERE}/lists.js"), "node"),
        Row("java, keytool", KEYTOOL, "keytool"),
        Row("redis-server", REDIS, "redis-server", allocator="jemalloc", drive=drive_redis),
    )


def start(row):
    preload = ("-E", f"LD_PRELOAD={row.preload}") if row.preload else ()
    with open("output", "wb") as output:
        tool = Program(["brkwatch", "-f", "--json", "-o", "j", "-w", "c", *strace.COMMAND, *preload, *row.argv],
                       stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        if row.drive:
            row.drive(output)
    return tool


@functools.cache
def run(row):
    status = start(row).wait()
    with open("output", encoding="utf-8", errors="replace") as file:
        output = file.read()
    equal((status, output[-2000:] if status else ""), (0, ""))
    found, traced = events("j"), strace.threads(row.file)
    equal(found[-1], NONE_LOST)
    equal(strace.pair(found, traced), [])
    (pid,) = {event["pid"] for event in found if "call" in event}
    found = [event for event in found if event.get("pid") == pid]
    (first,) = [number for number, event in enumerate(found) if event["event"] == "exec"]
    equal(brkwatch("--read", "c", "--map", "--json", "-o", "m")[0], 0)
    equal(brkwatch("--read", "c", "-c", "--json", "-o", "s")[0], 0)
    (summary,) = [one for one in events("s")[-1]["processes"] if one["pid"] == pid]
    return Seen(found[first:], ranges_in("m", pid), summary, output)


def wrong_ranges(row, seen):
    owners, wrong = asked.Owners(), []
    for event in seen.events:
        owners.book(event)
    for one in seen.ranges:
        calls = owners.part(int(one["start"], 16), int(one["end"], 16))
        if one["origin"] and any(asked.is_wrong(one["origin"], call, row.own) for call in calls or [None]):
            wrong.append((one, calls))
    return wrong


def origins(row):
    """Judges each call and range; prints the program's row of the table."""
    seen, known = run(row), collections.Counter()
    for event in filter(asked.got_memory, seen.calls):
        known["certain" if event["origin"] else "guessed" if event["origin_guess"] else "unknown"] += 1
    certain = [event for event in seen.calls if event.get("origin")]
    unjudged = sum(not event["call"].asker for event in certain)
    wrong = [(event["origin"], event["call"]) for event in certain
             if asked.is_wrong(event["origin"], event["call"], row.own)]
    wrong += wrong_ranges(row, seen)
    table.append((row.name, len(seen.calls), len(seen.ranges), known["certain"], known["guessed"],
                  known["unknown"], unjudged, len(wrong)))
    for line in table if len(table) == 2 else table[-1:]:
        print(FORMAT.format(*line), flush=True)
    kinds = collections.Counter(map(kind_of, certain)).most_common()
    print("#     certain:", ", ".join(f"{kind} {n}" for kind, n in kinds), flush=True)
    equal(wrong[:3], [])
    holds(any(event["call"].asker for event in seen.calls), "strace shows no caller")
    # Most calls come from code that is known; musl has no tables that lead to its callers.
    holds(row.allocator == "musl" or known["certain"] * 4 >= sum(known.values()) * 3, known)


def malloc_mapped(seen, sentence):
    """Demands that malloc made most of the mappings in a sentence on churn, where strace knows who asked."""
    size = re.search(r" anonymous mappings of (\d+) (KiB|MiB|GiB) and more, up to twice that, ", sentence)
    least = int(size[1]) << UNITS[size[2]]
    calls = [event["call"] for event in seen.calls
             if event["event"] == "mmap" and event["anonymous"] and not event["error"]]
    by_malloc = [asked.is_of_malloc(call) for call in calls if call.asker and least <= call.length < 2 * least]
    holds(by_malloc and 2 * sum(by_malloc) >= len(by_malloc), sentence, sum(by_malloc), len(by_malloc))


def verdicts(row):
    """Compares the heaps of arenas, and demands that glibc is named only where its malloc is at work."""
    seen = run(row)
    heaps = seen.arenas
    told = seen.summary["verdicts"]
    equal({start // asked.ARENA for start, _ in seen.ranges_of("arena")}, {heap // asked.ARENA for heap in heaps})
    equal("arenas" in told, len(heaps) >= 2)
    if "arenas" in told:
        holds(f" {len(heaps)} heaps" in told["arenas"] and "MALLOC_ARENA_MAX" in told["arenas"], told, heaps)
    if OF_GLIBC.search(told.get("mmap churn", "")):
        malloc_mapped(seen, told["mmap churn"])
    if row.allocator != "malloc":
        equal(len(heaps), 0)
        holds(not any(map(OF_GLIBC.search, told.values())), told)


def right_at(what, row):
    """The kind that is right for what a program says of an address."""
    if what.endswith("block"):
        return "arena" if (what, row.allocator) == ("thread block", "malloc") else row.allocator
    return {"thread stack": "stack", "own mapping": "program", "own break": "program", "table": "kernel"}[what]


def places(row):
    """Each address that the program prints lies in a range with the right origin."""
    seen = run(row)
    for address, what in seen.report["places"]:
        found = seen.at(address)
        if what == "first stack":
            equal((found["kind"], found["origin"]), ("grows-down", "kernel at exec"))
        elif what.startswith("own ") and row.allocator in ("Go", "tcmalloc"):
            # They have ways into the kernel of their own, which the program uses, so that less may be known.
            holds(kind_of(found) in (None, "program"), found)
        else:
            equal((what, address, kind_of(found)), (what, address, right_at(what, row)))


def allocator(row):
    """What the allocator says it has of the system lies in ranges of that origin."""
    places(row)
    seen = run(row)
    stated = seen.report["allocator"]
    holds(0 < stated <= seen.bytes_of(row.allocator), stated, seen.bytes_of(row.allocator))


def glibc(row):
    """malloc_info(3) has the same arenas, and as many bytes of mappings and of the heap."""
    places(row)
    seen = run(row)
    equal(len(seen.arenas), seen.output.count("<heap nr=") - 1)
    mapped = re.search(r'<total type="mmap" count="\d+" size="(\d+)"/>', seen.output)[1]
    equal(sum(event["length"] for event in seen.calls if event["event"] == "mmap" and kind_of(event) == "malloc"),
          int(mapped))
    # The main arena comes first.
    main_arena = re.search(r'<system type="current" size="(\d+)"/>', seen.output)[1]
    equal(sum(event["delta"] for event in seen.calls if event["event"] == "brk" and kind_of(event) == "malloc"),
          int(main_arena))


def glibc_idle(row):
    """Under another allocator, malloc_info(3) has nothing."""
    allocator(row)
    equal(set(re.findall(r'<system type="current" size="(\d+)"/>', run(row).output)), {"0"})


def musl(row):
    """musl's loader, malloc and threads are one file, so that less may be known; nothing is wrong."""
    seen = run(row)
    for address, what in seen.report["places"]:
        # Small blocks may lie in what a library's last page leaves free.
        if what in ("large block", "own mapping"):
            right = ("program",) if what == "own mapping" else asked.OF_MUSL
            holds(kind_of(seen.at(address)) in (None, *right), what, seen.at(address))


def python(row):
    """CPython's own figure: the bytes of its arenas."""
    seen = run(row)
    count, size = map(int, re.search(r"(\d+) arenas \* (\d+) bytes/arena", seen.output).groups())
    equal(seen.bytes_of("obmalloc"), count * size)
    right = {"block": "obmalloc", "large block": "malloc", "own mapping": "library"}
    for address, what in seen.report["places"]:
        equal((what, kind_of(seen.at(address))), (what, right[what]))


def node(row):
    """V8's own figure: its heap."""
    seen = run(row)
    stated = seen.report["allocator"]
    holds(0 < stated <= seen.bytes_of("V8"), stated, seen.bytes_of("V8"))


def java(row):
    """The virtual machine's own map (NativeMemoryTracking): each range that it reserved."""
    seen = run(row)
    regions = re.findall(r"^\[(0x\w+) - (0x\w+)\] reserved .*?for (.+?)(?: from)?$", seen.output, re.M)
    holds({"Java Heap", "Thread Stack", "Code"} <= {name.strip() for _, _, name in regions}, regions)
    for start_of, end_of, name in regions:
        # The virtual machine maps the guard pages in a stack itself.
        right = ("stack", "JVM") if "Thread Stack" in name else ("JVM",)
        for one in seen.ranges:
            if int(one["start"], 16) < int(end_of, 16) and int(start_of, 16) < int(one["end"], 16):
                holds(kind_of(one) in (None, *right), name, one)
    holds(seen.bytes_of("JVM") >= 64 << 20, seen.bytes_of("JVM"))


def stacks(row):
    """Each thread has a stack, which may have been that of another one before."""
    seen = run(row)
    made = [event for event in seen.calls if event["event"] == "mmap" and kind_of(event) == "stack"]
    threads = [event for event in seen.events if event["event"] == "clone" and event["kind"] == "thread"]
    holds(0 < len(made) <= len(threads), len(made), len(threads))


def late(row):
    """--map -p: nothing is certain, and no guess is wrong where the program says what lies there."""
    target = Target(*row.argv)
    stated = json.loads(target.stdout.readline())
    equal(brkwatch("--map", "--json", "-o", "m", "-p", str(target.pid))[0], 0)
    ranges, kinds = ranges_in("m", target.pid), collections.defaultdict(set)
    equal([one for one in ranges if one["origin"]], [])
    for address, what in stated["places"]:
        # A reservation may look like an arena, and the program's part of the heap like malloc's.
        if what not in ("first stack", "own mapping", "own break"):
            kinds[range_at(ranges, address)["start"]].add(right_at(what, row))
    for one in ranges:
        right, guess = kinds[one["start"]], one["origin_guess"]
        # The kernel joins neighbours, and then nothing shows what a part of them is.
        holds(not right or not guess or {asked.kind_of(guess)} == right, one, right)
        holds("arena" not in right or guess or int(one["start"], 16) % asked.ARENA, one)
    if row.allocator != "malloc":
        equal([one for one in ranges if one["origin_guess"] == "thread arena"], [])


# What else is compared for each program.
MORE = {"C, glibc": (glibc, stacks, late), "C, jemalloc": (glibc_idle, stacks), "C, tcmalloc": (glibc_idle, stacks),
        "C, mimalloc": (glibc_idle, stacks), "C, musl": (musl,), "C, musl, static": (musl,),
        "Go, static": (allocator, late), "Rust": (places, stacks, late), "python3": (python,), "node": (node, stacks),
        "java, keytool": (java, stacks), "redis-server": (allocator, stacks)}


def tests_of(row):
    for function in (origins, verdicts, *MORE[row.name]):
        def one(function=function):
            function(row)
        one.__doc__ = f"{row.name}: {function.__name__.replace('_', ' ')}"
        test(one)


if not os.path.isdir(COMPILED):
    print("TAP version 13\n1..0 # SKIP the root bookworm-programs has the programs")
    sys.exit(4)
for each in rows():
    tests_of(each)
main()
