#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""-c -k: who still holds memory, compared with what the program does and with the kernel's VmSize."""

import json
import re
import signal
import time

from harness import HERE, Target, Watcher, brkwatch, changes_of, contents, equal, events, holds, main, refuses, test

PROGRAM = f"{HERE}/holders"
MIB = 1 << 20
WORDS = ("pairs", "holes", "grow", "replace", "up", "down", "child")
# What each function of holders.c holds after these words, the most that it held, and what it got, in MiB.
FIGURES = {"good": (0, 1, 40), "leaky": (37.5, 40, 40), "grows": (2, 2, 2), "replaces": (0.5, 0.5, 0.5),
           "heap_up": (1, 3, 3)}


def functions(site):
    return [frame["function"] for frame in site["stack"] or []]


def figures(sites):
    """The sum of each function's sites: (held, most, got) in MiB."""
    found = {}
    for site in sites:
        for name in set(functions(site)) & {*FIGURES, "of_child"}:
            sums = found.get(name, (0, 0, 0))
            found[name] = tuple(old + site[key] / MIB
                                for old, key in zip(sums, ("held_bytes", "peak_bytes", "bytes")))
    return found


def held(sites):
    return sum(site["held_bytes"] for site in sites)


def blocks(text, head):
    """The sites below a heading: (line, functions)."""
    part = text.split(f"\n{head}", 1)[1].split("\n\n")[0].split("\n", 1)[1]
    return [(block[0], re.findall(r"\((\w+)\+0x", block[1]))
            for block in re.findall(r"^(\S.*)\n((?: > .*\n?)*)", part, re.M)]


@test
def leak():
    """a site that leaks 40 MiB beside one that maps and unmaps 40 MiB stands first, alone"""
    equal(brkwatch("-c", "-k", "-o", "t", PROGRAM, "pairs")[0], 0)
    first, *others = blocks(contents("t"), "who holds ")
    holds(re.fullmatch(r"40 MiB held \(\d+\.\d %\), got 40 MiB in 40 calls, at most 40 MiB, oldest \d+\.\d{6} s",
                       first[0]) and "leaky" in first[1], contents("t"))
    # What else is held is the loader's and the C library's.
    holds(all("main" not in names for _, names in others), *others)
    idle, = [line for line, names in blocks(contents("t"), "who asked for ") if "good" in names]
    holds(re.fullmatch(r"40 MiB \(\d\d\.\d %\) in 40 calls, at most 1024 KiB", idle), idle)


@test
def calls():
    """parts, growth, moves, replacement, heap and a child: each site holds what the program left of it"""
    equal(brkwatch("-c", "-k", "--json", "-f", "-w", "c", "-o", "j", PROGRAM, *WORDS)[0], 0)
    parent, child = events("j")[-1]["processes"]
    equal(figures(parent["sites"]), FIGURES)
    # What it has a copy of is not its own.
    equal(figures(child["sites"]), {"of_child": (5, 5, 5)})
    for process in (parent, child):
        heap = process["heap"]["grown_bytes"] - process["heap"]["shrunk_bytes"]
        equal(held(process["sites"]), process["anonymous"]["still_mapped_bytes"] + heap)
    equal(brkwatch("-c", "-k", "--json", "-o", "again", "--read", "c")[0], 0)
    equal(contents("again"), contents("j"))


@test
def flame_graphs():
    """--stacks=folded, folded-held and folded-peak: the figures of -c -k of all processes"""
    equal(brkwatch("-c", "-k", "--json", "-f", "-w", "c", "-o", "j", PROGRAM, *WORDS)[0], 0)
    sites = [site for process in events("j")[-1]["processes"] for site in process["sites"]]
    wanted = figures(sites)
    for number, form in enumerate(("folded-held", "folded-peak", "folded")):
        equal(brkwatch("--read", "c", f"--stacks={form}", "-o", "f")[0], 0)
        lines = [line.rsplit(" ", 1) for line in contents("f").splitlines()]
        equal([int(size) for _, size in lines], sorted((int(size) for _, size in lines), reverse=True))
        for name, mib in wanted.items():
            equal((form, name, sum(int(size) for stack, size in lines if f";{name}" in stack) / MIB),
                  (form, name, mib[number]))
    equal(sum(int(size) for _, size in lines), sum(site["bytes"] for site in sites))


@test
def exec_clears():
    """after an exec a site holds nothing of what it got before"""
    equal(brkwatch("-c", "-k", "--json", "-o", "j", PROGRAM, "pairs", "again")[0], 0)
    process, = events("j")[-1]["processes"]
    equal({name: (now, got) for name, (now, _, got) in figures(process["sites"]).items()},
          {"good": (0, 80), "leaky": (40, 80)})


def reports(watcher):
    """The sites that the tool reports at a signal, and when."""
    watcher.send_signal(signal.SIGUSR1)
    report = json.loads(watcher.line())
    process, = report["processes"]
    return process["sites"], report["time_ns"]


