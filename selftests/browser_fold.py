# SPDX-License-Identifier: GPL-2.0
"""Where the page of --html begins, and what it folds away."""

import json

from selenium.webdriver.support.ui import Select

from browser_page import HERE, PAGES, Page, processes_of, replay, steps_of
from harness import equal, test

# It has origins; the sample has none.
SAMPLE = f"{HERE}/capture/v2.pcap"
PATH = f"{PAGES.name}/origins.html"


def beginnings():
    """{pid: (events up to the loader's last call, index of the first own one)} of processes that began with an exec."""
    events = {}
    for line in replay("--json", sample=SAMPLE).splitlines():
        event = json.loads(line)
        if event["event"] not in ("start", "process", "lost"):
            events.setdefault(event["pid"], []).append(event)
    found = {}
    for pid, own in events.items():
        origins = [event.get("origin") for event in own]
        first = next((at for at, origin in enumerate(origins) if origin not in (None, "loader")), None)
        if own[0]["event"] == "exec" and first is not None:
            loaders = [at for at in range(first) if origins[at] == "loader"]
            found[pid] = (loaders[-1] + 1 if loaders else 0, first)
    return found


def shows_from(page, first):
    """The controls lead no further back than to this event."""
    page.at("first").click()
    equal(page.index(), first)
    page.at("back").click()
    equal(page.index(), first)
    texts = page.run("return [...document.querySelectorAll('#events button')].map((e) => e.textContent)")
    steps = steps_of(page)
    equal(len(texts), min(11, len(steps) - first))
    equal(texts[0].endswith(steps[first][4]), True)
    equal(page.run("return [Number(document.getElementById('slider').min), view.plot.begin]"), [first, steps[first][0]])


@test
def begins():
    """browser: it opens at the program's first own event, the loader folded away until the switch shows it"""
    wanted = beginnings()
    replay("--html", PATH, sample=SAMPLE)
    with Page(PATH) as page:
        folded = 0
        for watch, pid, _ in processes_of(page):
            Select(page.at("process")).select_by_value(str(watch))
            last = len(steps_of(page)) - 1
            loaded, own = wanted.get(pid, (0, last))
            equal((pid, page.index()), (pid, own))
            equal((pid, page.at("fold").is_displayed()), (pid, loaded > 0))
            shows_from(page, loaded)
            if not loaded:
                continue
            folded += 1
            equal(str(loaded) in page.at("folded").text, True)
            page.at("unfold").click()
            equal(page.index(), loaded)
            shows_from(page, 0)
            page.at("unfold").click()
            equal(page.index(), loaded)
        equal(folded > 1, True)
        page.quiet()


@test
def begins_without_origins():
    """browser: where no origin is known without a guess, it opens at the last event, and nothing is folded away"""
    with Page() as page:
        for watch, _, _ in processes_of(page):
            Select(page.at("process")).select_by_value(str(watch))
            equal((page.index(), page.at("fold").is_displayed()), (len(steps_of(page)) - 1, False))
            shows_from(page, 0)


@test
def address_of_a_folded_event():
    """browser: #step=N of an event that is folded away unfolds it"""
    replay("--html", PATH, sample=SAMPLE)
    with Page(f"{PATH}#step=2") as page:
        equal((page.index(), page.at("unfold").is_selected()), (1, True))
    with Page(PATH) as page:
        equal(page.at("unfold").is_selected(), False)
