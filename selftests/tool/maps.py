#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""--map: every mapping with its name, and no less than the kernel says of it."""

import os
import re

from harness import CALLS as PROGRAM
from harness import Target, brkwatch, contents, equal, holds, main, objects, test
from schema import LOST, fits, refuses_all_else, spoiled


def areas_of(pid):
    """(start, end, prot, name) of each mapping; the name is None if it is private and has no file."""
    for line in contents(f"/proc/{pid}/maps").splitlines():
        where, prot, _, _, inode, *name = line.split(None, 5)
        start, end = (int(part, 16) for part in where.split("-"))
        anonymous = prot[3] == "p" and inode == "0" and name in ([], ["[heap]"])
        yield start, end, prot, None if anonymous else name[0]


def in_memory(pid):
    """(start, (resident, dirty)) of each mapping, in bytes."""
    for part in re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", contents(f"/proc/{pid}/smaps"), flags=re.M)[1:]:
        found = {name: int(size) << 10 for name, size in re.findall(r"^(\w+): +(\d+) kB$", part, re.M)}
        yield int(part.split("-")[0], 16), (found["Rss"], found["Shared_Dirty"] + found["Private_Dirty"])


def has_what_pmap_has(text, areas, pages):
    """A row has the mode and the sizes in memory that smaps has, and the sum has all of them."""
    for first, end, prot, name in areas:
        if not (name or "/").startswith("/"):
            continue
        mode, last = prot.replace("p", " "), re.escape(f" {name}") if name else ""
        row = re.search(rf"^ *{first:#x}-{end:#x} +{mode} .*{last}$", text, re.M)
        # Private memory may share its row with other private memory.
        holds(row or not name, hex(first), text)
        if row:
            sizes = [int(size) << 10 for size in re.findall(r" (\d+) (?:KiB|bytes)", row[0])]
            equal((hex(first), *sizes), (hex(first), end - first, *pages[hex(first)]))
    for origin in ("heap", "unknown"):
        holds(re.search(rf" \d+ (?:KiB|bytes)  {origin}\??$", text, re.M), origin, text)
    found = re.search(r"^in memory:  (\d+) pages \(.*\) of all mappings, dirty (\d+) pages \(", text, re.M)
    holds(found, text)
    page = os.sysconf("SC_PAGESIZE")
    equal([int(found[1]) * page, int(found[2]) * page], list(map(sum, zip(*pages.values()))))


def has_what_smaps_has(ranges, areas, pages):
    """Each range that is a mapping, private ones too, has what smaps has of it in memory."""
    ends = {hex(first): hex(end) for first, end, _, _ in areas}
    # Private memory may lie beside other private memory, of which the kernel counts all together.
    whole = [one for one in ranges if one["end"] == ends.get(one["start"])]
    for one in whole:
        equal((one["start"], one["resident"], one["dirty"]), (one["start"], *pages[one["start"]]))
    private = [one for one in whole if one["kind"] == "private"]
    heap = [one for one in private if "heap" in (one["origin"], one["origin_guess"])]
    holds(len(heap) == 1 and any(one["dirty"] for one in private if one not in heap), *private)
    holds({"file", "private", "grows-down"} <= {one["kind"] for one in whole}, *whole)


@test
def json_map():
    """--map --json -p: every mapping of /proc/PID/maps with its name, and their sums"""
    target = Target()
    target.do("20")
    target.stop()
    equal(brkwatch("--map", "--json", "-w", "c", "-o", "j", "-p", str(target.pid))[:2], (0, ""))
    start, shown, lost = objects("j")
    equal((start["event"], shown["event"], lost), ("start", "map", LOST))
    equal((shown["pid"], shown["comm"], shown["exact"]), (target.pid, "calls", True))
    refuses_all_else(shown)
    admitted = [wrong for wrong in spoiled(shown["ranges"][0]) if fits({**shown, "ranges": [wrong]})]
    holds(not admitted, *admitted)
    ranges = [(int(one["start"], 16), int(one["end"], 16), one) for one in shown["ranges"]]
    areas = list(areas_of(target.pid))
    for first, end, prot, name in areas:
        for low, high, one in ranges:
            if low < end and first < high:
                equal((hex(first), one["prot"], one["path"]), (hex(first), prot[:3], name))
    equal(sum(high - low for low, high, _ in ranges), sum(end - first for first, end, _, _ in areas))
    equal([one["bytes"] for _, _, one in ranges], [high - low for low, high, _ in ranges])
    pages = {hex(first): sizes for first, sizes in in_memory(target.pid)}
    counted = [one for _, _, one in ranges if one["resident"] is not None]
    for one in counted:
        if one["kind"] == "file" and one["start"] in pages:
            equal((one["start"], one["resident"], one["dirty"]), (one["start"], *pages[one["start"]]))
    holds(len(counted) > len(areas) // 2, *counted)
    has_what_smaps_has(shown["ranges"], areas, pages)
    private = [one for _, _, one in ranges if one["kind"] == "private"]
    totals = shown["totals"]
    equal((totals["reserved"]["now"], totals["committed"]["now"], totals["apart"]),
          (sum(one["bytes"] for one in private), sum(one["committed"] for _, _, one in ranges), 0))
    holds(all(None in (one["origin"], one["origin_guess"]) for one in private), *private)
    status, text, _ = brkwatch("--map", "-p", str(target.pid))
    equal(status, 0)
    holds(all(f"  {name}\n" in text for _, _, _, name in areas if name), text)
    has_what_pmap_has(text, areas, pages)
    # A replay needs no process.
    target.go_on()
    target.end()
    equal(brkwatch("--read", "c", "--map", "--json", "-o", "k"), (0, "", ""))
    equal(contents("k"), contents("j"))


@test
def json_map_at_exit():
    """--map --json CMD: a map at the exit, without names; text lists files only with --all"""
    equal(brkwatch("--map", "--json", "-o", "j", PROGRAM, "3"), (0, "", ""))
    _, shown, lost = objects("j")
    equal((shown["event"], lost), ("map", LOST))
    holds(fits(shown), shown)
    equal({one["path"] for one in shown["ranges"]}, {None})
    holds({"private", "file", "special", "grows-down"} <= {one["kind"] for one in shown["ranges"]}, shown)
    for options, wanted in (((), False), (("--all",), True)):
        equal(brkwatch("--map", *options, "-o", "t", PROGRAM, "3"), (0, "", ""))
        equal((options, "\nthe rest: " in contents("t")), (options, wanted))
    equal(brkwatch("--map", "--json", "--normalize", "-o", "j", PROGRAM, "3"), (0, "", ""))
    shown = objects("j")[1]
    equal({shown["pid"], *(one[key] for one in shown["ranges"] for key in ("start", "end"))}, {None})


main()
