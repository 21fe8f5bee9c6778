// SPDX-License-Identifier: GPL-2.0
#include <pty.h>
#include <stdlib.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "lib/terminal.h"

#define CALL "   0.000001 brk(NULL) = 0x555500000000  "
#define LONG                                                                                      \
	"   0.000002 mmap(NULL, 5001216, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)" \
	" = 0x7f1e7cfa9000  "

static char text[1024];

/* How a line is printed: @call, and its meaning. */
static const char *laid_out(unsigned int columns, bool color, const char *call, const char *meaning)
{
	const struct terminal terminal = { columns, color };
	FILE *out = fmemopen(text, sizeof(text), "w");
	char line[512];

	snprintf(line, sizeof(line), "%s%s", call, meaning);
	terminal_line(&terminal, out, line, strlen(call), PAINT_BAD);
	fclose(out);
	return text;
}

TEST(what_fits)
{
	EXPECT_STREQ(CALL "# heap\n", laid_out(80, false, CALL, "# heap"));
	EXPECT_STREQ(CALL "# 0123456789 123456789 123456789 1234567\n",
		     laid_out(80, false, CALL, "# 0123456789 123456789 123456789 1234567"));
	EXPECT_STREQ("+++ exited +++\n", laid_out(80, false, "", "+++ exited +++"));
	EXPECT_STREQ(LONG "# heap\n", laid_out(0, false, LONG, "# heap"));
}

TEST(what_does_not)
{
	EXPECT_STREQ("   0.000001 brk(NULL) = 0x555500000000\n"
		     "              # 0123456789 123456789 123456789 12345678\n",
		     laid_out(80, false, CALL, "# 0123456789 123456789 123456789 12345678"));
	EXPECT_STREQ(
		"   0.000002 mmap(NULL, 5001216, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS,\n"
		"              -1, 0) = 0x7f1e7cfa9000\n"
		"              # +1221 pages (4884 KiB), anonymous 4884 KiB\n",
		laid_out(80, false, LONG, "# +1221 pages (4884 KiB), anonymous 4884 KiB"));
	/* A column is never narrower than a word. */
	EXPECT_STREQ("   0.000001 brk(NULL)\n              =\n"
		     "              0x555500000000\n              #\n              heap\n",
		     laid_out(10, false, CALL, "# heap"));
}

TEST(wide)
{
	const char *at;

	at = strchr(laid_out(200, false, CALL, "# heap"), '#');
	EXPECT_EQ(100, at - text);
	/* Without a call there is no column. */
	EXPECT_STREQ("   0.000001 +++ exited +++\n",
		     laid_out(200, false, "   0.000001 ", "+++ exited +++"));
	/* The call is too long for the column, but not for the line. */
	EXPECT_STREQ(LONG "# heap\n", laid_out(160, false, LONG, "# heap"));
}

TEST(colors)
{
	EXPECT_STREQ(CALL "\033[31m# heap\033[0m\n", laid_out(0, true, CALL, "# heap"));
	EXPECT_STREQ("\033[31m+++ exited +++\033[0m\n", laid_out(80, true, "", "+++ exited +++"));
}

/* Whether colours are used on this kind of stream. */
static bool has_color(FILE *out, enum terminal_color when, const char *no_color, const char *term)
{
	struct terminal is;

	setenv("NO_COLOR", no_color, 1);
	setenv("TERM", term, 1);
	terminal_of(&is, out, when);
	return is.color;
}

TEST(when_to_color)
{
	const struct winsize size = { .ws_row = 25, .ws_col = 123 };
	FILE *file = tmpfile(), *terminal;
	struct terminal is;
	int ours, theirs;

	ASSERT_EQ(0, openpty(&ours, &theirs, NULL, NULL, &size));
	terminal = fdopen(theirs, "w");
	EXPECT_TRUE(has_color(terminal, COLOR_AUTO, "", "xterm"));
	EXPECT_FALSE(has_color(terminal, COLOR_AUTO, "1", "xterm"));
	EXPECT_FALSE(has_color(terminal, COLOR_AUTO, "", "dumb"));
	EXPECT_FALSE(has_color(terminal, COLOR_NEVER, "", "xterm"));
	EXPECT_TRUE(has_color(terminal, COLOR_ALWAYS, "1", "dumb"));
	EXPECT_FALSE(has_color(file, COLOR_AUTO, "", "xterm"));
	EXPECT_TRUE(has_color(file, COLOR_ALWAYS, "", "xterm"));
	terminal_of(&is, terminal, COLOR_NEVER);
	EXPECT_EQ(123, is.columns);
	EXPECT_FALSE(terminal_is_plain(&is));
	terminal_of(&is, file, COLOR_NEVER);
	EXPECT_TRUE(terminal_is_plain(&is));
	fclose(terminal);
	fclose(file);
	close(ours);
}

TEST_HARNESS_MAIN
