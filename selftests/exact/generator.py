#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Random sequences of calls: the ledger equals the kernel's own account, and nothing is missing.

BRKWATCH_SEQUENCES is the number of sequences (1000), BRKWATCH_SEED the first seed (1).
"""

import json
import os
import signal
import subprocess
import tempfile
import time

from checked import SEQUENCES, check, demand_equal, main, tests
from harness import brkwatch, equal, events, holds, test
from traced import CALLS, compare, strace

TOTAL = int(os.environ.get("BRKWATCH_SEQUENCES", "1000"))
SEED = int(os.environ.get("BRKWATCH_SEED", "1"))
# Each process runs so many, because no sequence may disturb the next one.
EACH = 100

# name, threads, share of all sequences in percent, children, options
ROWS = (
    ("1 thread", 1, 25, 0, ()),
    ("1 thread and children", 1, 20, 64, ("-f",)),
    ("2 threads", 2, 10, 0, ()),
    ("2 threads and children", 2, 10, 64, ("-f",)),
    ("3 threads", 3, 5, 0, ()),
    ("4 threads and children", 4, 10, 64, ("-f",)),
    ("5 threads", 5, 5, 0, ()),
    ("6 threads and children", 6, 5, 64, ("-f",)),
    ("7 threads", 7, 5, 0, ()),
    ("8 threads and children", 8, 5, 64, ("-f",)),
)


def arguments(seed, sequences, threads, children, *more):
    return [SEQUENCES, "--seed", str(seed), "--sequences", str(sequences), "--threads", str(threads),
            "--children", str(children), *more]


def steps(counts):
    """Returns the number of events of calls and of children that these counts cause."""
    return (sum(counts[call]["made"] for call in CALLS) +
            2 * (counts["copies"] + counts["shared"]))


def made(said):
    """Returns the number of events of a run: a child causes a clone and an exit, a thread a clone."""
    return steps(said["calls"]) + steps(said["children"]) + said["started"]


def baseline(threads, options):
    """Returns the number of events of the loader and of the program itself."""
    checked = check(*arguments(0, 0, threads, 0), options=options)
    demand_equal(checked)
    return checked.events - made(json.loads(checked.stdout))


def runs(sequences):
    """Divides the sequences among processes."""
    return [min(EACH, sequences - done) for done in range(0, sequences, EACH)]


def equal_ledger(row):
    _, threads, share, children, options = row
    seed = SEED + 1000000 * ROWS.index(row)
    own = baseline(threads, options)
    calls = failed = processes = uncertain = told = snapshots = 0
    for number in runs(max(TOTAL * share // 100, 1)):
        checked = check(*arguments(seed, number, threads, children), options=("--strict", *options))
        print(f"# seed {seed}, {number} sequences: {checked.events} events", flush=True)
        demand_equal(checked)
        said = json.loads(checked.stdout)
        equal(checked.events + checked.lost, own + made(said))
        for counts in (said["calls"], said["children"]):
            calls += sum(counts[call]["made"] for call in CALLS)
            failed += sum(counts[call]["failed"] for call in CALLS)
        processes += len(checked.processes)
        uncertain += checked.uncertain
        told += checked.events
        snapshots += checked.snapshots
        seed += number
    print(f"# {calls} calls, {failed} failed; {processes} processes compared, {uncertain} uncertain; "
          f"{told} events, {snapshots} snapshots")


tests(ROWS, equal_ledger)


@test
def exec_in_children():
    """children run programs"""
    checked = check(*arguments(SEED, min(TOTAL // 10, EACH), 2, 24, "--exec"), options=("-f",))
    holds(any(process.comm == "true" for process in checked.processes), checked.said)
    demand_equal(checked)


@test
def exec_among_signals():
    """children run programs while signals come to the reader all the time"""
    def signals(tool):
        while tool.poll() is None:
            tool.send_signal(signal.SIGCHLD)
            time.sleep(0.005)

    demand_equal(check(*arguments(SEED, min(TOTAL // 20, EACH), 2, 24, "--exec"), options=("-f",),
                       meanwhile=signals))


@test
def shared_addresses():
    """the ledger of threads that share fixed addresses is equal, or reported as uncertain"""
    for threads in (2, 4, 8):
        seed = SEED + 20000000 * threads
        checked = check(*arguments(seed, max(TOTAL // 50, 1), threads, 64, "--fixed-shared"), options=("-f",))
        print(f"# seed {seed}, {threads} threads: {len(checked.processes)} processes, {checked.differences} "
              f"differences, {checked.uncertain} uncertain", flush=True)
        equal(checked.lost, 0)
        silent = [process for process in checked.processes
                  if process.differences and not process.uncertain]
        equal(silent, [])


@test
def like_strace():
    """the stream of 100 sequences of 1 thread equals strace's"""
    with tempfile.TemporaryDirectory() as folder:
        traced = strace(folder, ["brkwatch", "--json", "-o", f"{folder}/j", "--",
                                 *arguments(SEED, 100, 1, 64)])
        calls, wrong = compare(f"{folder}/j", traced)
        print(f"# seed {SEED}: {calls} calls")
        holds(not wrong, *wrong)
        holds(calls > 5000, calls)


@test
def kinds_as_made():
    """each kind of call is delivered as often as the program made it, and as often as it failed"""
    def count(*argv):
        done = subprocess.run(["brkwatch", "-f", "--json", "-o", "j", "--", *argv], check=True,
                              stdout=subprocess.PIPE)
        found = {call: [0, 0] for call in CALLS}
        for event in events("j"):
            if event["event"] in CALLS:
                found[event["event"]][0] += 1
                found[event["event"]][1] += bool(event["error"]) or event.get("kind") == "refused"
        return json.loads(done.stdout), found

    _, before = count(*arguments(SEED, 0, 4, 64))
    said, found = count(*arguments(SEED, 50, 4, 64))
    for call in CALLS:
        for number, what in enumerate(("made", "failed")):
            equal((call, what, found[call][number] - before[call][number]),
                  (call, what, said["calls"][call][what] + said["children"][call][what]))


@test
def lossy():
    """with a ring that is too small, all events are delivered or lost, and the ledger is equal"""
    own = baseline(4, ("-f",))
    checked = check(*arguments(SEED, 50, 4, 64), options=("-f", "--buffer", "4K"))
    print("#", checked.said.splitlines()[-1])
    holds(checked.ring > 0)
    equal((checked.lost, checked.events + checked.ring), (checked.ring, own + made(json.loads(checked.stdout))))
    wrong = [line for line in checked.said.splitlines()[:-1] if " 0 differences" not in line]
    equal((wrong[:5], checked.status), ([], 0))


@test
def strict():
    """--strict fails on any loss"""
    status, _, _ = brkwatch("--check", "--strict", "-f", "--buffer", "4K", "-o", "strict", "--",
                            *arguments(SEED, 20, 4, 64))
    holds(status, "it passed")


main(max(600, TOTAL // 8))
