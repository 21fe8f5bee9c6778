// SPDX-License-Identifier: GPL-2.0
/*
 * No process dies because it is watched: the kernel does not charge what the process notes
 * for a reader to its control group. The group has 1 MiB to spare; 4 MiB wait for the reader.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "far.h"
#include "kselftest_harness.h"
#include "peer.h"

#define ROOT "/sys/fs/cgroup/"
#define GROUP ROOT "brkwatch-limit/"
#define USED (20 << 20)
#define SPARE (1 << 20)
#define MAPPINGS 3000

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	close(fd);
	return n < 0;
}

/* Reads the number behind a word in a file of the group; "" reads the first number. */
static long number(const char *path, const char *word)
{
	FILE *file = fopen(path, "re");
	char line[128];
	long found = -1;

	while (file && found < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, word, strlen(word)))
			found = atol(line + strlen(word));
	if (file)
		fclose(file);
	return found;
}

/* The program enters the group before the limit is set, and maps code only afterwards. */
struct program {
	int file;
	int ready[2];
	int go[2];
};

static int run(void *arg)
{
	struct program *program = arg;
	char *used, c;
	int i;

	if (write_text(GROUP "cgroup.procs", "0"))
		return 2;
	used = mmap(NULL, USED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (used == MAP_FAILED)
		return 3;
	memset(used, 1, USED);
	if (write(program->ready[1], "", 1) != 1 || read(program->go[0], &c, 1) != 1)
		return 4;
	for (i = 0; i < MAPPINGS; i++) {
		void *addr = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, program->file, 0);

		if (addr == MAP_FAILED || munmap(addr, 4096))
			return 5;
	}
	return 0;
}

FIXTURE(limit)
{
	struct program program;
	struct child child;
	char path[PATH_MAX];
};

FIXTURE_SETUP(limit)
{
	char limit[32], c;

	if (write_text(ROOT "cgroup.subtree_control", "+memory"))
		SKIP(return, "no memory controller of cgroup v2");
	mkdir(GROUP, 0755);
	ASSERT_EQ(0, write_text(GROUP "memory.max", "max"));
	self->program.file = far_open(self->path, PATH_MAX - 200);
	ASSERT_LE(0, self->program.file);
	ASSERT_EQ(0, pipe(self->program.ready) | pipe(self->program.go));
	self->child = child_fork(run, &self->program);
	child_go(&self->child);
	ASSERT_EQ(1, read(self->program.ready[0], &c, 1));
	snprintf(limit, sizeof(limit), "%ld", number(GROUP "memory.current", "") + SPARE);
	ASSERT_EQ(0, write_text(GROUP "memory.max", limit));
}

FIXTURE_TEARDOWN(limit)
{
	far_remove(self->path);
	rmdir(GROUP);
}

static void go_and_live(struct __test_metadata *_metadata, FIXTURE_DATA(limit) * self)
{
	ASSERT_EQ(1, write(self->program.go[1], "", 1));
	EXPECT_EQ(0, child_wait(&self->child));
	EXPECT_EQ(0, number(GROUP "memory.events", "oom_kill "));
}

TEST_F_TIMEOUT(limit, unwatched, 300)
{
	go_and_live(_metadata, self);
}

static void count_message(struct nlattr **tb, void *arg)
{
	++*(int *)arg;
}

TEST_F_TIMEOUT(limit, watched_with_stacks, 300)
{
	const struct peer_wish wish = { .ring_bytes = 1 << 16,
					.events = ALL_KINDS,
					.stack_bytes = 256 };
	struct peer peer;
	int told = 0;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session_as(&peer, &wish));
	ASSERT_LT(0, peer_watch(&peer, self->child.pid, false));
	go_and_live(_metadata, self);
	/* More images come than may wait, so the module returns or counts each. */
	ASSERT_EQ(0, peer_call(&peer, peer_request(&peer, BRKWATCH_CMD_IMAGE_GET, NLM_F_DUMP),
			       count_message, &told));
	EXPECT_LT(0, told);
	EXPECT_GT(MAPPINGS, told);
	EXPECT_EQ(MAPPINGS, told + peer_total(&peer, BRKWATCH_A_SESSION_LOST_IMAGE));
	peer_close(&peer);
}

TEST_HARNESS_MAIN
