"use strict";
/* This script shows the run that the page holds; html.c describes a step. */

const run = JSON.parse(document.getElementById("run").textContent);
const [TIME, WATCH, KIND, BAD, WHAT, WHY, HEAP_START, BRK, MAPPED, COMMITTED, RESIDENT, CHANGE, GOT] =
	Array(13).keys();
/* Kinds have the numbers of the module; the tool gives their names. */
const MARK = run.kinds.indexOf("mark");
/* The page does not draw larger gaps, as parts of the peak, but gives their sizes. */
const GAP_DRAWN = 1 / 16;
/* The page leaves out no box that is so large a part of the peak, or larger. */
const LARGE = 1 / 64;
/* Heights in CSS pixels. */
const LEAST = 5, LABELLED = 20;
/* The page draws so many boxes, and thick frames around so many. */
const MOST_BOXES = 400, MOST_CHANGED = 20;

const FIGURES = [
	{ name: "heap", of: (s) => (s[BRK] < 0 ? -1 : s[BRK] - s[HEAP_START]), dash: [], stays: true },
	{ name: "mapped", of: (s) => s[MAPPED], dash: [10, 4] },
	{ name: "committed", of: (s) => s[COMMITTED], dash: [2, 3] },
	{ name: "resident", of: (s) => s[RESIDENT], dash: [12, 3, 2, 3], stays: true },
];
/* These boxes show their names, whatever their size. */
const ALWAYS = ["heap", "stack"];
const LOOKS = [
	["heap", /^(program )?heap/], ["malloc", /^(\w*malloc|musl|Go runtime|JVM|V8)/], ["thread", /^thread/],
	["stack", /^stack/], ["program", /^(the program|program|files|of the kernel|kernel at exec|not)/],
	["other", /./],
];

const at = (id) => document.getElementById(id);
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name);

function element(name, attributes, ...children) {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes))
		made.setAttribute(key, value);
	made.append(...children);
	return made;
}

/* Write a size in the style of the tool's format_size(). */
function size(bytes) {
	const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
	if (!bytes || (bytes < 10 * 2 ** 20 && bytes % 1024))
		return `${bytes} byte${bytes === 1 ? "" : "s"}`;
	let unit = 0, value = bytes / 1024;
	for (; value >= 10 * 1024 && unit < units.length - 1; unit++)
		value /= 1024;
	return `${Number(value.toFixed(value < 1000 ? 1 : 0))} ${units[unit]}`;
}

const pages = (bytes) =>
	`${Math.ceil(bytes / run.page)} page${bytes > run.page ? "s" : ""} (${size(bytes)})`;
const hex = (address) => "0x" + address.toString(16);
const seconds = (ns) => (ns / 1e9).toFixed(6) + " s";

function height_of(bytes, maps, room) {
	if (at("scale").value === "log")
		return 6 * Math.log2(bytes / run.page + 1) + 6;
	return (bytes / maps.most()) * room;
}

function protection(look) {
	return (look & 1 ? "r" : "-") + (look & 2 ? "w" : "-") + (look & 4 ? "x" : "-");
}

function draw_box(box, maps, room) {
	const bytes = box.end - box.start, exact = height_of(bytes, maps, room);
	const name = run.labels[box.label] + (box.look & 8 ? "?" : "");
	const height = Math.max(exact, box.changed || ALWAYS.includes(run.labels[box.label]) ? LABELLED : LEAST);
	const more = (box.look & 16 ? ", given back" : "") + (box.look & 32 ? ", uncertain" : "");
	const text = `${name} ${protection(box.look)}${more}`;
	const full = `${hex(box.start)} to ${hex(box.end)}: ${text}, ${pages(bytes)}`;
	const made = element("div", {
		role: "listitem", title: full, "aria-label": full, style: `height: ${height.toFixed(1)}px`,
		class: `box ${LOOKS.find(([, pattern]) => pattern.test(name))[0]}` +
			(box.look & 7 ? "" : " closed") +
			(exact < height ? " small" : "") + (box.changed ? " changed" : ""),
	});
	if (height >= LABELLED)
		made.append(element("span", {}, text), element("span", {}, pages(bytes)));
	return made;
}

function draw_gap(bytes, maps, room, hides) {
	if (bytes < maps.most() * GAP_DRAWN)
		return element("div", { class: "gap", "aria-hidden": "true",
			style: `height: ${Math.max(2, height_of(bytes, maps, room)).toFixed(1)}px` });
	const what = hides ? "with areas that are too small to be drawn" : "not mapped";
	return element("div", { class: "gap", role: "listitem" }, element("span", {}, `\u22ee ${size(bytes)} ${what}`));
}

function draw_break(brk) {
	return element("div", { class: "break", role: "listitem" },
		element("span", {}, `program break`), element("span", {}, hex(brk)));
}

