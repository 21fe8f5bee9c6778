#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The page of --html, in a browser without a screen; as TAP.

	browser.py BRKWATCH [FOLDER]

Pictures of the page go to FOLDER, where a person can look at them.
"""

import base64
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/tool")
from harness import equal, run_tests, test

BRKWATCH, *FOLDERS = map(os.path.abspath, sys.argv[1:])
SAMPLE = f"{HERE}/capture/v1.pcap"
PAGES = tempfile.TemporaryDirectory()
PATH = f"{PAGES.name}/page.html"
MANY = 100000
SNAPSHOT = "the kernel's own map"


def replay(*options):
    """The results for the sample capture."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as out:
        subprocess.run([BRKWATCH, "--read", SAMPLE, *options, "-o", out.name], check=True)
        return out.read()


class Page:
    """A browser with a page open."""

    def __init__(self, path=PATH, dark=False):
        options = Options()
        options.binary_location = "/usr/lib/chromium/chromium-headless-shell"
        # Do not use the script of that name, because it outlives its program. Root has no sandbox.
        for argument in ("headless", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1366,900"):
            options.add_argument(f"--{argument}")
        if dark:
            options.add_argument("--blink-settings=preferredColorScheme=0")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.browser.get(f"file://{path}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.browser.quit()

    def at(self, name):
        return self.browser.find_element(By.ID, name)

    def run(self, script):
        return self.browser.execute_script(script)

    def press(self, *keys):
        for key in keys:
            self.browser.switch_to.active_element.send_keys(key)

    def index(self):
        return int(self.at("position").text.split()[0]) - 1

    def quiet(self):
        """The page prints no message and requests nothing but itself."""
        equal(self.browser.get_log("browser"), [])
        messages = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        asked = {message["params"]["request"]["url"] for message in messages
                 if message["method"] == "Network.requestWillBeSent"}
        equal([url for url in asked if not url.startswith("data:")], [self.browser.current_url])


def parts():
    """The page up to its data, the data, and the rest."""
    with open(PATH, encoding="utf-8") as file:
        head, _, rest = file.read().partition('id="run">')
    data, _, tail = rest.partition("</script>")
    return head, json.loads(data), tail


@contextlib.contextmanager
def showing(run):
    """A browser with a page that has other data."""
    head, _, tail = parts()
    data = json.dumps(run).replace("<", "\\u003c")
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
        file.write(f'{head}id="run">{data}</script>{tail}')
        file.flush()
        with Page(file.name) as page:
            yield page


def steps_of(page):
    return page.run("return view.steps")


def processes_of(page):
    return page.run("return run.processes")


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
                equal(page.browser.find_element(By.CSS_SELECTOR, "[aria-current]").text.split("  ", 1)[-1]
                      .endswith(shown[4]), True)


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
    """browser: its map at each exit equals the one of --map"""
    row = re.compile(r"^ *(0x\w+)-(0x\w+) *([r-][w-][x-]) .*?\d+  ([a-z ]+)", re.M)
    parts = re.split(r"^pid (\d+) \(", replay("--map"), flags=re.M)[1:]
    tables = {int(pid): row.findall(text) for pid, text in zip(parts[::2], parts[1::2])}
    with Page() as page:
        compared = 0
        for watch, pid, _ in processes_of(page):
            Select(page.at("process")).select_by_value(str(watch))
            page.at("last").click()
            boxes, labels = page.run("return [view.maps.seek(view.index), run.labels]")
            start = max(step[6] for step in steps_of(page))
            wanted = {(int(a, 16), int(b, 16), prot, origin) for a, b, prot, origin in tables[pid]
                      if int(b, 16) > start and origin != "not ours"}
            names = {origin for *_, origin in wanted}
            got = {(box["start"], box["end"], "".join(c if box["look"] >> i & 1 else "-" for i, c in enumerate("rwx")),
                    labels[box["label"]]) for box in boxes if labels[box["label"]] in names}
            equal(got, wanted)
            compared += len(wanted)
        equal(compared > 10, True)


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
        if len(step) > 11:
            step[11][5::4] = [look & 63 | 64 for look in step[11][5::4]]
    with showing(run) as page:
        page.run(f"choose({watch})")
        for name in ("what", "why", "process", "sites", "events", "map"):
            equal((name, evil in page.at(name).get_attribute("textContent")), (name, True))
        equal(evil in page.run("return document.title"), True)
        equal(page.run("return document.querySelectorAll('img, b').length"), 0)
        page.quiet()


@test
def holders():
    """browser: with stacks it lists who holds what at each event, and the most; without, it lists nothing"""
    with Page() as page:
        equal(page.at("holders").is_displayed(), False)
    run = parts()[1]
    run["sites"] = [f" > /bin/lab(site{number}+0x1)\n" for number in range(13)]
    watch, boxes, sums, most = run["processes"][-1][0], [], [], {}
    for step in run["steps"]:
        if step[1] != watch:
            continue
        if len(step) > 11:
            # Every box but each 14th belongs to a site.
            for at in range(5, len(step[11]), 4):
                step[11][at] |= (step[11][at - 3] // 4096 % 14) << 6
            at, gone, *fresh = step[11]
            boxes[at:at + gone] = zip(*[iter(fresh)] * 4)
        sums.append({})
        for start, end, _, look in boxes:
            if look >> 6:
                sums[-1][look >> 6] = sums[-1].get(look >> 6, 0) + end - start
        most = {site: max(most.get(site, 0), sums[-1].get(site, 0)) for site in {*most, *sums[-1]}}
    with showing(run) as page:
        page.run(f"document.getElementById('process').value = {watch}; choose({watch})")
        for index in (len(sums) - 1, 0, len(sums) // 2):
            page.run(f"show({index})")
            wanted = sorted(sums[index].items(), key=lambda item: -item[1])
            shown = page.run("return [...document.querySelectorAll('#sites li')].map((e) => e.textContent)")
            equal(len(shown), min(10, len(wanted)))
            text = page.run(f"return {[[number, most[site]] for site, number in wanted[:10]]}"
                            ".map(([now, most]) => [size(now), size(most)])")
            for line, (now, peak), (_, number) in zip(shown, text, wanted):
                percent = 100 * number / sum(sums[index].values())
                equal(line.split("\n")[0].startswith(f"{now} held ({percent:.1f} %), at most {peak}"), True)
            equal(sum(site > 0 for site in sums[index]) > 10, "others" in page.at("others").text)
        page.quiet()


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


replay("--html", PATH)
sys.exit(not run_tests())
