#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Many processes, many sessions, many numbers: none is mistaken for another, and nothing is missing."""

import contextlib
import glob
import os
import re
import signal
import subprocess

from access import USER, as_user, reload
from checked import HERE, LOSS, SEQUENCES, main, tests
from harness import Program, Target, Watcher, brkwatch, contents, equal, events, holds, test

CHILDREN, MIGRATE = f"{HERE}/children", f"{HERE}/migrate"
CPU1 = "/sys/devices/system/cpu/cpu1/online"
NO_LOSS = {"event": "lost", "ring": 0, "probe": 0, "watch": 0, "socket": 0}


def write(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))


def of(path, pid):
    return [event for event in events(path) if event.get("pid") == pid]


def losses(lines):
    """Returns the numbers of events and of lost events in a last line."""
    return tuple(map(int, LOSS.match(lines[-1]).groups()[:2]))


def blocks(text):
    """Parses a summary: {pid: {call: (calls, failures)}}."""
    found, calls = {}, {}
    for line in text.splitlines():
        title = re.match(r"pid (\d+) \(", line)
        if title:
            calls = found[int(title[1])] = {}
        row = re.match(r"([a-z_]+) +(\d+) +(\d+) ", line)
        if row:
            calls[row[1]] = (int(row[2]), int(row[3]))
    return found


@test
def number_used_again():
    """a process number that is used again is not taken for the old process"""
    # Small numbers are used again soon, but the kernel uses none below 300 a second time.
    write("/proc/sys/kernel/ns_last_pid", 300)
    keeper, target = Target("cat"), Target("cat")
    watcher = Watcher("--json", "-o", "j", "-p", keeper.pid, "-p", target.pid, watched=2)
    before = contents("/proc/sys/kernel/pid_max")
    # The lowest maximum that the kernel accepts, so that it uses numbers again soon.
    write("/proc/sys/kernel/pid_max", target.pid + 50)
    target.end()
    try:
        for _ in range(2000):
            pid = os.fork()
            if not pid:
                if os.getpid() == target.pid:
                    os.execvp("find", ["find", "/usr/include", "-name", "nothing"])
                os._exit(0)
            os.waitpid(pid, 0)
            if pid == target.pid:
                break
        equal(pid, target.pid)
    finally:
        write("/proc/sys/kernel/pid_max", before)
    keeper.end()
    equal(watcher.end()[0], 0)
    equal([event["event"] for event in of("j", target.pid)][-1:], ["exit"])
    equal([event for event in of("j", target.pid) if event["comm"] != "cat"], [])


@test
def children():
    """2,000 followed children, one after the other, each have their own calls"""
    watched = Target(CHILDREN, "2000")
    watcher = Watcher("-f", "--json", "-o", "j", "-p", watched.pid)
    watched.tell("go")
    watched.end()
    equal(watcher.end()[0], 0)
    found = {}
    for event in events("j"):
        found.setdefault(event.get("pid"), []).append(event["event"])
    holds(found.pop(None) == ["lost"])
    equal(found.pop(watched.pid).count("clone"), 2000)
    equal(len(found), 2000)
    equal({tuple(kinds) for kinds in found.values()}, {("brk", "brk", "exit")})
    equal(events("j")[-1], NO_LOSS)


@test
def children_counted():
    """the kernel's counts of 2,000 followed children are exact in a summary"""
    watched = Target(CHILDREN, "2000")
    watcher = Watcher("-f", "-c", "--per-process", "-o", "c", "-p", watched.pid)
    watched.tell("go")
    watched.end()
    equal(watcher.end()[0], 0)
    found = blocks(contents("c"))
    mother = found.pop(watched.pid)
    equal((len(found), {calls["brk"] for calls in found.values()}), (2000, {(2, 0)}))
    calls = 2 * 2000 + sum(made for name, (made, _) in mother.items() if name not in ("anonymous", "file"))
    total = re.search(r" (\d+) +\d+  2001 processes$", contents("c"), re.M)
    holds(total, contents("c")[:3000])
    equal(int(total[1]), calls)
    equal(losses(contents("c").splitlines())[1], 0)


