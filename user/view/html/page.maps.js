"use strict";
/* What is mapped in a process, at any step. */

/* The page keeps a map after so many steps at least, and applies changes from there on. */
const KEEP = 512;
/* All the maps that it keeps have at most so many boxes for each step of the run. */
const KEPT_BOXES = 16;
/* A browser refuses to pass many more arguments to a function. */
const MOST_ARGUMENTS = 10000;
/* A change has so many numbers for each box, behind the first two; html.h describes them. */
const BOX = 5;

const bytes_of = (boxes) => boxes.reduce((sum, box) => sum + box.end - box.start, 0);

/* Returns the places where boxes changed; a change in one place is not in a list. */
function parts_of(change) {
	if (!change)
		return [];
	return Array.isArray(change[0]) ? change : [change];
}

function boxes_of(part) {
	const boxes = [];
	for (let i = 2; i < part.length; i += BOX)
		boxes.push({ start: part[i], end: part[i + 1], label: part[i + 2], look: part[i + 3], since: part[i + 4] });
	return boxes;
}

/* Computes the map of one process at any step from its changes. */
class Maps {
	constructor(steps) {
		this.steps = steps;
		this.kept = [{ done: 0, boxes: [] }];
		this.boxes = [];
		this.done = 0;
		this.peak = 0;
		this.peaks = null;
	}

	/* Returns the map after the step of that index. */
	seek(index) {
		const kept = this.kept.findLast((one) => one.done <= index + 1);
		if (index + 1 < this.done || kept.done > this.done) {
			this.boxes = kept.boxes.slice();
			this.done = kept.done;
		}
		while (this.done <= index) {
			this.apply(this.steps[this.done++][CHANGE]);
			this.keep();
		}
		return this.boxes;
	}

	/* Keeps the map of the step that is done, if there were enough steps since the last one. */
	keep() {
		const steps = this.done - this.kept[this.kept.length - 1].done;
		if (steps >= Math.max(KEEP, this.boxes.length / KEPT_BOXES))
			this.kept.push({ done: this.done, boxes: this.boxes.slice() });
	}

	/* Puts boxes in the place of others, which it returns. */
	splice(at, gone, fresh) {
		if (fresh.length < MOST_ARGUMENTS)
			return this.boxes.splice(at, gone, ...fresh);
		const behind = this.boxes.splice(at), went = behind.slice(0, gone);
		this.boxes = this.boxes.concat(fresh, behind.slice(gone));
		return went;
	}

	/* Returns the boxes that came, and those that went. */
	apply(change) {
		let came = [], went = [];
		for (const part of parts_of(change)) {
			const fresh = boxes_of(part);
			went = went.concat(this.splice(part[0], part[1], fresh));
			came = came.concat(fresh);
		}
		return [came, went];
	}

	/* Returns the most bytes ever mapped, so that heights are the same in the whole run. */
	most() {
		if (this.peak)
			return this.peak;
		const all = new Maps(this.steps);
		let bytes = 0;
		for (const step of this.steps) {
			const [fresh, gone] = all.apply(step[CHANGE]);
			bytes += bytes_of(fresh) - bytes_of(gone);
			this.peak = Math.max(this.peak, bytes);
		}
		return (this.peak ||= 1);
	}

	/* Returns the most that each stack ever held. */
	most_held() {
		if (this.peaks)
			return this.peaks;
		const all = new Maps(this.steps), held = new Map();
		this.peaks = new Map();
		for (const step of this.steps) {
			const [fresh, gone] = all.apply(step[CHANGE]);
			hold(hold(held, gone, -1), fresh);
			for (const site of hold(new Map(), fresh).keys())
				this.peaks.set(site, Math.max(this.peaks.get(site) || 0, held.get(site)));
		}
		return this.peaks;
	}
}
