/* SPDX-License-Identifier: GPL-2.0 */
/* Two sessions, and three processes to watch in them. */
#ifndef SESSIONS_H
#define SESSIONS_H

#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <netlink/attr.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define RING_BYTES (1 << 20)

/* The length that a process passes to munmap() identifies it; the call always fails. */
struct calls {
	uint64_t length;
	int count;
};

static inline int run_calls(void *arg)
{
	const struct calls *calls = arg;
	int i;

	for (i = 0; i < calls->count; i++)
		syscall(SYS_munmap, 1, calls->length);
	return 7;
}

/* Counts what a drain brought: events of each length, and of no known one. */
struct seen {
	uint64_t length[3];
	int calls[3];
	int exits;
	int others;
	uint32_t kinds;
};

static inline void take_event(struct nlattr **tb, void *arg)
{
	uint32_t kind = peer_u32(tb, BRKWATCH_A_EVENT_KIND);
	struct seen *seen = arg;
	int i;

	seen->kinds |= 1U << kind;
	if (kind == BRKWATCH_EVENT_KIND_EXIT) {
		seen->exits++;
		return;
	}
	for (i = 0; i < 3; i++) {
		if (kind == BRKWATCH_EVENT_KIND_MUNMAP &&
		    peer_u64(tb, BRKWATCH_A_EVENT_LENGTH) == seen->length[i]) {
			seen->calls[i]++;
			return;
		}
	}
	seen->others++;
}

FIXTURE(sessions)
{
	struct peer peer[2];
	struct calls calls[3];
	struct child child[3];
	struct seen seen[2];
};

FIXTURE_SETUP(sessions)
{
	int i, j;

	memset(self->seen, 0, sizeof(self->seen));
	for (i = 0; i < 3; i++) {
		self->calls[i] = (struct calls){ .length = 0x1001 + i, .count = 100 * (i + 1) };
		self->child[i] = child_fork(run_calls, &self->calls[i]);
		for (j = 0; j < 2; j++)
			self->seen[j].length[i] = self->calls[i].length;
	}
	for (j = 0; j < 2; j++) {
		ASSERT_EQ(0, peer_open(&self->peer[j]));
		ASSERT_EQ(0, peer_session(&self->peer[j], RING_BYTES, ALL_KINDS));
	}
}

FIXTURE_TEARDOWN(sessions)
{
	peer_close(&self->peer[0]);
	peer_close(&self->peer[1]);
}

static inline void run_all(struct child *child)
{
	int i;

	for (i = 0; i < 3; i++)
		child_go(&child[i]);
	for (i = 0; i < 3; i++)
		child_wait(&child[i]);
}

#endif
