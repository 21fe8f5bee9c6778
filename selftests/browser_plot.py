# SPDX-License-Identifier: GPL-2.0
"""The picture over time, in the page of --html."""

import re

from browser_page import Page
from harness import equal, holds, test

UNITS = {"byte": 1, "bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}


def steps_between(values):
    return {round(after - before) for before, after in zip(values, values[1:])}


@test
def round_sizes():
    """browser: the sizes at the axis are multiples of a power of two, and at most six"""
    tops = [4096, 5000, 132 << 10, (10 << 20) - 1, 10 << 20, 200 << 20, (3 << 30) + 1, 128 << 40]
    with Page() as page:
        for top in tops:
            texts = page.run(f"return ticks(0, {top}, round_size({top} / TICKS)).map(size)")
            sizes = [int(number) * UNITS[unit] for number, unit in map(str.split, texts)]
            (step,) = steps_between(sizes)
            holds(3 <= len(sizes) <= 6 and step & (step - 1) == 0, top, texts)
            holds(sizes[0] == 0 and top - step < sizes[-1] <= top, top, texts)
        equal(page.run("return ticks(0, 1, round_size(1 / TICKS)).map(size)"), ["0 bytes"])


@test
def round_times():
    """browser: the times at the axis are multiples of 1, 2 or 5 times a power of ten, and all differ"""
    spans = [(0, 9), (7, 1234567), (1146025000, 4758899000), (0, 10**9), (123456789012, 123456790000), (5, 10**14)]
    with Page() as page:
        for begin, end in spans:
            times, texts = page.run(f"""const plot = Object.assign(Object.create(Plot.prototype),
                {{ begin: {begin}, end: {end} }});
                return [plot.times(), plot.times().map((time) => plot.time_text(time))]""")
            (step,) = steps_between(times)
            holds(2 <= len(times) <= 6 and re.fullmatch("[125]0*", str(step)), begin, end, times)
            holds(begin <= times[0] < begin + step and end - step < times[-1] <= end, begin, end, times)
            equal([round(float(text.removesuffix(" s")) * 1e9) for text in texts], times)


@test
def ticks_drawn():
    """browser: the picture has these sizes and times"""
    with Page() as page:
        said, wanted = page.run("""
            const context = CanvasRenderingContext2D.prototype, fill = context.fillText, said = [];
            context.fillText = function (text, ...place) { said.push(text); fill.call(this, text, ...place); };
            view.plot.prepare(at('plot'));
            context.fillText = fill;
            const plot = view.plot, sizes = ticks(0, plot.top, round_size(plot.top / TICKS)).map(size);
            return [said, [...sizes, ...plot.times().map((time) => plot.time_text(time))]];""")
        equal([text for text in said if text in wanted], wanted)
        holds(len(wanted) >= 5, wanted)
