// SPDX-License-Identifier: GPL-2.0
/* The picture that gnuplot draws. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/format.h"
#include "view/plot.h"
#include "lib/say.h"

/* More would be too small to read, so that gnuplot draws the processes that had most. */
#define DRAWN_MAX 12
#define WIDTH 1000
#define HEIGHT 420
/* More moves of the break would hide the curve that they are on. */
#define MOVES_MAX 300

static const struct {
	const char *suffix;
	const char *terminal;
} formats[] = {
	{ ".svg", "svg dynamic noenhanced background 'white'" },
	{ ".png", "pngcairo noenhanced" },
};

static const char *gnuplot_terminal(const char *file)
{
	const char *dot = strrchr(file, '.');
	size_t i;

	for (i = 0; dot && i < sizeof(formats) / sizeof(*formats); i++)
		if (!strcmp(dot, formats[i].suffix))
			return formats[i].terminal;
	return NULL;
}

/* Try before anything runs, because it would run in vain if the picture had no place to go. */
static int try_to_write(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	int err = errno;

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	say("cannot open '%s': %s; choose another file with --plot", file, strerror(err));
	return -err;
}

int plot_check(const char *file)
{
	if (!strcmp(file, "-"))
		return 0;
	if (!gnuplot_terminal(file)) {
		say("--plot: '%s' is neither FILE.svg nor FILE.png; - is text", file);
		return -EINVAL;
	}
	if (!system("command -v gnuplot >/dev/null"))
		return try_to_write(file);
	say("--plot: gnuplot is not there; run: apt-get install gnuplot-nox, or use --plot -");
	return -ENOENT;
}

/* Write a string as gnuplot quotes it. */
static void put_string(FILE *script, const char *text)
{
	fputc('\'', script);
	for (; *text; text++) {
		if (*text == '\'')
			fputc('\'', script);
		fputc(*text, script);
	}
	fputc('\'', script);
}

/**
 * struct drawn - a process that may be in the picture
 * @p: the process
 * @whole: all its samples in one
 */
struct drawn {
	const struct plotted *p;
	struct sample whole;
};

static int by_peak(const void *a, const void *b)
{
	uint64_t x = sample_peak(&((const struct drawn *)a)->whole);
	uint64_t y = sample_peak(&((const struct drawn *)b)->whole);

	return x < y ? 1 : x > y ? -1 : 0;
}

static void put_point(FILE *script, double seconds, uint64_t bytes)
{
	if (bytes == TIMELINE_UNKNOWN)
		fprintf(script, "\n");
	else
		fprintf(script, "%.9f %.10g\n", seconds, bytes / 1024.0);
}

/* A sample of many events is a stroke from its least to its most, and ends at the last value. */
static void put_curve(FILE *script, const struct timeline *timeline, enum figure figure,
		      uint64_t began)
{
	uint64_t before = TIMELINE_UNKNOWN;
	size_t i;

	fprintf(script, "$%s << EOD\n", figure_names[figure]);
	for (i = 0; i < timeline->n; i++) {
		const struct spread *s = &timeline->v[i].of[figure];
		double seconds = (timeline->v[i].to - began) / 1e9;

		/* A value lasts until the figure becomes unknown. */
		if (s->last == TIMELINE_UNKNOWN && before != TIMELINE_UNKNOWN)
			put_point(script, seconds, before);
		before = s->last;
		if (s->last != TIMELINE_UNKNOWN && s->least != s->most) {
			put_point(script, seconds, s->least);
			put_point(script, seconds, s->most);
		}
		put_point(script, seconds, s->last);
	}
	fprintf(script, "EOD\n");
}

/* Kinds of moves of the break, as sets of points. */
static const struct {
	size_t count;
	int point;
	const char *name;
	const char *title;
} moves[] = {
	{ offsetof(struct sample, grows), 9, "up", "break up" },
	{ offsetof(struct sample, shrinks), 11, "down", "break down" },
	{ offsetof(struct sample, refused), 2, "refused", "break refused" },
};

#define MOVES (sizeof(moves) / sizeof(*moves))

static uint32_t count_of(const struct sample *s, size_t kind)
{
	return *(const uint32_t *)((const char *)s + moves[kind].count);
}

static void put_moves(FILE *script, const struct timeline *timeline, size_t kind, uint64_t began)
{
	size_t i;

	fprintf(script, "$%s << EOD\n", moves[kind].name);
	for (i = 0; i < timeline->n; i++) {
		const struct sample *s = &timeline->v[i];

		if (count_of(s, kind))
			put_point(script, (s->to - began) / 1e9, s->of[FIGURE_HEAP].last);
	}
	fprintf(script, "EOD\n");
}

