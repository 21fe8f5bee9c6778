# SPDX-License-Identifier: GPL-2.0
"""Runs of a program whose calls the kernel refuses (refusals.c), and what the tool says of them."""

import json

from harness import HERE, brkwatch, equal, events, holds
from schema import fits

PROGRAM = f"{HERE}/refusals"


def measured(*argv):
    """What stood in the way, as the program has it."""
    status, out, err = brkwatch(*argv)
    equal((argv, status, err), (argv, 0, ""))
    return [json.loads(line) for line in out.splitlines()]


def told():
    """The same, as the tool has it."""
    found = events("j")
    holds(all(map(fits, found)), *[line for line in found if not fits(line)])
    return [{"call": event["event"], **reason} for event in found for reason in event.get("refusal") or ()]


def exceeds(limit):
    wanted = measured("--json", "-o", "j", PROGRAM, limit)
    equal(told(), wanted)
    return wanted