@test
def watches():
    """one session holds 1,000 watches at the same time"""
    family = Target(CHILDREN, "1000", "held")
    pids = [int(family.stdout.readline()) for _ in range(1000)]
    watcher = Watcher("-c", "--per-process", "-o", "c", "-p", ",".join(map(str, pids)), watched=1000)
    equal(family.end(), 0)
    equal(watcher.end()[0], 0)
    found = blocks(contents("c"))
    equal((sorted(found), {calls["brk"] for calls in found.values()}), (sorted(pids), {(2, 0)}))
    equal(losses(contents("c").splitlines())[1], 0)


@test
def sessions():
    """64 sessions at once see the same, and the module refuses the next one"""
    target = Target(MIGRATE, "100")
    watchers = [Watcher("--json", "-o", f"j{i}", "--buffer", "32K", "-p", target.pid) for i in range(64)]
    status, _, said = brkwatch("-p", str(target.pid))
    equal(status, 1)
    holds("you have as many sessions open as sessions_max allows" in said, said)
    target.tell("go")
    equal(target.stdout.readline(), b"done\n")
    target.end()
    equal({watcher.end()[0] for watcher in watchers}, {0})
    lengths = [[event["length"] for event in events(f"j{i}") if event["event"] == "munmap"]
               for i in range(64)]
    equal({tuple(length) for length in lengths}, {tuple(range(1, 101))})


@contextlib.contextmanager
def second_cpu():
    """Switches CPU 1 on when the probes are in, and off before they are removed: see testing.rst."""
    write(CPU1, 1)
    try:
        yield
    finally:
        write(CPU1, 0)


@test
def order():
    """the events of a thread keep its order, whatever CPU it runs on"""
    holds(os.path.exists(CPU1), "this test wants two CPUs: run --smp 2")
    calls, pins = 100000, 1000
    target = Target(MIGRATE, str(calls), str(pins))
    watcher = Watcher("--json", "-o", "j", "--buffer", "32M", "-p", target.pid)
    with second_cpu():
        target.tell("go")
        equal(target.stdout.readline(), b"done\n")
    target.end()
    equal(watcher.end()[0], 0)
    seen = [(event["length"], event["time_ns"]) for event in events("j") if event["event"] == "munmap"]
    equal(len(seen), calls)
    wrong = [pair for pair in zip(seen, seen[1:]) if pair[0][0] + 1 != pair[1][0] or pair[0][1] > pair[1][1]]
    equal((wrong[:3], events("j")[-1]), ([], NO_LOSS))


@test
def stopped_reader():
    """a stopped reader does not stop its target, and the module counts what is lost"""
    calls = 100000
    target = Target(MIGRATE, str(calls))
    watcher = Watcher("--json", "-o", "j", "-p", target.pid)
    watcher.stop()
    target.tell("go")
    equal(target.stdout.readline(), b"done\n")
    watcher.go_on()
    target.end()
    equal(watcher.end()[0], 0)
    *received, lost = events("j")
    holds(lost["ring"] > 0, lost)
    equal({**lost, "ring": 0}, NO_LOSS)
    # The additional event is the exit.
    equal(len(received) + lost["ring"], calls + 1)


@test
def system():
    """-a sees processes that ran before, and new ones"""
    before = Target(MIGRATE, "50")
    watcher = Watcher("-a", "--json", "-o", "j", "--event", "munmap,exit")
    holds("those to come" in watcher.said[0], watcher.said)
    after = Target(MIGRATE, "60")
    for target in (before, after):
        target.tell("go")
        equal(target.stdout.readline(), b"done\n")
        target.end()
    watcher.send_signal(signal.SIGINT)
    equal(watcher.end()[0], 0)
    for target, calls in ((before, 50), (after, 60)):
        lengths = [event["length"] for event in of("j", target.pid)
                   if event["event"] == "munmap" and event["addr"] == hex(1 << 40)]
        equal(lengths, list(range(1, calls + 1)))
        equal(of("j", target.pid)[-1]["event"], "exit")


LIFE = ("clone", "exec", "exit", "fault", "leave")
SIZED = ("mmap", "munmap", "mprotect", "pkey_mprotect", "madvise")

