// SPDX-License-Identifier: GPL-2.0
/*
 * How long a process with many mappings waits for its observers:
 *	holds calls [MAPPINGS]	its mmaps, while a reader asks again and again
 *	holds locks [MAPPINGS]	how long its mmap lock is held, once; in instructions,
 *				because a guest's clock counts these with --icount
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <netlink/attr.h>

#include "../module/child.h"
#include "../module/far.h"
#include "../module/peer.h"

#define TRACING "/sys/kernel/tracing/"
#define MAPPINGS 60000
#define CALLS 1000
#define PAUSE_NS 1000000

static int mappings = MAPPINGS;

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/**
 * struct target - the process
 * @child: its process
 * @file: the file that it maps
 * @told: the pipe for its answers
 * @asked: the pipe for requests to it
 */
struct target {
	struct child child;
	int file;
	int told[2];
	int asked[2];
};

/* The median and the longest of its mmaps, in ns. */
struct times {
	uint64_t median;
	uint64_t longest;
};

static struct times map_some(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	static uint64_t took[CALLS];
	int i;

	for (i = 0; i < CALLS; i++) {
		uint64_t begin = now();
		void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		took[i] = now() - begin;
		if (at == MAP_FAILED || munmap(at, 4096))
			fail("mmap");
		nanosleep(&pause, NULL);
	}
	qsort(took, CALLS, sizeof(*took), compare);
	return (struct times){ took[CALLS / 2], took[CALLS - 1] };
}

static int run(void *arg)
{
	struct target *target = arg;
	char *at = (char *)0x200000000000, c;
	int i;

	for (i = 0; i < mappings; i++, at += 8192)
		if (mmap(at, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, target->file,
			 0) == MAP_FAILED)
			fail("mmap of the file");
	if (write(target->told[1], "", 1) != 1)
		return 1;
	while (read(target->asked[0], &c, 1) == 1 && c) {
		struct times times = map_some();

		if (write(target->told[1], &times, sizeof(times)) != sizeof(times))
			return 1;
	}
	return 0;
}

static void ask(struct peer *peer, int cmd, int attr, int watch)
{
	struct nl_msg *msg = peer_request(peer, cmd, NLM_F_DUMP);

	nla_put_u32(msg, attr, watch);
	if (peer_call(peer, msg, NULL, NULL))
		fail(peer->extack);
}

static void open_session(struct peer *peer, const struct target *target)
{
	const struct peer_wish wish = { .ring_bytes = 1 << 16, .stack_bytes = 256 };

	if (peer_open(peer) || peer_session_as(peer, &wish) ||
	    peer_watch(peer, target->child.pid, false) != 1)
		fail(peer->extack);
}

static void look(const struct target *target, int cmd, int attr)
{
	struct peer peer;

	open_session(&peer, target);
	while (true)
		ask(&peer, cmd, attr, 1);
}

/* The process's measurement while a reader asks again and again, or without a reader. */
static void measure(const char *name, struct target *target, int cmd, int attr)
{
	struct times times;
	pid_t reader = -1;

	if (cmd) {
		reader = fork();
		if (!reader)
			look(target, cmd, attr);
	}
	if (write(target->asked[1], "m", 1) != 1 ||
	    read(target->told[0], &times, sizeof(times)) != sizeof(times))
		fail("the process is gone");
	printf("%-40s %8.1f %10.1f\n", name, times.median / 1e3, times.longest / 1e3);
	if (reader > 0) {
		kill(reader, SIGKILL);
		waitpid(reader, NULL, 0);
	}
}

static void write_text(const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", name);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(path);
	close(fd);
}

/* Reads how long the mmap lock was held, from the time stamps of the trace. */
static void read_trace(const char *name)
{
	FILE *file = fopen(TRACING "trace", "r");
	double locked = 0, longest = 0, at;
	char line[512];
	int n = 0;

	if (!file)
		fail(TRACING "trace");
	while (fgets(line, sizeof(line), file)) {
		char *flags = strstr(line, "] ");

		if (!flags || sscanf(flags, "] %*s %lf:", &at) != 1)
			continue;
		if (strstr(line, "acquire_returned: ")) {
			locked = at;
			n++;
		} else if (locked) {
			longest = at - locked > longest ? at - locked : longest;
			locked = 0;
		}
	}
	fclose(file);
	printf("%-40s %8.0f,000, of %d\n", name, longest * 1e6, n);
}

static void trace(const char *name, struct peer *peer, int cmd, int attr)
{
	static const char *const events[] = { "acquire_returned", "released" };
	char path[128], filter[64];
	size_t i;

	snprintf(filter, sizeof(filter), "common_pid == %d", getpid());
	write_text("trace", "");
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "events/mmap_lock/mmap_lock_%s/filter", events[i]);
		write_text(path, filter);
	}
	write_text("events/mmap_lock/enable", "1");
	ask(peer, cmd, attr, 1);
	write_text("events/mmap_lock/enable", "0");
	read_trace(name);
}

#define IMAGES BRKWATCH_CMD_IMAGE_GET, BRKWATCH_A_IMAGE_WATCH
#define SNAPSHOT BRKWATCH_CMD_SNAPSHOT_GET, BRKWATCH_A_AREA_WATCH

int main(int argc, char **argv)
{
	struct target target;
	char path[PATH_MAX], c;
	struct peer peer;

	if (argc < 2)
		return 2;
	if (argc > 2)
		mappings = atoi(argv[2]);
	target.file = far_open(path, PATH_MAX - 200);
	if (target.file < 0 || pipe(target.told) || pipe(target.asked))
		fail("the file");
	target.child = child_fork(run, &target);
	child_go(&target.child);
	if (read(target.told[0], &c, 1) != 1)
		fail("the process");
	open_session(&peer, &target);
	if (!strcmp(argv[1], "calls")) {
		printf("mmap with %d mappings, microseconds      median    longest\n", mappings);
		measure("nobody looks", &target, 0, 0);
		measure("image-get, again and again", &target, IMAGES);
		measure("snapshot-get, again and again", &target, SNAPSHOT);
	} else {
		printf("longest hold, %d mappings, guest instructions\n", mappings);
		trace("image-get", &peer, IMAGES);
		trace("snapshot-get", &peer, SNAPSHOT);
	}
	if (write(target.asked[1], "", 1) != 1)
		return 2;
	far_remove(path);
	return child_wait(&target.child);
}
