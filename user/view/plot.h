/* SPDX-License-Identifier: GPL-2.0 */
/* --plot: how the memory of each process grew, as a picture. */
#ifndef BRKWATCH_PLOT_H
#define BRKWATCH_PLOT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/terminal.h"
#include "view/timeline.h"
#include "view/view.h"

/**
 * struct plotted - a process in the picture
 * @watch: id of its watch
 * @pid: its number
 * @comm: its name at its last event
 * @timeline: how its memory grew
 */
struct plotted {
	uint32_t watch;
	uint32_t pid;
	char comm[16];
	struct timeline timeline;
};

/**
 * struct plot - all processes in the picture
 * @view: how the user sees them
 * @file: file that the picture goes to, "-" for text
 * @v: the processes, by rising watch
 * @n: how many
 * @cap: room in @v
 */
struct plot {
	struct view view;
	const char *file;
	struct plotted *v;
	size_t n;
	size_t cap;
};

/**
 * plot_check() - check that a picture can be drawn into a file
 * @file: its name, "-" for text
 *
 * Return: 0, or a negative errno that has already been reported.
 */
int plot_check(const char *file);

/**
 * plot_text() - draw a process with letters
 * @out: where to
 * @p: the process, with at least one sample
 * @began: time that is 0 in the picture, ns
 * @terminal: terminal that it is drawn for
 */
void plot_text(FILE *out, const struct plotted *p, uint64_t began, const struct terminal *terminal);

/**
 * plot_gnuplot() - have gnuplot draw all processes into a file
 * @plot: the processes
 * @began: time that is 0 in the picture, ns
 *
 * Return: 0, or a negative errno that has already been reported.
 */
int plot_gnuplot(const struct plot *plot, uint64_t began);

#endif
