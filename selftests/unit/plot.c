// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "view/plot.h"

#define MS 1000000ULL

static void add(struct timeline *t, uint64_t time, uint64_t heap, uint64_t mapped, uint32_t grows)
{
	struct sample s = { .from = time, .to = time, .grows = grows };

	s.of[FIGURE_HEAP] = (struct spread){ heap, heap, heap };
	s.of[FIGURE_MAPPED] = (struct spread){ mapped, mapped, mapped };
	s.of[FIGURE_COMMITTED].last = TIMELINE_UNKNOWN;
	s.of[FIGURE_RESIDENT] = (struct spread){ 0, 0, 0 };
	if (timeline_add(t, &s))
		exit(1);
}

static const char wanted[] = "pid 42 (prog)\n"
			     "  120 KiB |              hhhhhhhhhhhhhhh\n"
			     "          |              h\n"
			     "          |              h\n"
			     "          |              h\n"
			     "          |              h\n"
			     "   80 KiB |              h\n"
			     "          |              h\n"
			     "          |              h\n"
			     "          |              h\n"
			     "          |              h\n"
			     "   40 KiB |              h\n"
			     "          |              h\n"
			     "          |              h\n"
			     "          |              h\n"
			     "          |mmmmmmmmmmmmmmhmmmmmmmmmmmmmm\n"
			     "  0 bytes |hhhhhhhhhhhhhhhrrrrrrrrrrrrrr\n"
			     "          +-----------------------------\n"
			     "           0.001000 s         0.003000 s\n"
			     "    moves                *\n"
			     "    marks    A\n"
			     "        A 0.001200 s \"go\"\n"
			     "  h heap       least 0 bytes, most 120 KiB, at the end 120 KiB\n"
			     "  m mapped     least 8 KiB, most 8 KiB, at the end 8 KiB\n"
			     "  r resident   least 0 bytes, most 0 bytes, at the end 0 bytes\n"
			     "  c committed  unknown\n"
			     "  moves of the break: + 2, - 1, refused ! 0\n"
			     "\n";

TEST(text)
{
	const struct terminal terminal = { .columns = 40 };
	struct plotted p = { .pid = 42, .comm = "prog" };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	add(&p.timeline, 11 * MS, 0, 8 << 10, 0);
	timeline_mark(&p.timeline, 11 * MS + MS / 5, "go");
	/* Up, down and up again, in one column. */
	add(&p.timeline, 12 * MS, 0, 8 << 10, 0);
	add(&p.timeline, 12 * MS + 1, 120 << 10, 8 << 10, 1);
	p.timeline.v[2].shrinks = 1;
	add(&p.timeline, 12 * MS + 2, 120 << 10, 8 << 10, 1);
	add(&p.timeline, 13 * MS, 120 << 10, 8 << 10, 0);
	plot_text(out, &p, 10 * MS, &terminal);
	fclose(out);
	EXPECT_STREQ(wanted, text);
	free(text);
	free(p.timeline.v);
}

/* One event, no terminal: all edges are the same. */
TEST(one_event)
{
	const struct terminal terminal = {};
	struct plotted p = { .pid = 1, .comm = "x" };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	add(&p.timeline, 5, 0, 0, 0);
	plot_text(out, &p, 5, &terminal);
	fclose(out);
	EXPECT_NE(NULL,
		  strstr(text, "h heap       least 0 bytes, most 0 bytes, at the end 0 bytes\n"));
	free(text);
	free(p.timeline.v);
}

/* Events of another CPU, or a mark after the last event, belong in the picture as well. */
TEST(times_in_disorder)
{
	const struct terminal terminal = { .columns = 40 };
	struct plotted p = { .pid = 1, .comm = "x" };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	uint64_t time;

	for (time = 100 * MS; time > MS; time -= MS)
		add(&p.timeline, time, 4096, 0, 1);
	add(&p.timeline, 200 * MS, 4096, 0, 0);
	for (time = 150 * MS; time > MS; time -= MS)
		add(&p.timeline, time, 4096, 0, 1);
	timeline_mark(&p.timeline, 10000 * MS, "late");
	plot_text(out, &p, 0, &terminal);
	fclose(out);
	EXPECT_NE(NULL, strstr(text, "0.100000 s         0.200000 s\n"));
	EXPECT_NE(NULL, strstr(text, "    marks                              A\n"));
	EXPECT_NE(NULL, strstr(text, "moves of the break: + 248, - 0"));
	free(text);
	free(p.timeline.v);
}

TEST(files)
{
	EXPECT_EQ(0, plot_check("-"));
	EXPECT_EQ(-EINVAL, plot_check("x.pdf"));
	EXPECT_EQ(-EINVAL, plot_check("svg"));
	EXPECT_EQ(-EINVAL, plot_check(""));
	ASSERT_EQ(0, setenv("PATH", "/nowhere", 1));
	EXPECT_EQ(-ENOENT, plot_check("x.svg"));
}

TEST_HARNESS_MAIN
