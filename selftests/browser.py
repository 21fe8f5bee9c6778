#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The page of --html, in a browser without a screen; as TAP.

	browser.py BRKWATCH [FOLDER]

Pictures of the page go to FOLDER, where a person can look at them.
"""

import base64
import json
import re
import sys

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from browser_page import FOLDERS, PATH, Page, boxes_of, parts, processes_of, replay, showing, steps_of
from harness import changes_of, equal, run_tests, test

SNAPSHOT = "the kernel's own map"


@test
def quiet():
    """browser: the page loads, requests nothing else and prints nothing on the console, light and dark"""
    for dark in (False, True):
        with Page(dark=dark) as page:
            page.press(Keys.END)
            page.quiet()
            paper = page.run("return getComputedStyle(document.body).backgroundColor")
            equal(paper == "rgb(255, 255, 255)", not dark)
            for folder in FOLDERS:
                page.browser.save_screenshot(f"{folder}/{'dark' if dark else 'light'}.png")


@test
def content():
    """browser: it shows the same events as text does, one by one, for each process"""
    events = [json.loads(line) for line in replay("--json").splitlines()[:-1]]
    pids = [event["pid"] for event in events if event["event"] not in ("start", "process", "snapshot")]
    lines = replay("--all").splitlines()[:-1]
    equal(len(lines), len(pids))
    with Page() as page:
        for watch, pid, _ in processes_of(page):
            Select(page.at("process")).select_by_value(str(watch))
            steps = [step for step in steps_of(page) if step[4] != SNAPSHOT]
            own = [line for line, whose in zip(lines, pids) if whose == pid]
            equal(len(own), len(steps))
            for line, step in zip(own, steps):
                equal(re.sub(r"^ *\d+\.\d+ (\[pid \d+( tid \d+)?\] )?", "", line).split("  # ")[0], step[4])
                equal(" = -1 E" in line or " refused: " in line, step[3])
            for index in (0, len(steps) // 2):
                page.run(f"show({index})")
                shown = steps_of(page)[index]
                equal((page.at("what").text, page.at("why").text), (shown[4], shown[5]))
                line = page.browser.find_element(By.CSS_SELECTOR, "[aria-current]").get_attribute("textContent")
                equal(line.endswith(f" s  {shown[4]}"), True)


@test
def results():
    """browser: the line of a call shows its result whole, in a narrow window, too"""
    with Page() as page:
        for width in (1366, 800):
            page.browser.set_window_size(width, 900)
            seen = 0
            for index in range(0, len(steps_of(page)), 5):
                page.run(f"show({index})")
                lines = page.run("""return [...document.querySelectorAll('#events button')].map((button) => {
                    const whole = button.getBoundingClientRect(), [call, result] = button.children;
                    const part = result.getBoundingClientRect();
                    // Both are rounded.
                    return [button.textContent, result.textContent, part.right <= whole.right,
                        result.scrollWidth <= result.clientWidth + 1, call.scrollWidth > call.clientWidth + 1];
                })""")
                for text, result, inside, uncut, _ in lines:
                    equal((text, result), (text, re.search(r"(?:(?<=\)) = .*)?$", text)[0]))
                    equal((text, inside, uncut), (text, True, True))
                seen += sum(cut and bool(result) for _, result, _, _, cut in lines)
            # In some lines the arguments had to make room.
            equal((width, seen > 0), (width, True))


@test
def kinds():
    """browser: it names a mark, and draws no other event as a mark"""
    with Page() as page:
        equal(page.run("return run.kinds[MARK]"), "mark")
        drawn = page.run("return run.steps.filter((step) => step[KIND] === MARK).map((step) => step[WHAT])")
        equal(drawn, [step[4] for step in page.run("return run.steps") if " mark" in step[4]])
        equal(len(drawn), 1)


@test
def maps():
    """browser: the map that it draws at each exit equals the one of --map, guesses marked alike"""
    row = re.compile(r"^ *(0x\w+)-(0x\w+) *([r-][w-][x-]) .*?\d+  ([a-z ]+\??)", re.M)
    parts = re.split(r"^pid (\d+) \(", replay("--map"), flags=re.M)[1:]
    tables = {int(pid): row.findall(text) for pid, text in zip(parts[::2], parts[1::2])}
    with Page() as page:
        compared = guesses = 0
        for watch, pid, _ in processes_of(page):
            Select(page.at("process")).select_by_value(str(watch))
            page.at("last").click()
            boxes = boxes_of(page)
            start = max(step[6] for step in steps_of(page))
            wanted = {(int(a, 16), int(b, 16), prot, origin) for a, b, prot, origin in tables[pid]
                      if int(b, 16) > start and origin != "not ours"}
            names = {origin.rstrip("?") for *_, origin in wanted}
            equal({box for box in boxes if box[3].rstrip("?") in names}, wanted)
            marked = {box for box in boxes if "?" in box[3]}
            equal(marked, {box for box in wanted if "?" in box[3]})
            compared += len(wanted)
            guesses += len(marked)
        equal((compared > 10, guesses > 0), (True, True))


@test
def slider():
    """browser: the slider goes to any event; so does the picture of the run"""
    with Page() as page:
        page.run("const s = document.getElementById('slider'); s.value = 7; s.dispatchEvent(new Event('input'))")
        equal((page.index(), page.at("what").text), (7, steps_of(page)[7][4]))
        equal(steps_of(page)[7][5] in page.at("slider").get_attribute("aria-valuetext"), True)
        page.at("plot").click()
        equal(0 < page.index() < len(steps_of(page)), True)
        page.at("back").click()
        before = page.index()
        page.at("on").click()
        equal(page.index(), before + 1)
        # Choose an event of the list.
        page.browser.find_elements(By.CSS_SELECTOR, "#events button")[0].click()
        equal(page.index() < before, True)


@test
def keyboard():
    """browser: keys do the same: arrows, Page, Home, End, space, and Tab reaches every control"""
    with Page() as page:
        last = len(steps_of(page)) - 1
        moves = ((Keys.END, last), (Keys.ARROW_RIGHT, last), (Keys.ARROW_LEFT, last - 1), (Keys.HOME, 0),
                 (Keys.ARROW_LEFT, 0), (Keys.ARROW_RIGHT, 1), (Keys.PAGE_DOWN, 11), (Keys.PAGE_UP, 1))
        for key, wanted in moves:
            page.press(key)
            equal((key, page.index()), (key, wanted))
        page.press(" ")
        equal(page.at("play").text, "Stop")
        page.press(" ")
        equal(page.at("play").text, "Play")
        reached = set()
        for _ in range(30):
            page.press(Keys.TAB)
            reached.add(page.browser.switch_to.active_element.get_attribute("id"))
        equal({"process", "first", "back", "play", "on", "last", "slider", "scale"} - reached, set())


@test
def names():
    """browser: a screen reader gets names: each area, the picture, each control"""
    with Page() as page:
        page.press(Keys.END)
        nameless = page.run("""return [...document.querySelectorAll('[role], button, input, select')].filter((e) =>
            !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML)""")
        equal(nameless, [])
        boxes = page.browser.find_elements(By.CSS_SELECTOR, "#map .box")
        equal(len(boxes) > 10 and all(" pages" in box.get_attribute("aria-label") or " page" in
                                      box.get_attribute("aria-label") for box in boxes), True)
        label = page.at("plot").get_attribute("aria-label")
        equal(all(name in label for name in ("heap", "mapped", "committed", "resident", " KiB")), True)
        equal(page.at("told").get_attribute("aria-live"), "polite")


@test
def sizes():
    """browser: sizes are written as by the tool (selftests/unit/format.c)"""
    wanted = {0: "0 bytes", 1: "1 byte", 4096: "4 KiB", (10 << 20) - 1024: "10239 KiB", (10 << 20) - 1: "10485759 bytes",
              (10 << 20) + 1: "10 MiB", 12345678: "11.8 MiB", (1000 << 20) - (100 << 10): "999.9 MiB",
              (1000 << 20) + (600 << 10): "1001 MiB", 10 << 30: "10 GiB", 47 << 40: "47 TiB"}
    with Page() as page:
        equal(page.run(f"return {list(wanted)}.map(size)"), list(wanted.values()))
        equal(page.run("return pages(33 * 4096)"), "33 pages (132 KiB)")


@test
def drawn():
    """browser: the picture has a line for each figure; a printed page has no controls"""
    with Page() as page:
        counts = page.run("""
            const canvas = document.getElementById('plot'), context = canvas.getContext('2d');
            const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
            return FIGURES.map((figure) => {
                const hex = color(figure.name).trim(), want = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
                let found = 0;
                for (let i = 0; i < data.length; i += 4)
                    found += data[i + 3] > 200 && want.every((c, k) => Math.abs(data[i + k] - c) < 12);
                return found;
            });""")
        equal([count > 50 for count in counts], [True] * 4)
        page.press(Keys.END)
        page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        equal([page.at(name).is_displayed() for name in ("slider", "play", "what", "map")], [False, False, True, True])
        pdf = page.browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
        equal(base64.b64decode(pdf)[:5], b"%PDF-")


@test
def reasons():
    """browser: the reason for which the kernel refused a call stands below the sentence"""
    reason = "refused: RLIMIT_DATA is 65536 KiB, this would make 82144 KiB"
    run = parts()[1]
    watch = run["processes"][-1][0]
    last = [step for step in run["steps"] if step[1] == watch][-1]
    sentence = last[5]
    last[5] += f"\n{reason}"
    with showing(run) as page:
        page.run(f"choose({watch})")
        equal(page.at("why").text.splitlines(), [sentence, reason])
        equal(reason in page.at("slider").get_attribute("aria-valuetext"), True)


@test
def texts():
    """browser: no text that a process chooses is HTML"""
    run, evil = parts()[1], "</script><img src=x onerror=\"document.title='caught'\"><b>"
    watch = run["processes"][-1][0]
    run["labels"] = [f"{label}{evil}" for label in run["labels"]]
    run["sites"] = [f" > {evil}\n"]
    for process in run["processes"]:
        process[2] += evil
    for step in run["steps"]:
        step[4] += evil
        step[5] += evil
        for part in changes_of(step):
            part[5::5] = [look & 63 | 64 for look in part[5::5]]
    with showing(run) as page:
        page.run(f"choose({watch})")
        for name in ("what", "why", "process", "sites", "events", "map"):
            equal((name, evil in page.at(name).get_attribute("textContent")), (name, True))
        equal(evil in page.run("return document.title"), True)
        equal(page.run("return document.querySelectorAll('img, b').length"), 0)
        page.quiet()


# Their tests run after the ones above.
import browser_address
import browser_fold
import browser_holders
import browser_long
import browser_plot

replay("--html", PATH)
sys.exit(not run_tests())
