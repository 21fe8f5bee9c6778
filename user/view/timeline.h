/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the memory of a process grew: figures over time, in a bounded number of samples.
 * Pure: no input, no output, no clock.
 */
#ifndef BRKWATCH_TIMELINE_H
#define BRKWATCH_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A wide screen is about half as many dots wide, so that each dot still has a sample after the
 * number of samples has been halved.
 */
#define TIMELINE_SAMPLES 4096
#define TIMELINE_MARKS 32
#define TIMELINE_TEXT 60

/* The figure is not known. */
#define TIMELINE_UNKNOWN UINT64_MAX

/**
 * enum figure - the figures of a timeline, each in bytes
 * @FIGURE_HEAP: from the start of the heap to the program break
 * @FIGURE_MAPPED: anonymous mappings that events reported and that still exist
 * @FIGURE_COMMITTED: private memory that the process may use, including the heap
 * @FIGURE_RESIDENT: anonymous pages in memory
 * @FIGURES: how many figures there are
 */
enum figure { FIGURE_HEAP, FIGURE_MAPPED, FIGURE_COMMITTED, FIGURE_RESIDENT, FIGURES };

extern const char *const figure_names[FIGURES];

/**
 * struct spread - a figure over some time
 * @least: the least value
 * @most: the most
 * @last: the value at the end; TIMELINE_UNKNOWN if the figure was never known, and then @least and
 *	@most mean nothing
 */
struct spread {
	uint64_t least;
	uint64_t most;
	uint64_t last;
};

/**
 * struct sample - figures of consecutive events
 * @from: time of the first event, ns
 * @to: the latest time of any of the events, ns
 * @of: the figures
 * @grows: moves of the break up
 * @shrinks: moves of the break down
 * @refused: moves that the kernel refused
 */
struct sample {
	uint64_t from;
	uint64_t to;
	struct spread of[FIGURES];
	uint32_t grows;
	uint32_t shrinks;
	uint32_t refused;
};

/**
 * struct timeline_mark - a mark
 * @time: its time
 * @text: its text; a longer text would be cut, but each mark of the module fits
 */
struct timeline_mark {
	uint64_t time;
	char text[TIMELINE_TEXT];
};

/**
 * struct timeline - the figures of a process over its life
 *
 * An all-zero structure is an empty timeline.
 *
 * @v: samples, by time
 * @n: how many
 * @cap: room in @v
 * @each: events in each sample but the last
 * @in_last: events in the last sample
 * @marks: the first marks
 * @marks_n: how many marks there were, which may be more than @marks holds
 */
struct timeline {
	struct sample *v;
	size_t n;
	size_t cap;
	uint64_t each;
	uint64_t in_last;
	struct timeline_mark marks[TIMELINE_MARKS];
	uint64_t marks_n;
};

/**
 * timeline_add() - append the figures of an event
 * @timeline: the timeline
 * @one: the event as a sample
 *
 * Return: 0 or -ENOMEM.
 */
int timeline_add(struct timeline *timeline, const struct sample *one);

/**
 * timeline_mark() - append a mark, or only count it if the timeline has no room for more
 * @timeline: the timeline
 * @time: its time
 * @text: its text
 */
void timeline_mark(struct timeline *timeline, uint64_t time, const char *text);

/**
 * sample_merge() - merge two samples
 * @into: the earlier one, which takes both
 * @next: the later one
 */
void sample_merge(struct sample *into, const struct sample *next);

/**
 * sample_after() - get the sample of an event that changes nothing
 * @before: the sample before it
 *
 * Return: a sample with the last figures of @before, without moves.
 */
struct sample sample_after(const struct sample *before);

/**
 * sample_peak() - get the most that any figure reached
 * @sample: the sample
 *
 * Return: bytes, 0 if none is known.
 */
uint64_t sample_peak(const struct sample *sample);

/**
 * timeline_marks() - count the marks that the timeline keeps
 * @timeline: the timeline
 *
 * Return: their number.
 */
static inline size_t timeline_marks(const struct timeline *timeline)
{
	return timeline->marks_n < TIMELINE_MARKS ? timeline->marks_n : TIMELINE_MARKS;
}

/**
 * timeline_whole() - merge all samples into one
 * @timeline: the timeline, with at least one sample
 *
 * Return: the sample.
 */
struct sample timeline_whole(const struct timeline *timeline);

#endif
