# SPDX-License-Identifier: GPL-2.0
"""Who holds memory, in the page of --html."""

from browser_page import Page, parts, showing
from harness import changes_of, equal, test


def with_sites(run, watch):
    """Let calls of 20 stacks have got what a process has mapped; those of the third have no time."""
    run["sites"] = [f" > /bin/lab(site{number}+0x1)\n" for number in range(20)]
    for number, step in enumerate(step for step in run["steps"] if step[1] == watch):
        step += [None] * (12 - len(step))
        for part in changes_of(step):
            for at in range(5, len(part), 5):
                # Some boxes belong to no site, and some sites hold nothing.
                site = part[at - 3] // 4096 % 19
                part[at] |= site << 6
                part[at + 1] = -1 if site == 3 else step[0] * site // 20
        if number % 3:
            step.append([1 + number * 7 % 20, 1000 * number])


def history(run, watch):
    """After each event of a process: {site: (bytes it holds, for how long)} and {site: (bytes it got, calls)}."""
    boxes, got, found = [], {}, []
    for step in run["steps"]:
        if step[1] != watch:
            continue
        for at, gone, *fresh in changes_of(step):
            boxes[at:at + gone] = zip(*[iter(fresh)] * 5)
        if len(step) > 12:
            site, size = step[12]
            got[site] = tuple(old + more for old, more in zip(got.get(site, (0, 0)), (size, 1)))
        held = {}
        for start, end, _, look, since in boxes:
            site, age = look >> 6, None if since < 0 else max(0, step[0] - since)
            if site and (age or 0) >= run["min_age"]:
                size, oldest = held.get(site, (0, 0))
                held[site] = size + end - start, None if None in (age, oldest) else max(age, oldest)
        found.append((held, dict(got)))
    return found


def lists(page, run, held, got, most):
    """The lines that -c -k would have for these figures: the holders' and the askers'."""
    def size(number):
        return page.run(f"return size({number})")

    def share(part, figures):
        # Python rounds a half to the even digit, JavaScript up.
        return page.run(f"return (100 * {part} / {sum(size for size, _ in figures.values())}).toFixed(1)")

    def calls(site):
        return f"in {got[site][1]} call{'' if got[site][1] == 1 else 's'}"

    def line(site, text):
        return text + run["sites"][site - 1]

    order = {site: (-held.get(site, (0,))[0], -got.get(site, (0,))[0], run["sites"][site - 1]) for site in {*held, *got}}
    holders, askers = [], []
    for site in sorted(held, key=order.get):
        text = f"{size(held[site][0])} held ({share(held[site][0], held)} %)"
        text += f", got {size(got[site][0])} {calls(site)}" if site in got else ""
        text += f", at most {size(most[site])}"
        holders.append(line(site, text + ("" if held[site][1] is None else f", oldest {held[site][1] / 1e9:.6f} s")))
    for site in sorted(got.keys() - held.keys(), key=order.get):
        text = f"{size(got[site][0])} ({share(got[site][0], got)} %) {calls(site)}"
        askers.append(line(site, text + (f", at most {size(most.get(site, 0))}" if run["known"] else "")))
    return holders, askers


def heads(page, run, held, got):
    """What stands above the two lists."""
    sums = [sum(size for size, _ in held.values()), sum(size for size, _ in got.values()),
            sum(got[site][0] for site in got.keys() - held.keys())]
    holding, all_got, asked = page.run(f"return {sums}.map(size)")
    if not run["known"]:
        why = "filtered" if run["filtered"] else "lost"
        return "", f"Who asked for {asked} (what they hold is unknown: events {why}):"
    verb, long = ("has held", f" for {run['min_age'] / 1e9:.9g} s or longer") if run["min_age"] else ("holds", "")
    return (f"Who {verb} {holding}{long} (got {all_got}):" if sums[0] else f"No call that is known {verb} memory{long}.",
            f"Who asked for {asked} and {verb} nothing{long}:" if sums[2] else "")


def shows_holders(run, watch, checks):
    """Compare what the page lists at these events; returns the numbers of holders and of askers."""
    most, seen = {}, set()
    for held, _ in history({**run, "min_age": 0}, watch):
        most = {site: max(most.get(site, 0), held.get(site, (0,))[0]) for site in {*most, *held}}
    with showing(run) as page:
        page.run(f"document.getElementById('process').value = {watch}; choose({watch})")
        for index in checks:
            page.run(f"show({index})")
            held, got = history(run, watch)[index]
            held = held if run["known"] else {}
            wanted = lists(page, run, held, got, most)
            shown = [page.run(f"return [...document.querySelectorAll('#{name} li')].map((e) => e.textContent)")
                     for name in ("sites", "askers")]
            equal(shown, [lines[:10] for lines in wanted])
            equal((page.at("held").text, page.at("asked").text), heads(page, run, held, got))
            equal(["others" in page.at(name).text for name in ("others", "other-askers")],
                  [len(lines) > 10 for lines in wanted])
            seen |= {tuple(map(len, wanted))}
        page.quiet()
    return seen


@test
def holders():
    """browser: with stacks it lists at each event who holds what, as -c -k does at the end; without, it lists nothing"""
    with Page() as page:
        equal(page.at("holders").is_displayed(), False)
    run = parts()[1]
    watch = run["processes"][-1][0]
    with_sites(run, watch)
    steps = [step for step in run["steps"] if step[1] == watch]
    last = len(steps) - 1
    checks = (last, 0, last // 2, last // 3)
    everything = shows_holders(run, watch, checks)
    equal(max(holders for holders, _ in everything) > 10, True)
    equal(max(askers for _, askers in everything) > 0, True)
    # Some of it is older, some is not.
    aged = shows_holders({**run, "min_age": steps[last][0] // 2}, watch, checks)
    equal(0 < max(holders for holders, _ in aged) < max(holders for holders, _ in everything), True)
    for filtered in (False, True):
        equal(shows_holders({**run, "known": False, "filtered": filtered}, watch, (last,)).pop()[0], 0)
