// SPDX-License-Identifier: GPL-2.0
/* Figures over time, in a bounded number of samples. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/array.h"
#include "view/timeline.h"

/* This is a power of two below TIMELINE_SAMPLES, because the room doubles up to it. */
#define SAMPLES_MIN 64

const char *const figure_names[FIGURES] = {
	[FIGURE_HEAP] = "heap",
	[FIGURE_MAPPED] = "mapped",
	[FIGURE_COMMITTED] = "committed",
	[FIGURE_RESIDENT] = "resident",
};

static void spread_merge(struct spread *into, const struct spread *next)
{
	if (next->last == TIMELINE_UNKNOWN)
		return;
	if (into->last == TIMELINE_UNKNOWN) {
		*into = *next;
		return;
	}
	if (next->least < into->least)
		into->least = next->least;
	if (next->most > into->most)
		into->most = next->most;
	into->last = next->last;
}

void sample_merge(struct sample *into, const struct sample *next)
{
	int i;

	/* Calls of several CPUs may arrive in another order than their times. */
	if (next->to > into->to)
		into->to = next->to;
	for (i = 0; i < FIGURES; i++)
		spread_merge(&into->of[i], &next->of[i]);
	into->grows += next->grows;
	into->shrinks += next->shrinks;
	into->refused += next->refused;
}

struct sample sample_after(const struct sample *before)
{
	struct sample after = { .from = before->to, .to = before->to };
	int i;

	for (i = 0; i < FIGURES; i++) {
		uint64_t last = before->of[i].last;

		after.of[i] = (struct spread){ last, last, last };
	}
	return after;
}

/* Halve the number of samples; each one then has twice as many events. */
static void timeline_halve(struct timeline *timeline)
{
	size_t i;

	for (i = 0; i < timeline->n / 2; i++) {
		timeline->v[i] = timeline->v[2 * i];
		sample_merge(&timeline->v[i], &timeline->v[2 * i + 1]);
	}
	timeline->n /= 2;
	timeline->each *= 2;
	timeline->in_last = timeline->each;
}

int timeline_add(struct timeline *timeline, const struct sample *one)
{
	struct sample *v;

	if (timeline->n && timeline->in_last < timeline->each) {
		sample_merge(&timeline->v[timeline->n - 1], one);
		timeline->in_last++;
		return 0;
	}
	if (timeline->n == TIMELINE_SAMPLES)
		timeline_halve(timeline);
	v = array_room(timeline->v, timeline->n, &timeline->cap, sizeof(*v), SAMPLES_MIN);
	if (!v)
		return -ENOMEM;
	timeline->v = v;
	timeline->v[timeline->n++] = *one;
	timeline->in_last = 1;
	if (!timeline->each)
		timeline->each = 1;
	return 0;
}

void timeline_mark(struct timeline *timeline, uint64_t time, const char *text)
{
	struct timeline_mark *mark;

	if (timeline->marks_n++ >= TIMELINE_MARKS)
		return;
	mark = &timeline->marks[timeline->marks_n - 1];
	mark->time = time;
	snprintf(mark->text, sizeof(mark->text), "%s", text);
}

uint64_t sample_peak(const struct sample *sample)
{
	uint64_t peak = 0;
	int i;

	for (i = 0; i < FIGURES; i++)
		if (sample->of[i].last != TIMELINE_UNKNOWN && sample->of[i].most > peak)
			peak = sample->of[i].most;
	return peak;
}

struct sample timeline_whole(const struct timeline *timeline)
{
	struct sample whole = timeline->v[0];
	size_t i;

	for (i = 1; i < timeline->n; i++)
		sample_merge(&whole, &timeline->v[i]);
	return whole;
}