static void put_marks(FILE *script, const struct timeline *timeline, uint64_t began)
{
	size_t shown = timeline_marks(timeline), i;
	char text[FORMAT_MARK_MAX];

	fprintf(script, "unset arrow\nunset label\n");
	for (i = 0; i < shown; i++) {
		double seconds = (timeline->marks[i].time - began) / 1e9;

		fprintf(script,
			"set arrow from %.9f, graph 0 to %.9f, graph 1 nohead dashtype 2\n"
			"set label ",
			seconds, seconds);
		put_string(script, format_mark(text, timeline->marks[i].text));
		fprintf(script, " at %.9f, graph 0.98 rotate by 90 right offset -0.7, 0\n",
			seconds);
	}
}

static void put_process(FILE *script, const struct drawn *drawn, uint64_t began)
{
	const struct sample *whole = &drawn->whole;
	bool few = whole->grows + whole->shrinks + whole->refused <= MOVES_MAX;
	const struct plotted *p = drawn->p;
	char title[FORMAT_MAX + 32], name[FORMAT_MAX];
	size_t i;

	snprintf(title, sizeof(title), "pid %" PRIu32 " (%s)", p->pid, format_comm(name, p->comm));
	fprintf(script, "set title ");
	put_string(script, title);
	fprintf(script, "\n");
	for (i = 0; i < FIGURES; i++)
		put_curve(script, &p->timeline, i, began);
	for (i = 0; i < MOVES; i++)
		put_moves(script, &p->timeline, i, began);
	put_marks(script, &p->timeline, began);
	/* The heap is always known, so that no comma comes first. */
	fprintf(script, "plot");
	for (i = 0; i < FIGURES; i++)
		if (whole->of[i].last != TIMELINE_UNKNOWN)
			fprintf(script, "%s $%s using 1:2 with steps lw 2 title '%s'", i ? "," : "",
				figure_names[i], figure_names[i]);
	for (i = 0; few && i < MOVES; i++)
		if (count_of(whole, i))
			fprintf(script, ", $%s with points pt %d lc 'black' title '%s'",
				moves[i].name, moves[i].point, moves[i].title);
	fprintf(script, "\n");
}

static void put_script(FILE *script, const char *file, const struct drawn *drawn, size_t n,
		       size_t all, uint64_t began)
{
	size_t i;

	fprintf(script, "set terminal %s size %d,%zu\nset output ", gnuplot_terminal(file), WIDTH,
		HEIGHT * (n ?: 1));
	put_string(script, file);
	fprintf(script, "\nset multiplot layout %zu,1", n ?: 1);
	if (all > n)
		fprintf(script, " title 'the %zu of %zu processes that had most'", n, all);
	fprintf(script, "\nset key outside right top\nset grid\nset xlabel 'seconds'\n"
			"set ylabel 'KiB'\nset yrange [0:*]\nset offsets 0,0,graph 0.05,0\n"
			"set format y '%%.0f'\nset colorsequence podo\n"
			"set tics nomirror\n");
	for (i = 0; i < n; i++)
		put_process(script, &drawn[i], began);
	fprintf(script, "unset multiplot\n");
}

static int run_gnuplot(const char *file, const struct drawn *drawn, size_t n, size_t all,
		       uint64_t began)
{
	/* gnuplot must not write the picture to the terminal if it has no file. */
	FILE *script = popen("exec gnuplot >/dev/null", "we");

	if (!script) {
		say("cannot run gnuplot: %s; use --plot -", strerror(errno));
		return -errno;
	}
	put_script(script, file, drawn, n, all, began);
	if (!pclose(script))
		return 0;
	say("gnuplot did not draw '%s', for the reason above; use --plot -", file);
	return -ECANCELED;
}

int plot_gnuplot(const struct plot *plot, uint64_t began)
{
	struct drawn *drawn = calloc(plot->n ?: 1, sizeof(*drawn));
	size_t n = 0, i;
	int err;

	if (!drawn)
		return -ENOMEM;
	for (i = 0; i < plot->n; i++)
		if (plot->v[i].timeline.n)
			drawn[n++] =
				(struct drawn){ &plot->v[i], timeline_whole(&plot->v[i].timeline) };
	if (n > DRAWN_MAX)
		qsort(drawn, n, sizeof(*drawn), by_peak);
	err = run_gnuplot(plot->file, drawn, n > DRAWN_MAX ? DRAWN_MAX : n, n, began);
	free(drawn);
	return err;
}