# name, options, whether the tool must show an event of the run (None: it may)
FILTERS = (
    ("--event brk,mremap", ("--event", "brk,mremap"), lambda e: e["event"] in ("brk", "mremap")),
    ("--event clone,exit", ("--event", "clone,exit"), lambda e: e["event"] in ("clone", "exit")),
    ("--min-size 64K", ("--min-size", "64K"),
     lambda e: e["event"] in LIFE or (e["length"] >= 65536 if e["event"] in SIZED else None)),
    ("--failed", ("--failed",),
     lambda e: e["event"] in LIFE or bool(e["error"]) or e.get("kind") == "refused"),
    ("--comm 'seq*'", ("--comm", "seq*"), lambda e: e["comm"].startswith("seq")),
    ("--uid", ("--uid", str(USER)), lambda e: e["comm"] == "sequences" or (None if e["comm"] == "setpriv" else False)),
    ("--cgroup", ("--cgroup", "/filter"),
     lambda e: e["comm"] in ("sequences", "setpriv") or (None if e["comm"] == "sh" else False)),
    ("--event mmap --failed", ("--event", "mmap", "--failed"), lambda e: e["event"] == "mmap" and bool(e["error"])),
)


def filtered(row):
    """Compares two sessions of one run: the filter must remove the right events."""
    _, options, shown = row
    os.makedirs("/sys/fs/cgroup/filter", exist_ok=True)
    target = Target("sh", "-c", 'read go; ls /proc >/dev/null; echo $$ >/sys/fs/cgroup/filter/cgroup.procs; exec "$@"',
                    "sh", *as_user(USER), SEQUENCES, "--sequences", "10", "--children", "100")
    watcher = Watcher("--json", "-o", "all", "-p", target.pid)
    second = Watcher("--json", "-o", "some", *options, "-p", target.pid)
    target.tell("go")
    target.end()
    equal((watcher.end()[0], second.end()[0]), (0, 0))
    # Snapshots are no part of the run.
    every, some = ([event for event in events(path) if event["event"] != "snapshot"] for path in ("all", "some"))
    equal((every.pop(), some.pop()), (NO_LOSS, NO_LOSS))
    keys = [(event["time_ns"], event["tid"]) for event in some]
    must = [event for event in every if shown(event)]
    missing = [event for event in must if (event["time_ns"], event["tid"]) not in set(keys)]
    surplus = [event for event in some if shown(event) is False]
    print(f"# of {len(every)} events {len(some)}")
    equal((missing[:3], surplus[:3]), ([], []))
    holds(must, "the run has nothing to show")
    holds(len(some) < len(every), "nothing was left out")


tests(FILTERS, filtered)


@test
def container():
    """a reader in a container watches processes of the container, by their numbers there"""
    reload(unprivileged=1)
    os.chmod(".", 0o777)
    outside = Target("cat")
    inside = [*as_user(USER), "unshare", "-Urpnf", "--mount-proc", "sh", "-c"]
    done = subprocess.run([*inside, f"""
        brkwatch -f --json -o j -- sh -c '/bin/true; :' &&
        brkwatch --check -f -o c -- sh -c '/bin/true; :' &&
        ! brkwatch -p {outside.pid} 2>no && ! brkwatch -a 2>all"""],
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    equal((done.returncode, done.stderr), (0, ""))
    pids = {event["pid"] for event in events("j") if "pid" in event}
    holds(len(pids) == 2 and max(pids) < 20, pids)
    equal(re.findall(r"\d+ differences", contents("c")), ["0 differences"] * 2)
    holds("no process" in contents("no"), contents("no"))
    holds("needs CAP_PERFMON or CAP_SYS_ADMIN" in contents("all"), contents("all"))
    reload()


@test
def container_not_let_in():
    """without unprivileged=1 the root of a container may not watch"""
    reload()
    done = subprocess.run([*as_user(USER), "unshare", "-Urpnf", "--mount-proc", "brkwatch", "-p", "1"],
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    equal(done.returncode, 1)
    holds("watching needs" in done.stderr, done.stderr)


for cpu in glob.glob("/sys/devices/system/cpu/cpu[1-9]*/online"):
    write(cpu, 0)
main(200, keep=False)
