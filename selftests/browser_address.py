# SPDX-License-Identifier: GPL-2.0
"""The step in the address of the page of --html."""

from selenium.webdriver.common.keys import Keys

from browser_page import PATH, Page, processes_of, steps_of
from harness import equal, test

SHOWN = "return [view.watch, view.index]"
ADDRESS = "return location.hash"


@test
def address():
    """browser: #step=N in the address opens that step; the address follows the slider, and a new one is opened"""
    with Page(f"{PATH}#step=5") as page:
        first, second = (watch for watch, *_ in processes_of(page)[:2])
        equal(page.run(SHOWN), [first, 4])
        equal(page.at("what").text, steps_of(page)[4][4])
        page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
        page.wait(ADDRESS, f"#step=7&watch={first}")
        page.run("const s = document.getElementById('slider'); s.value = 2; s.dispatchEvent(new Event('input'))")
        page.wait(ADDRESS, f"#step=3&watch={first}")
        page.run(f"location.hash = '#step=2&watch={second}'")
        page.wait(SHOWN, [second, 1])
        equal(page.at("process").get_attribute("value"), str(second))
        page.run("location.hash = '#step=4'")
        page.wait(SHOWN, [first, 3])
        page.run("location.hash = '#step=1000000'")
        page.wait(ADDRESS, f"#step=4&watch={first}")
        equal(page.run(SHOWN), [first, 3])
        page.quiet()


@test
def bad_address():
    """browser: a step that the run does not have, and what is no number, opens the page as without an address"""
    with Page() as page:
        plain, last = page.run(SHOWN), len(steps_of(page))
        for bad in ("0", "-1", "1.5", "1e1", "0x1", "x", "", str(last + 1), "9" * 40, "2&watch=99999", "2&watch=",
                    "%3Cimg%20src=x%3E"):
            page.browser.get("about:blank")
            page.browser.get(f"file://{PATH}#step={bad}")
            equal((bad, page.run(SHOWN)), (bad, plain))
        page.browser.get("about:blank")
        page.browser.get(f"file://{PATH}#step={last}")
        equal(page.run(SHOWN), [plain[0], last - 1])
        equal(page.browser.get_log("browser"), [])
