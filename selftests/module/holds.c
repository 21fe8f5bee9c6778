// SPDX-License-Identifier: GPL-2.0
/*
 * How long does a reader keep a process from changing its address space? The kernel's own
 * tracepoints must show that the module holds the mmap lock for at most 256 mappings at
 * a time and allocates nothing meanwhile. Only a snapshot has to be one hold. The memory
 * that a request takes does not grow with the process.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <netlink/attr.h>

#include "child.h"
#include "far.h"
#include "kselftest_harness.h"
#include "peer.h"

#define TRACING "/sys/kernel/tracing/"
#define LOCKED "mmap_lock_acquire_returned: "
#define UNLOCKED "mmap_lock_released: "
/* So many mappings have code; as many beside them have none, so the module omits them. */
#define MAPPINGS 3000
#define HOLD_MAX 256
#define GROWTH_MAX_KIB 4096

static void write_text(const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		perror(path);
		abort();
	}
	close(fd);
}

static const char *const events[] = {
	"mmap_lock/mmap_lock_acquire_returned",
	"mmap_lock/mmap_lock_released",
	"kmem/kmalloc",
	"kmem/kmem_cache_alloc",
};

/* Traces only these two processes, from now on. */
static void trace_on(pid_t one, pid_t other)
{
	char name[128], filter[64];
	size_t i;

	snprintf(filter, sizeof(filter), "common_pid == %d || common_pid == %d", one, other);
	write_text("trace", "");
	for (i = 0; i < sizeof(events) / sizeof(*events); i++) {
		snprintf(name, sizeof(name), "events/%s/filter", events[i]);
		write_text(name, filter);
		snprintf(name, sizeof(name), "events/%s/enable", events[i]);
		write_text(name, "1");
	}
}

static void trace_off(void)
{
	char name[128];
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(*events); i++) {
		snprintf(name, sizeof(name), "events/%s/enable", events[i]);
		write_text(name, "0");
		snprintf(name, sizeof(name), "events/%s/filter", events[i]);
		write_text(name, "0");
	}
}

/**
 * struct holds - what the trace shows of a process's mmap lock
 * @n: number of times that the reader took the lock
 * @allocations: number of allocations that the reader made while it held the lock
 */
struct holds {
	int n;
	int allocations;
};

static bool is_of(const char *line, pid_t pid)
{
	char task[16];

	snprintf(task, sizeof(task), "-%d ", pid);
	return strstr(line, task);
}

/* The letter is "." outside of interrupts: only such lines are the task's own. */
static bool is_own(const char *line)
{
	const char *flags = strstr(line, "] ");

	return flags && flags[4] == '.';
}

/* A process locks only its own address space, so its lines name the lock to look for. */
static struct holds trace_read(pid_t reader, pid_t process)
{
	FILE *file = fopen(TRACING "trace", "re");
	char line[512], mm[64] = "none";
	struct holds holds = {};
	bool held = false;

	if (!file)
		abort();
	while (fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, "mm=");

		if (at && is_of(line, process)) {
			snprintf(mm, sizeof(mm), "%.*s", (int)strcspn(at, " "), at);
		} else if (is_of(line, reader) && strstr(line, mm)) {
			held = strstr(line, LOCKED);
			holds.n += held;
		} else if (is_of(line, reader) && held && is_own(line) &&
			   strstr(line, "call_site=")) {
			holds.allocations++;
		}
	}
	fclose(file);
	return holds;
}

static int map_many(void *arg)
{
	const int *told = arg;
	char *at = (char *)0x200000000000, c;
	int i;

	for (i = 0; i < MAPPINGS; i++, at += 3 * 4096) {
		if (mmap(at, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, told[2], 0) ==
			    MAP_FAILED ||
		    mmap(at + 4096, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			 0) == MAP_FAILED)
			return 1;
	}
	return write(told[1], "", 1) != 1 || read(told[3], &c, 1) != 1;
}

FIXTURE(holds)
{
	struct peer peer;
	struct child child;
	char path[PATH_MAX];
	int watch;
	int go;
};

FIXTURE_SETUP(holds)
{
	const struct peer_wish wish = { .ring_bytes = 1 << 16, .stack_bytes = 256 };
	int ready[2], go[2], told[4];
	char c;

	ASSERT_EQ(0, peer_open(&self->peer));
	ASSERT_EQ(0, peer_session_as(&self->peer, &wish));
	ASSERT_EQ(0, pipe(ready) | pipe(go));
	told[1] = ready[1];
	told[2] = far_open(self->path, PATH_MAX - 200);
	told[3] = go[0];
	ASSERT_LE(0, told[2]);
	self->go = go[1];
	self->child = child_fork(map_many, told);
	trace_on(getpid(), self->child.pid);
	child_go(&self->child);
	ASSERT_EQ(1, read(ready[0], &c, 1));
	self->watch = peer_watch(&self->peer, self->child.pid, false);
	ASSERT_LT(0, self->watch);
}

