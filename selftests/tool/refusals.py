#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Why the kernel refused a call: the tool reports what the program measured, at each limit and one beyond it."""

import json
import re

from harness import brkwatch, contents, document, equal, events, holds, main, setting, sized, test
from refused import PROGRAM, exceeds, measured, told
from schema import SCHEMA, fits

# Memory that others were promised meanwhile.
SLACK = 64 << 20

EXACT = ["as", "as-brk", "data", "data-brk", "data-static", "data-fixed", "data-mprotect", "data-mremap", "memlock",
         "memlock-future", "locked", "occupied", "occupied-mremap", "out-of-reach", "several", "unknown"]


def exact(limit):
    def exceed():
        holds(exceeds(limit), limit)
    exceed.__doc__ = f"{limit}: a call that meets the limit succeeds, and one beyond it has the program's figures"
    return exceed


for limit_of in EXACT:
    test(exact(limit_of))


@test
def max_map_count():
    """vm.max_map_count: mprotect, mmap and munmap at the limit, with the number of mappings"""
    with setting("vm", max_map_count=400):
        calls = [reason["call"] for reason in exceeds("max-map-count")]
        equal(calls, ["mprotect", "mmap", "munmap"])
        measured("-o", "t", PROGRAM, "max-map-count")
    lines = re.findall(r"^.* (\w+)\(.* failed, ENOMEM: (\d+) mappings \(vm\.max_map_count\)", contents("t"), re.M)
    equal(lines, [("mprotect", "400"), ("mmap", "401"), ("munmap", "401")])


@test
def overcommit_guess():
    """vm.overcommit_memory=0: all memory and swap at once is granted, a page more is not"""
    with setting("vm", overcommit_memory=0):
        exceeds("overcommit-guess")


@test
def overcommit_never():
    """vm.overcommit_memory=2: the commit limit less a reserve, and what all processes were promised"""
    reserve = int(contents("/proc/sys/vm/user_reserve_kbytes")) << 10
    with setting("vm", overcommit_ratio=100, overcommit_memory=2):
        (wanted,) = measured("--json", "-o", "j", PROGRAM, "overcommit-never")
    (reason,) = told()
    equal((reason["call"], reason["what"], reason.get("guess")), ("mmap", "overcommit", None))
    holds(0 < wanted["limit"] - reason["limit"] <= reserve + 4096, reason, wanted)
    holds(abs(reason["would_be"] - wanted["would_be"]) < SLACK, reason, wanted)


@test
def sentences():
    """text: the limit and what the call would have made, before what was asked for"""
    (own,) = measured("-o", "t", PROGRAM, "data-brk")
    limits = f"RLIMIT_DATA is {sized(own['limit'])}, this would make {sized(own['would_be'])}"
    holds(f" refused: {limits}; asked +5 pages (20 KiB), kept: heap " in contents("t"), own, contents("t"))
    own = measured("-o", "t", PROGRAM, "memlock-future")[0]
    limits = (f"RLIMIT_MEMLOCK with mlockall(MCL_FUTURE) is {sized(own['limit'])}, "
              f"this would make {sized(own['would_be'])}")
    holds(f"failed, EAGAIN: {limits}\n" in contents("t"), own, contents("t"))
    measured("-o", "t", PROGRAM, "occupied")
    holds(" refused: a mapping begins 16 KiB above the break (the program); asked +4 pages (16 KiB), kept: "
          in contents("t"), contents("t"))
    holds("failed, EEXIST: a mapping is in the way (the program)\n" in contents("t"), contents("t"))


@test
def capture():
    """--read has the same text and JSON as the run that wrote the file"""
    for options in (("--json",), ()):
        # The replay knows the limit of the run, not that of the machine.
        with setting("vm", max_map_count=400):
            measured("-w", "c", "-o", "live", *options, PROGRAM, "max-map-count")
        equal(brkwatch("--read", "c", "-o", "replayed", *options)[0], 0)
        holds("max_map_count" in contents("live"), contents("live"))
        equal(contents("replayed"), contents("live"))


@test
def page():
    """--html: below the sentence of each such call stands what its line of text says"""
    found = []
    for limit in ("data-brk", "memlock-future", "occupied", "several"):
        measured("-w", "c", "--all", "-o", "t", PROGRAM, limit)
        equal(brkwatch("--read", "c", "--html", "page", "-o", "out")[0], 0)
        run = json.loads(contents("page").split('id="run">')[1].split("</script>")[0])
        reasons = [step[5].split("\n", 1)[1] for step in run["steps"] if "\n" in step[5]]
        lines = re.findall(r" (refused: (?!asked).*?|failed, E\w+: .*?)(?:; asked .*|, kept: .*|, uncertain)?$",
                           contents("t"), re.M)
        equal((limit, [reason.removeprefix("failed, ") for reason in lines]), (limit, reasons))
        found += reasons
    holds(any(reason.startswith("refused: RLIMIT_DATA is ") for reason in found), *found)
    holds(any(reason.startswith("EAGAIN: RLIMIT_MEMLOCK with mlockall(MCL_FUTURE) is ") for reason in found), *found)


@test
def occupant():
    """the schema wants "by" with occupied, and with nothing else"""
    measured("--json", "-o", "j", PROGRAM, "occupied")
    for event in events("j"):
        for reason in event.get("refusal") or ():
            without = {key: value for key, value in reason.items() if key != "by"}
            wrong = [without, {**reason, "what": "sealed"}, {**reason, "by": 1}]
            admitted = [one for one in wrong if fits({**event, "refusal": [one]})]
            holds(not admitted, *admitted)
            holds(fits({**event, "refusal": [{**reason, "by": None}]}), reason)


@test
def documented():
    """the man page explains each reason that the schema has"""
    page = document("brkwatch.8.rst").split("\nRefusals\n")[1].split("\nJSON\n")[0]
    equal(re.findall(r"^(\w+)\n  ", page, re.M), SCHEMA["$defs"]["refusal"]["items"]["properties"]["what"]["enum"])


main()
