"use strict";
/* The picture of the figures over time. */

/* An axis has at most so many intervals. */
const TICKS = 5;

/* Sizes are round that are powers of two; less than a KiB is none. */
const round_size = (least) => 2 ** Math.max(10, Math.ceil(Math.log2(least)));

/* Times are round that are 1, 2 or 5 times a power of ten. */
function round_time(least) {
	const power = 10 ** Math.max(0, Math.floor(Math.log10(least)));
	return [1, 2, 5, 10].find((times) => times * power >= least) * power;
}

/* Returns the multiples of a step from @least to @most. */
function ticks(least, most, step) {
	const all = [];
	for (let at = Math.ceil(least / step) * step; at <= most; at += step)
		all.push(at);
	return all;
}

/* Computes the least and most of each figure in each column of the picture. */
class Plot {
	/* It shows the steps from the index @first on. */
	constructor(steps, first) {
		this.steps = steps;
		this.shown = steps.slice(first);
		this.begin = this.shown.length ? this.shown[0][TIME] : 0;
		this.end = this.shown.reduce((end, step) => Math.max(end, step[TIME]), this.begin + 1);
		this.top = 1;
		for (const step of this.shown)
			for (const figure of FIGURES)
				this.top = Math.max(this.top, figure.of(step));
	}

	x(time) {
		return this.left + ((time - this.begin) / (this.end - this.begin)) * (this.width - this.left - 10);
	}

	y(bytes) {
		return this.height - 28 - (bytes / this.top) * (this.height - 40);
	}

	columns(figure) {
		const found = new Map();
		for (const step of this.shown) {
			const value = figure.of(step), x = Math.round(this.x(step[TIME]));
			if (value < 0)
				continue;
			const had = found.get(x);
			if (had)
				found.set(x, [Math.min(had[0], value), Math.max(had[1], value), value]);
			else
				found.set(x, [value, value, value]);
		}
		return [...found].sort((a, b) => a[0] - b[0]);
	}

	line(context, figure) {
		context.strokeStyle = color(figure.name);
		context.lineWidth = 2.5;
		context.setLineDash(figure.dash);
		context.beginPath();
		let last = null;
		for (const [x, [least, most, value]] of this.columns(figure)) {
			/* A figure stays as it is until the next event. */
			if (last === null)
				context.moveTo(x, this.y(least));
			else
				context.lineTo(x, this.y(last));
			context.lineTo(x, this.y(least));
			context.lineTo(x, this.y(most));
			context.lineTo(x, this.y(value));
			last = value;
		}
		if (last !== null)
			context.lineTo(this.x(this.end), this.y(last));
		context.stroke();
		context.setLineDash([]);
	}

	/* Returns the times that the axis names, in ns. */
	times() {
		return ticks(this.begin, this.end, round_time((this.end - this.begin) / TICKS));
	}

	/* Write a time with as many digits as neighbours of it need to differ. */
	time_text(time) {
		const step = round_time((this.end - this.begin) / TICKS);
		return (time / 1e9).toFixed(Math.max(0, Math.ceil(9 - Math.log10(step)))) + " s";
	}

	axes(context) {
		context.strokeStyle = color("rule");
		context.fillStyle = color("ink");
		context.lineWidth = 1;
		context.font = "14px system-ui, sans-serif";
		context.textAlign = "right";
		for (const bytes of ticks(0, this.top, round_size(this.top / TICKS))) {
			const y = Math.round(this.y(bytes)) + 0.5;
			context.strokeRect(this.left, y, this.width - this.left - 10, 0);
			context.fillText(size(bytes), this.left - 6, y + 5);
		}
		context.textAlign = "center";
		for (const time of this.times()) {
			const x = Math.round(this.x(time)) + 0.5, text = this.time_text(time);
			const half = context.measureText(text).width / 2;
			context.strokeRect(x, this.height - 28, 0, 6);
			context.fillText(text, Math.min(x, this.width - half), this.height - 6);
		}
	}

	marks(context) {
		context.strokeStyle = context.fillStyle = color("pale");
		context.textAlign = "left";
		for (const step of this.shown) {
			if (step[KIND] !== MARK)
				continue;
			const x = this.x(step[TIME]);
			context.strokeRect(x, 8, 0, this.height - 36);
			context.fillText(step[WHAT].slice(0, 40), x + 4, 20);
		}
	}

	/* Draw everything but the cursor, once. */
	prepare(canvas) {
		const ratio = window.devicePixelRatio || 1;
		this.width = canvas.clientWidth;
		this.height = canvas.clientHeight;
		this.left = 84;
		canvas.width = this.width * ratio;
		canvas.height = this.height * ratio;
		this.picture = document.createElement("canvas");
		this.picture.width = canvas.width;
		this.picture.height = canvas.height;
		const context = this.picture.getContext("2d");
		context.scale(ratio, ratio);
		this.axes(context);
		for (const figure of FIGURES)
			this.line(context, figure);
		this.marks(context);
	}

	draw(canvas, index) {
		const context = canvas.getContext("2d"), ratio = window.devicePixelRatio || 1;
		context.setTransform(1, 0, 0, 1, 0, 0);
		context.clearRect(0, 0, canvas.width, canvas.height);
		context.drawImage(this.picture, 0, 0);
		context.setTransform(ratio, 0, 0, ratio, 0, 0);
		context.strokeStyle = color("key");
		context.lineWidth = 2;
		context.strokeRect(this.x(this.steps[index][TIME]), 4, 0, this.height - 30);
	}

	/* Find the step nearest to a place in the picture. */
	find(x) {
		let best = 0;
		this.steps.forEach((step, i) => {
			if (Math.abs(this.x(step[TIME]) - x) < Math.abs(this.x(this.steps[best][TIME]) - x))
				best = i;
		});
		return best;
	}
}
