// SPDX-License-Identifier: GPL-2.0
/* Processes that end while they are added to a session. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <netlink/attr.h>

#include "gone_max.h"
#include "kselftest_harness.h"
#include "peer.h"

#define RING_BYTES (1 << 20)

/* The debugging kernel needs four minutes for as many, so BRKWATCH_ADDED may set another amount. */
#define ADDED "3000"
#define SPIN 3000

struct dying {
	atomic_int go;
	int spin;
};

/* Forks a process that exits some time after it sees dying->go. */
static pid_t fork_dying(struct dying *dying)
{
	pid_t pid;
	int i;

	dying->go = 0;
	pid = fork();
	if (pid)
		return pid;
	while (!dying->go)
		;
	for (i = 0; i < dying->spin; i++)
		asm volatile("");
	_exit(0);
}

/* Counts how many of @n children that come and go the session did not follow. */
static uint64_t not_followed(struct peer *peer, int n)
{
	uint64_t before = peer_total(peer, BRKWATCH_A_SESSION_LOST_WATCH);
	pid_t pid;

	while (n--) {
		pid = fork();
		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
		if (peer_watches(peer, NULL, NULL))
			abort();
	}
	return peer_total(peer, BRKWATCH_A_SESSION_LOST_WATCH) - before;
}

FIXTURE(adding)
{
	struct dying *dying;
};

FIXTURE_SETUP(adding)
{
	self->dying = mmap(NULL, sizeof(*self->dying), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->dying);
}

FIXTURE_TEARDOWN(adding)
{
	munmap(self->dying, sizeof(*self->dying));
}

/*
 * A process may exit while it is added: the reader then receives the watch and its end,
 * or neither, and the session goes on following children.
 */
TEST_F_TIMEOUT(adding, exit_while_added, 600)
{
	const struct peer_wish wish = {
		.ring_bytes = RING_BYTES,
		.events = KIND_BIT(EXIT),
		.follow = true,
	};
	const char *amount = getenv("BRKWATCH_ADDED");
	int i, added = atoi(amount ?: ADDED), refused = 0, untold = 0, wrong = 0;
	struct dying *dying = self->dying;
	struct peer peer;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session_as(&peer, &wish));
	for (i = 0; i < added; i++) {
		uint64_t made = peer_total(&peer, BRKWATCH_A_SESSION_MADE);
		pid_t pid;
		int id;

		dying->spin = random() % SPIN;
		pid = fork_dying(dying);
		dying->go = 1;
		id = peer_watch(&peer, pid, false);
		waitpid(pid, NULL, 0);
		made = peer_total(&peer, BRKWATCH_A_SESSION_MADE) - made;
		refused += id < 0;
		wrong += id < 0 && id != -ESRCH;
		untold += made != (id > 0);
		if (i % 50 == 0 && peer_watches(&peer, NULL, NULL))
			abort();
	}
	TH_LOG("of %d watches %d were refused, %d not told as they ended", added, refused, untold);
	EXPECT_EQ(0, untold);
	EXPECT_EQ(0, wrong);
	ASSERT_EQ(0, peer_watches(&peer, NULL, NULL));
	ASSERT_LT(0, peer_watch(&peer, getpid(), false));
	ASSERT_EQ(0, set_gone_max(1));
	EXPECT_EQ(0, not_followed(&peer, 20));
	EXPECT_EQ(0, set_gone_max(4096));
	peer_close(&peer);
}

TEST_HARNESS_MAIN