/* Makes one box of those that only differ in when they came, and notes which of them changed. */
function join(boxes, fresh) {
	const all = [];
	for (const box of boxes) {
		const last = all[all.length - 1], changed = fresh.has(box.start);
		if (last && last.end === box.start && last.label === box.label && last.look === box.look) {
			last.end = box.end;
			last.changed ||= changed;
		} else {
			all.push({ ...box, changed });
		}
	}
	return all;
}

/* Merge boxes that are too small to be seen one by one, and leave some out; a box above these hides them. */
function gather(boxes, maps, room) {
	if (boxes.length <= MOST_BOXES)
		return boxes;
	const all = [];
	for (const box of boxes) {
		const last = all[all.length - 1];
		if (last && last.end === box.start && last.label === box.label && !box.changed &&
		    height_of(box.end - last.start, maps, room) < LABELLED)
			all[all.length - 1] = { ...last, end: box.end };
		else
			all.push(box);
	}
	if (all.length <= MOST_BOXES)
		return all;
	const stride = Math.ceil(all.length / MOST_BOXES), named = new Set(), drawn = [];
	let hides = false;
	all.forEach((box, i) => {
		const name = run.labels[box.label], first = ALWAYS.includes(name) && !named.has(name);
		if (first)
			named.add(name);
		if (first || box.changed || i % stride === 0 || box.end - box.start >= maps.most() * LARGE) {
			drawn.push({ ...box, hides });
			hides = false;
		} else {
			hides = true;
		}
	});
	return drawn;
}

function draw_map(maps, index) {
	const parts = parts_of(maps.steps[index][CHANGE]);
	const room = Math.max(320, window.innerHeight * 0.65), brk = break_at(maps.steps, index);
	const fresh = new Set();
	if (parts.reduce((numbers, part) => numbers + part.length, 0) < MOST_CHANGED * BOX)
		parts.flatMap(boxes_of).forEach((box) => fresh.add(box.start));
	const all = join(maps.seek(index), fresh), boxes = gather(all, maps, room);
	const rows = [];
	let above = null, hides = false, broken = brk < 0;
	for (let i = boxes.length - 1; i >= 0; i--) {
		if (!broken && boxes[i].end <= Math.ceil(brk / run.page) * run.page) {
			if (above !== null && above > boxes[i].end)
				rows.push(draw_gap(above - boxes[i].end, maps, room, hides));
			above = boxes[i].end;
			rows.push(draw_break(brk));
			broken = true;
		}
		if (above !== null && above > boxes[i].end)
			rows.push(draw_gap(above - boxes[i].end, maps, room, hides));
		rows.push(draw_box(boxes[i], maps, room));
		above = boxes[i].start;
		hides = boxes[i].hides;
	}
	at("map").replaceChildren(...rows);
	at("note").textContent = !rows.length ? "Nothing is known to be mapped here." :
		`${all.length} areas, ${size(bytes_of(all))}` +
		(boxes.length < all.length ? `; ${all.length - boxes.length} are too small to be drawn` : "") +
		". Dashed: larger than to scale. A thick frame: what this event changed.";
}

/* Use the last event that has a break, because an exit has none. */
function break_at(steps, index) {
	for (; index >= 0; index--)
		if (steps[index][BRK] >= 0)
			return steps[index][BRK];
	return -1;
}

const view = { watch: 0, steps: [], maps: null, plot: null, first: 0, index: 0, timer: 0 };

/* Draw a piece of the figure's line. */
function sample(figure) {
	const space = "http://www.w3.org/2000/svg", line = document.createElementNS(space, "line");
	const svg = document.createElementNS(space, "svg");
	for (const [key, value] of Object.entries({ x1: 0, x2: 44, y1: 6, y2: 6, "stroke-width": 3,
		stroke: `var(--${figure.name})`, "stroke-dasharray": figure.dash.join() }))
		line.setAttribute(key, value);
	svg.setAttribute("aria-hidden", "true");
	svg.append(line);
	return svg;
}

/* Some events lack a figure because it did not change; a figure without "stays" is unknown. */
function last_of(figure, index) {
	let value = figure.of(view.steps[index]);
	while (figure.stays && value < 0 && index > 0)
		value = figure.of(view.steps[--index]);
	return value;
}

function draw_figures(index) {
	at("figures").replaceChildren(...FIGURES.map((figure) => {
		const value = last_of(figure, index);
		return element("li", {}, sample(figure), `${figure.name}: ${value < 0 ? "not known" : size(value)}`);
	}));
}

/* A call leaves room for its result, however long its arguments are. */
function event_line(step) {
	const [, call, result] = /^(\w+\(.*\))( = .*)$/.exec(step[WHAT]) || [null, step[WHAT], ""];
	return [element("span", {}, `${seconds(step[TIME])}  ${call}`), element("span", { class: "result" }, result)];
}

