"use strict";
/* What is mapped in a process, at any step. */

/* The page keeps a map for each so many steps, and applies changes from there on. */
const KEEP = 512;
/* A change has so many numbers for each box, behind the first two; html.h describes them. */
const BOX = 5;

const bytes_of = (boxes) => boxes.reduce((sum, box) => sum + box.end - box.start, 0);

/* Computes the map of one process at any step from its changes. */
class Maps {
	constructor(steps) {
		this.steps = steps;
		this.kept = [[]];
		this.boxes = [];
		this.done = 0;
		this.peak = 0;
		this.peaks = null;
	}

	/* Returns the map after the step of that index. */
	seek(index) {
		const kept = Math.min(Math.floor((index + 1) / KEEP), this.kept.length - 1);
		if (index + 1 < this.done || kept * KEEP > this.done) {
			this.boxes = this.kept[kept].slice();
			this.done = kept * KEEP;
		}
		while (this.done <= index) {
			this.apply(this.steps[this.done++][CHANGE]);
			if (this.done % KEEP === 0 && this.kept.length === this.done / KEEP)
				this.kept.push(this.boxes.slice());
		}
		return this.boxes;
	}

	/* Returns the boxes that came, and those that went. */
	apply(change) {
		if (!change)
			return [[], []];
		const fresh = [];
		for (let i = 2; i < change.length; i += BOX)
			fresh.push({ start: change[i], end: change[i + 1], label: change[i + 2], look: change[i + 3],
				since: change[i + 4] });
		return [fresh, this.boxes.splice(change[0], change[1], ...fresh)];
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
