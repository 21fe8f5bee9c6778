// SPDX-License-Identifier: GPL-2.0
/* Lines of text on a terminal: how wide, and in which colour. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/terminal.h"

/* From this width on, calls and their meaning stand side by side, the meaning in this column. */
#define WIDE 160
#define MEANING_COLUMN 100
/* Continued text stands behind the time and below the call. */
#define INDENT 14

static bool wants_color(enum terminal_color when, bool terminal)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	return terminal && !(no_color && *no_color) && !(term && !strcmp(term, "dumb"));
}

void terminal_of(struct terminal *terminal, FILE *out, enum terminal_color when)
{
	terminal_measure(terminal, out);
	terminal->color = wants_color(when, isatty(fileno(out)));
}

void terminal_measure(struct terminal *terminal, FILE *out)
{
	struct winsize size;

	terminal->columns = ioctl(fileno(out), TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

bool terminal_is_plain(const struct terminal *terminal)
{
	return !terminal->columns && !terminal->color;
}

static void begin_paint(const struct terminal *terminal, FILE *out, enum paint paint)
{
	/* A terminal with any background shows these SGR codes well. */
	static const char *const codes[] = {
		[PAINT_PLAIN] = "2", [PAINT_MORE] = "32", [PAINT_LESS] = "36",
		[PAINT_BAD] = "31",  [PAINT_STEP] = "33",
	};

	if (terminal->color)
		fprintf(out, "\033[%sm", codes[paint]);
}

static void end_paint(const struct terminal *terminal, FILE *out)
{
	if (terminal->color)
		fputs("\033[0m", out);
}

/* Writes word by word from column at. Returns the column behind the last. */
static size_t put_words(const struct terminal *terminal, FILE *out, const char *text, size_t n,
			size_t at)
{
	while (n) {
		size_t blanks = strspn(text, " ");
		size_t word = blanks < n ? strcspn(text + blanks, " ") : 0;

		blanks = blanks < n ? blanks : n;
		word = word < n - blanks ? word : n - blanks;
		if (terminal->columns && at > INDENT && at + blanks + word > terminal->columns) {
			fprintf(out, "\n%*s", INDENT, "");
			at = INDENT;
		} else {
			fprintf(out, "%*s", (int)blanks, "");
			at += blanks;
		}
		fprintf(out, "%.*s", (int)word, text + blanks);
		at += word;
		text += blanks + word;
		n -= blanks + word;
	}
	return at;
}

static size_t trimmed(const char *text, size_t n)
{
	while (n && text[n - 1] == ' ')
		n--;
	return n;
}

void terminal_line(const struct terminal *terminal, FILE *out, const char *line, size_t at,
		   enum paint paint)
{
	size_t call = trimmed(line, at), meaning = strlen(line + at);
	size_t gap = at - call;
	size_t column;

	column = put_words(terminal, out, line, call, 0);
	if (terminal->columns >= WIDE && line[at] == '#' && column < MEANING_COLUMN)
		gap = MEANING_COLUMN - column;
	if (meaning && terminal->columns && column + gap + meaning > terminal->columns && call) {
		fprintf(out, "\n%*s", INDENT, "");
		column = INDENT;
	} else if (meaning) {
		fprintf(out, "%*s", (int)gap, "");
		column += gap;
	}
	begin_paint(terminal, out, paint);
	put_words(terminal, out, line + at, meaning, column);
	end_paint(terminal, out);
	fputc('\n', out);
}
