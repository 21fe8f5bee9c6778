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


def boxes_of(page):
    """{(start, end, protection, name)} of the boxes that the map shows."""
    said = page.run("""return [...document.querySelectorAll('#map .box')].map((e) =>
        e.getAttribute('aria-label'))""")
    found = [re.match(r"(0x\w+) to (0x\w+): (.+?) ([r-][w-][x-]), ", text) for text in said]
    return {(int(box[1], 16), int(box[2], 16), box[4], box[3]) for box in found}


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
        if len(step) > 11:
            step[11][5::5] = [look & 63 | 64 for look in step[11][5::5]]
    with showing(run) as page:
        page.run(f"choose({watch})")
        for name in ("what", "why", "process", "sites", "events", "map"):
            equal((name, evil in page.at(name).get_attribute("textContent")), (name, True))
        equal(evil in page.run("return document.title"), True)
        equal(page.run("return document.querySelectorAll('img, b').length"), 0)
        page.quiet()


def with_sites(run, watch):
    """Let calls of 20 stacks have got what a process has mapped; those of the third have no time."""
    run["sites"] = [f" > /bin/lab(site{number}+0x1)\n" for number in range(20)]
    for number, step in enumerate(step for step in run["steps"] if step[1] == watch):
        step += [None] * (12 - len(step))
        for at in range(5, len(step[11] or ()), 5):
            # Some boxes belong to no site, and some sites hold nothing.
            site = step[11][at - 3] // 4096 % 19
            step[11][at] |= site << 6
            step[11][at + 1] = -1 if site == 3 else step[0] * site // 20
        if number % 3:
            step.append([1 + number * 7 % 20, 1000 * number])


def history(run, watch):
    """After each event of a process: {site: (bytes it holds, for how long)} and {site: (bytes it got, calls)}."""
    boxes, got, found = [], {}, []
    for step in run["steps"]:
        if step[1] != watch:
            continue
        if step[11]:
            at, gone, *fresh = step[11]
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
