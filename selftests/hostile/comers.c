// SPDX-License-Identifier: GPL-2.0
/*
 * comers LIST READERS ROUNDS: in each round, all readers open a session at the same time, each with
 * a process that calls, and close it. Each reader must see all calls of its process. When all
 * sessions are closed, LIST, the kernel's list of probes, must be as long as before: the program
 * reports a probe that is missing or left, and exits with status 1.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../module/child.h"
#include "../module/peer.h"

#define CALLS 50
#define LENGTH 0x1001

/* All readers share this. */
struct meeting {
	pthread_barrier_t barrier;
	int probes;
	atomic_int faults;
};

static int count_lines(const char *path)
{
	FILE *file = fopen(path, "re");
	int c, n = 0;

	if (!file)
		return -1;
	while ((c = getc(file)) != EOF)
		n += c == '\n';
	fclose(file);
	return n;
}

static int run_calls(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < CALLS; i++)
		syscall(SYS_munmap, 1, LENGTH);
	return 0;
}

static void count_call(struct nlattr **tb, void *arg)
{
	*(int *)arg += peer_u32(tb, BRKWATCH_A_EVENT_KIND) == BRKWATCH_EVENT_KIND_MUNMAP &&
		       peer_u64(tb, BRKWATCH_A_EVENT_LENGTH) == LENGTH;
}

/* Returns how many calls of its process the session sees, or a negative errno. */
static int watch_one(struct peer *peer, const struct peer_wish *wish)
{
	struct child child = child_fork(run_calls, NULL);
	int err = peer_session_as(peer, wish), seen = 0;

	if (!err)
		err = peer_watch(peer, child.pid, false);
	child_go(&child);
	child_wait(&child);
	if (err >= 0)
		err = peer_drain(peer, count_call, &seen);
	return err < 0 ? err : seen;
}

static bool sees_all(int reader)
{
	const struct peer_wish wish = {
		.ring_bytes = 1 << 16,
		.events = ALL_KINDS,
		.stack_bytes = reader & 1 ? 256 : 0,
		.askers = reader & 4,
		.follow = reader & 2,
	};
	struct peer peer;
	int seen;

	if (peer_open(&peer))
		abort();
	seen = watch_one(&peer, &wish);
	if (seen != CALLS)
		printf("# reader %d sees %d of %d calls %s\n", reader, seen, CALLS, peer.extack);
	peer_close(&peer);
	return seen == CALLS;
}

/* Every other reader opens a second session while the rest close theirs. */
static bool one_round(struct meeting *meeting, int reader, const char *list)
{
	bool good;
	int probes;

	pthread_barrier_wait(&meeting->barrier);
	good = sees_all(reader);
	if (reader & 1)
		good &= sees_all(reader + 1);
	/* The reader that removes the probes has done so before it waits here. */
	pthread_barrier_wait(&meeting->barrier);
	probes = count_lines(list);
	if (probes != meeting->probes)
		printf("# %d probes, there were %d\n", probes, meeting->probes);
	return good && probes == meeting->probes;
}

static void come_and_go(struct meeting *meeting, int reader, int rounds, const char *list)
{
	setlinebuf(stdout);
	while (rounds--)
		if (!one_round(meeting, reader, list))
			atomic_fetch_add(&meeting->faults, 1);
	_exit(0);
}

int main(int argc, char **argv)
{
	struct meeting *meeting = mmap(NULL, sizeof(*meeting), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int readers = argc == 4 ? atoi(argv[2]) : 0, i;
	pthread_barrierattr_t shared;

	if (meeting == MAP_FAILED || readers < 1)
		return 2;
	pthread_barrierattr_init(&shared);
	pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&meeting->barrier, &shared, readers);
	meeting->probes = count_lines(argv[1]);
	for (i = 0; i < readers; i++)
		if (!fork())
			come_and_go(meeting, i, atoi(argv[3]), argv[1]);
	while (wait(NULL) > 0)
		;
	return meeting->faults || meeting->probes < 0;
}