@test
def at_a_signal():
    """SIGUSR1: what is held at that moment, as much as VmSize grew; ages; --min-age; the same from a capture"""
    target = Target(PROGRAM)
    size = int(target.stdout.readline())
    options = ("-c", "-k", "--json")
    watcher = Watcher(*options, "-w", "c", "-p", target.pid)
    aged = Watcher(*options, "--min-age", "0.000001", "-p", target.pid)
    long = Watcher(*options, "--min-age", "100000", "-p", target.pid)
    lines, began = [], time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    for number, word in enumerate(WORDS[:-1]):
        grown = target.do(word) - size
        done = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        sites, now = reports(watcher)
        equal((word, held(sites)), (word, grown))
        if number == 0:
            equal(figures(sites), {"good": (0, 1, 40), "leaky": (40, 40, 40)})
            leaky, = [site for site in sites if "leaky" in functions(site)]
            equal(sites[0], leaky)
            holds(now - done <= leaky["age_ns"] <= now - began, began, done, now, leaky)
        lines.append((word, sites, now))
    equal(figures(sites), FIGURES)
    equal(figures(reports(aged)[0]), FIGURES)
    old = reports(long)[0]
    equal({site["held_bytes"] for site in old}, {0})
    equal({site["age_ns"] for site in old}, {None})
    equal(sum(site["bytes"] for site in old), sum(site["bytes"] for site in sites))
    target.end()
    for other in (watcher, aged, long):
        status, said = other.end()
        equal((status, len(said)), (0, 1))
    # The capture says when the signals came.
    equal(brkwatch("--read", "c", *options, "-o", "j")[0], 0)
    found = events("j")
    equal([(report["processes"][0]["sites"], report["time_ns"]) for report in found[:-1]],
          [(sites, now) for _, sites, now in lines])
    equal(figures(found[-1]["processes"][0]["sites"]), FIGURES)


@test
def intervals():
    """--interval: each report has the sites"""
    target = Target(PROGRAM)
    target.stdout.readline()
    watcher = Watcher("-c", "-k", "--json", "--interval", "0.05", "-p", target.pid)
    target.do("pairs")
    while figures(json.loads(watcher.line())["processes"][0]["sites"]).get("leaky") != (40, 40, 40):
        pass
    target.end()
    equal(watcher.end()[0], 0)


def of_page(name):
    """What each site holds after the last event, its age, what it got and in how many calls, by the page's data."""
    run = json.loads(contents(name).split('id="run">')[1].split("</script>")[0])
    boxes, sites = [], [[0, None, 0, 0] for _ in run["sites"]]
    for step in run["steps"]:
        for at, gone, *fresh in changes_of(step):
            boxes[at:at + gone] = zip(*[iter(fresh)] * 5)
        if len(step) > 12:
            site, size = step[12]
            sites[site - 1][2] += size
            sites[site - 1][3] += 1
    for start, end, _, look, since in boxes:
        if look >> 6:
            site = sites[(look >> 6) - 1]
            site[0] += end - start
            site[1] = max(site[1] or 0, run["steps"][-1][0] - since)
    return sorted(zip(sites, (re.findall(r"\(([^()+]+)\+0x", text) for text in run["sites"])), key=str)


@test
def page():
    """--html -k: each site of the page holds, has held, got and called as -c -k has it"""
    equal(brkwatch("--html", "page", "-k", "-w", "c", "-o", "t", PROGRAM, *WORDS[:-1])[0], 0)
    equal(brkwatch("--read", "c", "-c", "-k", "--json", "-o", "j")[0], 0)
    process, = events("j")[-1]["processes"]
    equal(figures(process["sites"]), FIGURES)
    wanted = [([site[key] for key in ("held_bytes", "age_ns", "bytes", "calls")],
               [name for name in functions(site) if name]) for site in process["sites"]]
    equal(of_page("page"), sorted(wanted, key=str))
    equal(brkwatch("--read", "c", "--html", "again", "-k", "-o", "t")[0], 0)
    holds(contents("again") == contents("page"), "a replay writes another page")
    equal(brkwatch("--read", "c", "--html", "plain", "-o", "t")[0], 0)
    equal(of_page("plain"), [])


@test
def wrong_options():
    """--min-age and --stacks report what is wrong with them in one sentence"""
    about = "--min-age is about what callers hold; give -c -k, or leave it out"
    for args, said in (
            (("-c", "--min-age", "1"), about), (("-k", "--min-age", "1"), about),
            (("--stacks=folded-peak", "--min-age", "1"), about),
            (("-c", "-k", "--min-age", "x"), "--min-age: 'x' is not a number of seconds; try --min-age 60"),
            (("-c", "-k", "--min-age", "1", "--normalize"),
             "--min-age and --normalize do not go together; leave one of them out"),
            (("--stacks=folded-held", "--failed"), "--stacks needs every event; leave --failed out")):
        refuses(said, *args, "true")
    equal(brkwatch("-k", "--failed", "-w", "c", "-o", "t", "true")[0], 0)
    refuses("'c' lacks events that a filter withheld; try --stacks=folded", "--read", "c", "--stacks=folded-held")


main()