function draw_events(index) {
	const first = Math.max(view.first, Math.min(index - 5, view.steps.length - 11));
	at("events").replaceChildren(...view.steps.slice(first, first + 11).map((step, i) => {
		const button = element("button", { type: "button" }, ...event_line(step));
		if (first + i === index)
			button.setAttribute("aria-current", "step");
		if (step[BAD])
			button.classList.add("bad");
		button.addEventListener("click", () => show(first + i));
		return element("li", {}, button);
	}));
}

function show(index) {
	if (!view.steps.length)
		return;
	view.index = Math.max(view.first, Math.min(index, view.steps.length - 1));
	const step = view.steps[view.index];
	at("slider").value = view.index;
	at("slider").setAttribute("aria-valuetext", `event ${view.index + 1}: ${step[WHY]}`);
	at("position").textContent = `${view.index + 1} of ${view.steps.length}, ${seconds(step[TIME])}`;
	at("what").textContent = step[WHAT];
	at("what").classList.toggle("bad", step[BAD]);
	at("why").textContent = step[WHY];
	draw_map(view.maps, view.index);
	view.plot.draw(at("plot"), view.index);
	draw_figures(view.index);
	if (run.sites.length)
		draw_holders(view.steps, view.maps, view.index);
	draw_events(view.index);
	follow_in_address();
}

function prepare() {
	view.plot.prepare(at("plot"));
	at("plot").setAttribute("aria-label", `${FIGURES.map((f) => f.name).join(", ")} from ` +
		`${seconds(view.plot.begin)} to ${seconds(view.plot.end)}; the most is ${size(view.plot.top)}`);
	show(view.index);
}

const steps_of = (watch) => run.steps.filter((step) => step[WATCH] === watch);

/* Shows a process, at the step of that index. */
function choose(watch, index) {
	const { loaded, own } = beginning_of(watch);

	view.watch = watch;
	view.steps = steps_of(watch);
	view.maps = new Maps(view.steps);
	/* Without an index, begin where the program does; if that is not known, show the whole picture. */
	view.index = index ?? (own < 0 ? view.steps.length - 1 : own);
	if (index < loaded)
		at("unfold").checked = true;
	at("slider").max = Math.max(0, view.steps.length - 1);
	fold();
}

function pause() {
	clearInterval(view.timer);
	view.timer = 0;
	at("play").textContent = "Play";
}

function play() {
	if (view.timer)
		return pause();
	if (view.index === view.steps.length - 1)
		show(0);
	/* Play any run in at most half a minute, and any event in at most a second. */
	const stride = Math.max(1, Math.round(view.steps.length / 300));
	at("play").textContent = "Stop";
	view.timer = setInterval(() => {
		show(view.index + stride);
		if (view.index === view.steps.length - 1)
			pause();
	}, Math.min(1000, Math.max(100, 30000 / view.steps.length)));
}

const KEYS = {
	ArrowLeft: () => show(view.index - 1), ArrowRight: () => show(view.index + 1),
	PageUp: () => show(view.index - 10), PageDown: () => show(view.index + 10),
	Home: () => show(0), End: () => show(view.steps.length - 1), " ": play,
};

function on_key(event) {
	const own = event.target.closest("select, button, [type=checkbox]");
	if (event.altKey || event.ctrlKey || event.metaKey || !KEYS[event.key] || (own && event.key === " ") ||
	    event.target.closest("select"))
		return;
	event.preventDefault();
	KEYS[event.key]();
}

function begin() {
	const names = run.processes.map(([, pid, comm]) => `${comm} (${pid})`);
	document.title = `brkwatch: ${names[0] || "nothing"}`;
	at("title").textContent = names.length > 1 ? `${names.length} processes` : names[0] || "No process";
	at("facts").textContent = `${run.steps.length} events, ${run.lost} lost; pages of ${size(run.page)}`;
	at("choice").hidden = names.length < 2;
	at("holders").hidden = !run.sites.length;
	at("process").append(...names.map((name, i) => element("option", { value: run.processes[i][0] }, name)));
	at("process").addEventListener("change", (event) => {
		pause();
		choose(Number(event.target.value));
	});
	at("slider").addEventListener("input", (event) => show(Number(event.target.value)));
	at("unfold").addEventListener("change", fold);
	at("scale").addEventListener("change", () => show(view.index));
	at("plot").addEventListener("click", (event) => show(view.plot.find(event.offsetX)));
	at("first").addEventListener("click", KEYS.Home);
	at("back").addEventListener("click", KEYS.ArrowLeft);
	at("on").addEventListener("click", KEYS.ArrowRight);
	at("last").addEventListener("click", KEYS.End);
	at("play").addEventListener("click", play);
	window.addEventListener("resize", () => run.processes.length && prepare());
	window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => run.processes.length && prepare());
	document.addEventListener("keydown", on_key);
	window.addEventListener("hashchange", on_address);
	if (run.processes.length && !show_address(location.hash))
		choose(run.processes[0][0]);
}

begin();
