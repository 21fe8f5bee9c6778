# SPDX-License-Identifier: GPL-2.0
"""Long runs, in the page of --html."""

from browser_page import Page, parts, showing
from harness import equal, holds, test

MANY = 100000
MAPPINGS = 20000
PAGE = 4096


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


def box(run, number):
    """A page of the heap; the next number lies below it, and does not touch it."""
    start = (1 << 46) - 2 * number * PAGE
    return start, start + PAGE, run["labels"].index("heap"), 3, -1


@test
def many_mappings():
    """browser: 20,000 mappings: the page draws a limited number, and keeps maps by the number of events"""
    run = parts()[1]
    watch = run["processes"][-1][0]
    plain = [step for step in run["steps"] if step[1] == watch][0][:11]
    changes = [[0, 0, *box(run, number)] for number in range(MAPPINGS)]
    # One goes at one end and comes at the other.
    changes += [[[MAPPINGS - 1, 1], [0, 0, *box(run, number)]] for number in range(MAPPINGS, 2 * MAPPINGS)]
    # So many that no function takes them as arguments.
    crowd = range(8 * MAPPINGS, 0, -1)
    changes += [[0, MAPPINGS, *(figure for number in crowd for figure in box(run, number))]]
    run["steps"] = [[plain[0] + 1000 * number, *plain[1:], change] for number, change in enumerate(changes)]
    with showing(run) as page:
        page.run(f"document.getElementById('process').value = {watch}; choose({watch})")
        most = page.run("return MOST_BOXES + MOST_CHANGED + ALWAYS.length + 1 / LARGE")
        for index in (len(changes) - 1, 0, MAPPINGS - 1, 3 * MAPPINGS // 2, len(changes) - 2):
            page.run(f"show({index})")
            first, last = (index, max(0, index - MAPPINGS + 1)) if index < 2 * MAPPINGS else (crowd[0], crowd[-1])
            equal(page.run("const boxes = view.maps.boxes; return [boxes.length, boxes[0].start, boxes.at(-1).start]"),
                  [first - last + 1, box(run, first)[0], box(run, last)[0]])
            drawn = page.run("return document.querySelectorAll('#map .box').length")
            holds(0 < drawn <= most, index, drawn)
            holds(page.run("return document.querySelectorAll('#map > *').length") <= 2 * most + 2, index)
        kept = page.run("return view.maps.kept.reduce((sum, one) => sum + one.boxes.length, 0)")
        holds(MAPPINGS < kept <= page.run("return KEPT_BOXES") * len(changes), kept)
        page.quiet()


@test
def left_out():
    """browser: of many areas it leaves out small ones only, and does not say that nothing is mapped there"""
    with Page() as page:
        areas, drawn, large, gaps = page.run(f"""
            const areas = [];
            for (let i = 0, start = 0; i < 5000; i++) {{
                const end = start + (i % 100 === 33 ? 2000 : i % 7 + 1) * {PAGE};
                areas.push({{ start, end, label: 0, look: 3, changed: false }});
                start = end + {PAGE};
            }}
            const maps = {{ most: () => bytes_of(areas) }}, large = maps.most() * LARGE;
            return [areas, gather(areas, maps, 600), large,
                [true, false].map((hides) => draw_gap(maps.most() / 8, maps, 600, hides).textContent)];""")
        holds(len(drawn) < len(areas) // 5, len(drawn))
        starts = {area["start"]: at for at, area in enumerate(areas)}
        drawn_large = [area["start"] for area in drawn if area["end"] - area["start"] >= large]
        equal(drawn_large, [area["start"] for area in areas if area["end"] - area["start"] >= large])
        holds(drawn_large, large)
        places = [starts[area["start"]] for area in drawn]
        equal([area["hides"] for area in drawn[1:]], [above - below > 1 for below, above in zip(places, places[1:])])
        equal(["not mapped" in text for text in gaps], [False, True])
