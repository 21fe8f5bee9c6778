// SPDX-License-Identifier: GPL-2.0
/* Work that takes too long is left to its thread, and what comes after it is done. */
#include <stdlib.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "run/patience.h"

/* A piece of work: it reads a pipe, and says in another one that it was dropped. */
struct piece {
	int wait;
	int dropped;
	char got;
};

static void work(void *arg)
{
	struct piece *piece = arg;

	if (read(piece->wait, &piece->got, 1) != 1)
		piece->got = 0;
}

static void drop(void *arg)
{
	struct piece *piece = arg;

	if (write(piece->dropped, &piece->got, 1) != 1)
		abort();
	free(piece);
}

static struct piece *make(int wait, int dropped)
{
	struct piece *piece = malloc(sizeof(*piece));

	if (!piece)
		abort();
	*piece = (struct piece){ wait, dropped, 0 };
	return piece;
}

TEST(work_that_ends_and_work_that_does_not)
{
	struct piece *piece;
	int up[2], down[2];
	char got;

	ASSERT_EQ(0, pipe(up));
	ASSERT_EQ(0, pipe(down));
	ASSERT_EQ(1, write(up[1], "a", 1));
	piece = make(up[0], down[1]);
	ASSERT_TRUE(patience_call(work, drop, piece));
	EXPECT_EQ('a', piece->got);
	free(piece);
	/* Nobody writes, so the call returns without it. */
	EXPECT_FALSE(patience_call(work, drop, make(up[0], down[1])));
	/* The thread that still works drops it in the end. */
	ASSERT_EQ(1, write(up[1], "b", 1));
	ASSERT_EQ(1, read(down[0], &got, 1));
	EXPECT_EQ('b', got);
	ASSERT_EQ(1, write(up[1], "c", 1));
	piece = make(up[0], down[1]);
	ASSERT_TRUE(patience_call(work, drop, piece));
	EXPECT_EQ('c', piece->got);
	free(piece);
}

TEST_HARNESS_MAIN
