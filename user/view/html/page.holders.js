"use strict";
/* Who holds memory and who asked for it: what -c -k writes at the end, for the step that is shown. */

/* From this bit of a look on there is the number of the stack that got the box, 0 for none. */
const SITE = 6;
/* The page lists so many stacks that hold memory, and so many that hold nothing. */
const MOST_SITES = 10;

/* Adds to each stack what it holds of these boxes, or takes it away. */
function hold(held, boxes, sign = 1) {
	for (const box of boxes) {
		const site = box.look >> SITE;
		if (site)
			held.set(site, (held.get(site) || 0) + sign * (box.end - box.start));
	}
	return held;
}

/* Returns for how long a box has been held, NaN if that is not known. */
const age_of = (box, time) => (box.since < 0 ? NaN : Math.max(0, time - box.since));

/* Sums up what each stack has held for long enough, with the age of the oldest part. */
function held_at(boxes, time) {
	const found = new Map();
	for (const box of boxes) {
		const site = box.look >> SITE, age = age_of(box, time);
		/* An age that is not known may be too low. */
		if (!site || (run.min_age && !(age >= run.min_age)))
			continue;
		const had = found.get(site) || { held: 0, age: 0 };
		found.set(site, { held: had.held + box.end - box.start, age: Math.max(had.age, age) });
	}
	return found;
}

/* Sums up what each stack got until a step, and in how many calls. */
function got_until(steps, index) {
	const found = new Map();
	for (let i = 0; i <= index; i++) {
		if (!steps[i][GOT])
			continue;
		const [site, bytes] = steps[i][GOT], had = found.get(site) || { got: 0, calls: 0 };
		found.set(site, { got: had.got + bytes, calls: had.calls + 1 });
	}
	return found;
}

/* Returns the figures of each stack at a step; if events are missing, nobody knows what they hold. */
function callers_at(steps, maps, index) {
	const held = run.known ? held_at(maps.seek(index), steps[index][TIME]) : new Map();
	const got = got_until(steps, index), most = maps.most_held();
	return [...new Set([...held.keys(), ...got.keys()])].map((site) => ({
		text: run.sites[site - 1], most: most.get(site) || 0,
		got: 0, calls: 0, held: 0, age: 0, ...got.get(site), ...held.get(site),
	}));
}

const falling = (key) => (a, b) => b[key] - a[key] || b.got - a.got || (a.text < b.text ? -1 : 1);
const sum_of = (callers, key) => callers.reduce((sum, caller) => sum + caller[key], 0);
const share = (part, sum) => `(${((100 * part) / sum).toFixed(1)} %)`;
const in_calls = (caller) => `in ${caller.calls} call${caller.calls === 1 ? "" : "s"}`;
const at_most = (caller) => `, at most ${size(caller.most)}`;
const long_enough = () => (run.min_age ? ` for ${Number((run.min_age / 1e9).toPrecision(9))} s or longer` : "");

function holder_line(caller, sum) {
	return `${size(caller.held)} held ${share(caller.held, sum)}` +
		(caller.calls ? `, got ${size(caller.got)} ${in_calls(caller)}` : "") + at_most(caller) +
		(Number.isNaN(caller.age) ? "" : `, oldest ${seconds(caller.age)}`);
}

function asker_line(caller, sum) {
	return `${size(caller.got)} ${share(caller.got, sum)} ${in_calls(caller)}${run.known ? at_most(caller) : ""}`;
}

function holders_head(held, got) {
	const verb = run.min_age ? "has held" : "holds";
	if (held)
		return `Who ${verb} ${size(held)}${long_enough()} (got ${size(got)}):`;
	return run.known ? `No call that is known ${verb} memory${long_enough()}.` : "";
}

function askers_head(got) {
	if (!got)
		return "";
	return `Who asked for ${size(got)}` + (run.known ?
		` and ${run.min_age ? "has held" : "holds"} nothing${long_enough()}:` :
		` (what they hold is unknown: events ${run.filtered ? "filtered" : "lost"}):`);
}

/* Shows the first callers, and the sum of a figure of the others. */
function draw_callers(list, others, callers, line, figure, how) {
	const rest = callers.slice(MOST_SITES);
	at(list).replaceChildren(...callers.slice(0, MOST_SITES).map((caller) =>
		element("li", {}, line(caller), element("pre", {}, caller.text))));
	at(others).textContent = rest.length ? `${size(sum_of(rest, figure))} ${how}by ${rest.length} others` : "";
}

function draw_holders(steps, maps, index) {
	const callers = callers_at(steps, maps, index), got = sum_of(callers, "got");
	const holders = callers.filter((caller) => caller.held).sort(falling("held")), held = sum_of(holders, "held");
	const askers = callers.filter((caller) => caller.got && !caller.held).sort(falling("got"));
	at("held").textContent = holders_head(held, got);
	draw_callers("sites", "others", holders, (caller) => holder_line(caller, held), "held", "held ");
	at("asked").textContent = askers_head(sum_of(askers, "got"));
	draw_callers("askers", "other-askers", askers, (caller) => asker_line(caller, got), "got", "");
}
