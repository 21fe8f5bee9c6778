// SPDX-License-Identifier: GPL-2.0
/*
 * How much kernel memory sessions and watches take, without their sockets and rings:
 *	memory
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../module/peer.h"

#define SESSIONS 48
#define WATCHES 2000
#define RING (64 << 10)

/* Unreclaimable slabs, vmalloc and per-CPU memory, in bytes. */
static long taken(void)
{
	static const char *const names[] = { "SUnreclaim: %ld", "VmallocUsed: %ld", "Percpu: %ld" };
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long kib, sum = 0;
	size_t i;

	while (file && fgets(line, sizeof(line), file))
		for (i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (sscanf(line, names[i], &kib) == 1)
				sum += kib << 10;
	if (file)
		fclose(file);
	return sum;
}

static void open_all(struct peer *peers)
{
	int i;

	for (i = 0; i < SESSIONS; i++)
		if (peer_open(&peers[i]))
			exit(2);
}

static int session(struct peer *peer, int follow)
{
	const struct peer_wish wish = { .ring_bytes = RING, .events = ALL_KINDS, .follow = follow };

	return peer_session_as(peer, &wish);
}

/* Bytes per session, and the part of them that the rings of the CPUs take. */
static void sessions(int follow)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF), before;
	struct peer peers[SESSIONS];
	int i;

	open_all(peers);
	before = taken();
	for (i = 0; i < SESSIONS; i++)
		if (session(&peers[i], follow))
			exit(2);
	printf("a session%-31s %8ld bytes\n", follow ? " that follows children" : "",
	       (taken() - before) / SESSIONS - cpus * RING);
	for (i = 0; i < SESSIONS; i++)
		peer_close(&peers[i]);
}

static void watches(void)
{
	static pid_t pids[WATCHES];
	struct peer peer;
	long before;
	int i;

	if (peer_open(&peer) || session(&peer, 0))
		exit(2);
	for (i = 0; i < WATCHES; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			pause();
			_exit(0);
		}
	}
	before = taken();
	for (i = 0; i < WATCHES; i++)
		if (peer_watch(&peer, pids[i], false) < 0)
			exit(2);
	printf("%-40s %8ld bytes\n", "a watch", (taken() - before) / WATCHES);
	for (i = 0; i < WATCHES; i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	peer_close(&peer);
}

int main(void)
{
	struct peer keeper;

	/* An open session keeps the probes, because their memory does not count here. */
	if (peer_open(&keeper) || session(&keeper, 0))
		return 2;
	sessions(0);
	sessions(1);
	watches();
	peer_close(&keeper);
	return 0;
}
