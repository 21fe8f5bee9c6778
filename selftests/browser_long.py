# SPDX-License-Identifier: GPL-2.0
"""Long runs, in the page of --html."""

from browser_page import parts, showing
from harness import equal, test

MANY = 100000


@test
def long_run():
    """browser: 100,000 events: each of them can be shown as in a small page"""
    run = parts()[1]
    watch = run["processes"][-1][0]
    own = [step for step in run["steps"] if step[1] == watch]
    grown = [list(step[:11]) for step in own if step[2] == 0]
    run["steps"] = own[:-1]
    while len(run["steps"]) < MANY:
        run["steps"].append(list(grown[len(run["steps"]) % len(grown)]))
        run["steps"][-1][0] = own[0][0] + len(run["steps"]) * 1000
    with showing(run) as long:
        for index in (MANY - 1, MANY // 2, 0, MANY // 3):
            long.run(f"document.getElementById('process').value = {watch}; choose({watch}); show({index})")
            equal((long.index(), long.at("what").text), (index, run["steps"][index][4]))
        long.quiet()
