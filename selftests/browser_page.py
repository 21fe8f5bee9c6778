# SPDX-License-Identifier: GPL-2.0
"""A page of --html in a browser without a screen: what the tests of browser.py share."""

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
from selenium.webdriver.support.ui import WebDriverWait

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/tool")
from harness import equal

BRKWATCH, *FOLDERS = map(os.path.abspath, sys.argv[1:])
SAMPLE = f"{HERE}/capture/v1.pcap"
PAGES = tempfile.TemporaryDirectory()
PATH = f"{PAGES.name}/page.html"


def replay(*options, sample=SAMPLE):
    """The results for a capture."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as out:
        subprocess.run([BRKWATCH, "--read", sample, *options, "-o", out.name], check=True)
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

    def wait(self, script, wanted):
        """Until a script returns what is wanted."""
        WebDriverWait(self.browser, 60).until(lambda _: self.run(script) == wanted, f"{script}: not {wanted!r}")

    def quiet(self):
        """The page prints no message and requests nothing but itself."""
        equal(self.browser.get_log("browser"), [])
        messages = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        asked = {message["params"]["request"]["url"] for message in messages
                 if message["method"] == "Network.requestWillBeSent"}
        shown = self.browser.current_url.partition("#")[0]
        equal([url for url in asked if not url.startswith("data:")], [shown])


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
    """(watch, pid, name) of each."""
    return page.run("return run.processes.map((process) => process.slice(0, 3))")


def boxes_of(page):
    """{(start, end, protection, name)} of the boxes that the map shows."""
    said = page.run("""return [...document.querySelectorAll('#map .box')].map((e) =>
        e.getAttribute('aria-label'))""")
    found = [re.match(r"(0x\w+) to (0x\w+): (.+?) ([r-][w-][x-]), ", text) for text in said]
    return {(int(box[1], 16), int(box[2], 16), box[4], box[3]) for box in found}
