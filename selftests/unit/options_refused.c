// SPDX-License-Identifier: GPL-2.0
/* Command lines that the tool refuses. */
#include <stdlib.h>
#include <kselftest_harness.h>

#include "options_fixture.h"

TEST(refused)
{
	struct options o;

	EXPECT_EQ(1, PARSE(&o));
	EXPECT_EQ(1, PARSE(&o, "-C", "--json", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-x", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--nonsense", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--json=yes", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-p"));
	EXPECT_EQ(1, PARSE(&o, "-p", "x"));
	EXPECT_EQ(1, PARSE(&o, "--buffer", "1000", "ls"));
}

TEST(not_together)
{
	/* Each ends with NULL; a number is a process to watch. */
	static const char *const lines[][6] = {
		{ "-a", "ls" },
		{ "-a", "-p", "1" },
		{ "-a", "--map", "-f" },
		{ "-a", "--map", "--duration", "1" },
		{ "-a", "--check" },
		{ "--map", "--check", "ls" },
		{ "--map", "--normalize", "ls" },
		{ "--map", "--json", "--all", "ls" },
		{ "--map", "--json", "-e", "brk", "ls" },
		{ "--map", "--json", "-f", "-p", "1" },
		{ "--map", "--json", "-k", "ls" },
		{ "--check", "-c", "ls" },
		{ "--check", "--normalize", "ls" },
		{ "--check", "-e", "brk", "ls" },
		{ "--map", "--min-size", "1K", "ls" },
		{ "-c", "--failed", "ls" },
		{ "-C", "-c", "ls" },
		{ "-C", "--json", "ls" },
		{ "-C", "--strace", "ls" },
		{ "-C", "--map", "ls" },
		{ "-C", "--check", "ls" },
		{ "-C", "--failed", "ls" },
		{ "-C", "--count", "3", "ls" },
		{ "--map", "-p", "1", "ls" },
		{ "--map", "-f", "-p", "1" },
		{ "--check", "--duration", "1", "ls" },
		{ "--plot", "-", "-c", "ls" },
		{ "--plot", "-", "--json", "ls" },
		{ "--plot", "-", "--map", "ls" },
		{ "--plot", "-", "--normalize", "ls" },
		{ "--plot", "-", "-t", "ls" },
		{ "--plot", "-", "--failed", "ls" },
		{ "--plot", "-", "--count", "3", "ls" },
		{ "--html", "x", "-c", "ls" },
		{ "--html", "x", "-C", "ls" },
		{ "--html", "x", "--json", "ls" },
		{ "--html", "x", "--strace", "ls" },
		{ "--html", "x", "--map", "ls" },
		{ "--html", "x", "--check", "ls" },
		{ "--html", "x", "--plot", "-", "ls" },
		{ "--html", "x", "--normalize", "ls" },
		{ "--html", "x", "--all", "ls" },
		{ "--html", "x", "-T", "ls" },
		{ "--html", "x", "--failed", "ls" },
		{ "--html", "x", "-o", "x", "ls" },
		{ "--html", "x", "-w", "x", "ls" },
		{ "--html", "x", "--read", "x" },
		{ "--top", "-c", "ls" },
		{ "--top", "-C", "ls" },
		{ "--top", "--json", "ls" },
		{ "--top", "--strace", "ls" },
		{ "--top", "--map", "ls" },
		{ "--top", "--check", "ls" },
		{ "--top", "--plot", "-", "ls" },
		{ "--top", "--html", "x", "ls" },
		{ "--top", "--normalize", "ls" },
		{ "--top", "--all", "ls" },
		{ "--top", "-r", "ls" },
		{ "--top", "-e", "brk", "ls" },
		{ "--status", "ls" },
		{ "--status", "-a" },
	};
	size_t i, n;

	for (i = 0; i < N(lines); i++) {
		const char *argv[8] = { "brkwatch" };
		struct options o;

		for (n = 0; lines[i][n]; n++)
			argv[n + 1] = lines[i][n];
		EXPECT_EQ(1, parse(&o, argv))
		{
			TH_LOG("%s %s", lines[i][0], lines[i][1]);
		}
		pidlist_free(&o.pids);
	}
}

TEST_HARNESS_MAIN