FIXTURE_TEARDOWN(holds)
{
	trace_off();
	if (write(self->go, "", 1) == 1)
		EXPECT_EQ(0, child_wait(&self->child));
	peer_close(&self->peer);
	far_remove(self->path);
}

static struct nl_msg *request(struct peer *peer, int cmd, int attr, uint32_t watch)
{
	struct nl_msg *msg = peer_request(peer, cmd, NLM_F_DUMP);

	nla_put_u32(msg, attr, watch);
	return msg;
}

/* Counts how often the reader has taken the lock by now. */
static int holds_before(struct peer *peer, const struct child *child)
{
	return trace_read(getpid(), child->pid).n;
}

static long slab_kib(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	long kib = -1;

	while (file && kib < 0 && fgets(line, sizeof(line), file))
		sscanf(line, "SUnreclaim: %ld", &kib);
	if (file)
		fclose(file);
	return kib;
}

/**
 * struct images - what image-get returned
 * @n: number of images of the file with the long path
 * @last_end: address behind the last image
 * @last_time: time at which the module noted the last image
 * @moments: number of different times
 * @together: number of images noted at @last_time
 * @most: largest number of images noted at one time
 * @slab: KiB of slab before the request
 * @growth: KiB that slab had grown by the first answer
 */
struct images {
	int n;
	uint64_t last_end;
	uint64_t last_time;
	int moments;
	int together;
	int most;
	long slab;
	long growth;
};

static void take_image(struct nlattr **tb, void *arg)
{
	struct images *images = arg;
	uint64_t time = peer_u64(tb, BRKWATCH_A_IMAGE_TIME);

	if (peer_u64(tb, BRKWATCH_A_IMAGE_START) < images->last_end)
		abort();
	images->last_end = peer_u64(tb, BRKWATCH_A_IMAGE_END);
	if (!images->moments)
		images->growth = slab_kib() - images->slab;
	if (time != images->last_time) {
		images->moments++;
		images->together = 0;
	}
	images->last_time = time;
	if (++images->together > images->most)
		images->most = images->together;
	images->n += nla_len(tb[BRKWATCH_A_IMAGE_PATH]) > PATH_MAX / 2;
}

TEST_F_TIMEOUT(holds, of_images, 300)
{
	struct images images = { .slab = slab_kib() };
	int before = holds_before(&self->peer, &self->child);
	struct holds holds;

	ASSERT_EQ(0, peer_call(&self->peer,
			       request(&self->peer, BRKWATCH_CMD_IMAGE_GET, BRKWATCH_A_IMAGE_WATCH,
				       self->watch),
			       take_image, &images));
	holds = trace_read(getpid(), self->child.pid);
	holds.n -= before;
	printf("# %d holds, %d moments, at most %d images at one, %d allocations, %+ld KiB\n",
	       holds.n, images.moments, images.most, holds.allocations, images.growth);
	EXPECT_EQ(MAPPINGS, images.n);
	EXPECT_LE(2 * MAPPINGS, holds.n * HOLD_MAX);
	EXPECT_GE(holds.n, images.moments);
	EXPECT_GE(HOLD_MAX, images.most);
	EXPECT_EQ(0, holds.allocations);
	EXPECT_GT(GROWTH_MAX_KIB, images.growth);
}

static void take_area(struct nlattr **tb, void *arg)
{
	*(int *)arg += !!tb[BRKWATCH_A_AREA_START];
}

TEST_F_TIMEOUT(holds, of_a_snapshot, 300)
{
	int before = holds_before(&self->peer, &self->child), areas = 0;
	struct holds holds;

	ASSERT_EQ(0, peer_call(&self->peer,
			       request(&self->peer, BRKWATCH_CMD_SNAPSHOT_GET,
				       BRKWATCH_A_AREA_WATCH, self->watch),
			       take_area, &areas));
	holds = trace_read(getpid(), self->child.pid);
	EXPECT_LT(2 * MAPPINGS, areas);
	EXPECT_EQ(1, holds.n - before);
	EXPECT_EQ(0, holds.allocations);
}

TEST_HARNESS_MAIN
