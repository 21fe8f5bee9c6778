// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "array.h"
#include "track.h"

/* A power of two below TRACK_SAMPLES. */
#define SAMPLES_MIN 64

const char *const figure_names[FIGURES] = {
	[FIGURE_HEAP] = "heap",
	[FIGURE_MAPPED] = "mapped",
	[FIGURE_COMMITTED] = "committed",
	[FIGURE_RESIDENT] = "resident",
};

static void spread_merge(struct spread *into, const struct spread *next)
{
	if (next->last == TRACK_UNKNOWN)
		return;
	if (into->last == TRACK_UNKNOWN) {
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

	/* Calls of several CPUs may come in another order than that of their times. */
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

/* Half as many, of twice as many events each. */
static void track_halve(struct track *track)
{
	size_t i;

	for (i = 0; i < track->n / 2; i++) {
		track->v[i] = track->v[2 * i];
		sample_merge(&track->v[i], &track->v[2 * i + 1]);
	}
	track->n /= 2;
	track->each *= 2;
	track->in_last = track->each;
}

int track_add(struct track *track, const struct sample *one)
{
	struct sample *v;

	if (track->n && track->in_last < track->each) {
		sample_merge(&track->v[track->n - 1], one);
		track->in_last++;
		return 0;
	}
	if (track->n == TRACK_SAMPLES)
		track_halve(track);
	v = array_room(track->v, track->n, &track->cap, sizeof(*v), SAMPLES_MIN);
	if (!v)
		return -ENOMEM;
	track->v = v;
	track->v[track->n++] = *one;
	track->in_last = 1;
	if (!track->each)
		track->each = 1;
	return 0;
}

void track_mark(struct track *track, uint64_t time, const char *text)
{
	struct track_mark *mark;

	if (track->marks_n++ >= TRACK_MARKS)
		return;
	mark = &track->marks[track->marks_n - 1];
	mark->time = time;
	snprintf(mark->text, sizeof(mark->text), "%s", text);
}

uint64_t sample_peak(const struct sample *sample)
{
	uint64_t peak = 0;
	int i;

	for (i = 0; i < FIGURES; i++)
		if (sample->of[i].last != TRACK_UNKNOWN && sample->of[i].most > peak)
			peak = sample->of[i].most;
	return peak;
}

struct sample track_whole(const struct track *track)
{
	struct sample whole = track->v[0];
	size_t i;

	for (i = 1; i < track->n; i++)
		sample_merge(&whole, &track->v[i]);
	return whole;
}
