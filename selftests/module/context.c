// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel decided by: the limits that come with a failed or refused call are those in
 * /proc/self/status, /proc/self/maps and getrlimit(2) right after it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <netlink/attr.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define RING_BYTES (1 << 23)
#define MIB (1UL << 20)
#define MAX_MAP_COUNT "/proc/sys/vm/max_map_count"
#define MAPPINGS 1000
/* The module looks again at what is committed when so much time has passed. */
#define LOOK_NS 1000000
#define NOBODY 65534

/* What a process finds out itself, by attribute; all but the kernel's committed memory. */
struct own {
	uint64_t value[BRKWATCH_A_LIMITS_MAX + 1];
	int err;
};

/* The process that fails may not allocate while it looks, because that changes what it looks at. */
static char text[1 << 18];

static void slurp(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got, n = 0;

	while (fd >= 0 && (got = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += got;
	if (fd < 0 || close(fd))
		_exit(100);
	text[n] = 0;
}

/* The bytes that stand in kB behind a word. */
static uint64_t status(const char *word)
{
	const char *at = strstr(text, word);

	if (!at)
		_exit(101);
	return strtoull(at + strlen(word), NULL, 10) << 10;
}

/* [vsyscall] is no mapping of the process. */
static uint64_t mappings(void)
{
	const char *at;
	uint64_t n = 0;

	slurp("/proc/self/maps");
	for (at = text; (at = strchr(at, '\n')); at++)
		n++;
	return n - !!strstr(text, "[vsyscall]");
}

static uint64_t soft(int limit)
{
	struct rlimit rlimit;

	if (getrlimit(limit, &rlimit))
		_exit(102);
	return rlimit.rlim_cur;
}

/* The fields of this file are counted from 1; the name of the program has no spaces. */
static uint64_t stat_field(int n)
{
	const char *at = text;

	slurp("/proc/self/stat");
	while (--n)
		at = strchr(at, ' ') + 1;
	return strtoull(at, NULL, 10);
}

static void look(struct own *own)
{
	own->value[BRKWATCH_A_LIMITS_STATIC_DATA] = stat_field(46) - stat_field(45);
	slurp("/proc/self/status");
	own->value[BRKWATCH_A_LIMITS_AS] = status("VmSize:");
	own->value[BRKWATCH_A_LIMITS_DATA] = status("VmData:");
	own->value[BRKWATCH_A_LIMITS_LOCKED] = status("VmLck:");
	own->value[BRKWATCH_A_LIMITS_STACK] = status("VmStk:");
	own->value[BRKWATCH_A_LIMITS_MAPPINGS] = mappings();
	own->value[BRKWATCH_A_LIMITS_LIMIT_AS] = soft(RLIMIT_AS);
	own->value[BRKWATCH_A_LIMITS_LIMIT_DATA] = soft(RLIMIT_DATA);
	/* The tests run as root, who may lock any memory. */
	own->value[BRKWATCH_A_LIMITS_LIMIT_MEMLOCK] = geteuid() ? soft(RLIMIT_MEMLOCK) : UINT64_MAX;
	own->value[BRKWATCH_A_LIMITS_LIMIT_STACK] = soft(RLIMIT_STACK);
}

static void limit_to(int limit, uint64_t bytes)
{
	struct rlimit rlimit = { bytes, bytes };

	if (setrlimit(limit, &rlimit))
		_exit(103);
}

static void *map(size_t bytes, int prot)
{
	return mmap(NULL, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Returns the errno of its last call, or 0 for a refused brk. */
typedef int (*fail_fn)(struct own *own);

static int beyond_as(struct own *own)
{
	slurp("/proc/self/status");
	limit_to(RLIMIT_AS, status("VmSize:") + MIB);
	limit_to(RLIMIT_STACK, 16 * MIB);
	return map(2 * MIB, PROT_READ) == MAP_FAILED ? errno : -1;
}

static int beyond_data(struct own *own)
{
	slurp("/proc/self/status");
	limit_to(RLIMIT_DATA, status("VmData:") + MIB);
	return map(2 * MIB, PROT_READ | PROT_WRITE) == MAP_FAILED ? errno : -1;
}

static int brk_beyond_data(struct own *own)
{
	long now = syscall(SYS_brk, 0);

	slurp("/proc/self/status");
	limit_to(RLIMIT_DATA, status("VmData:") + MIB);
	return syscall(SYS_brk, now + 2 * MIB) == now ? 0 : -1;
}

/* Neighbours that differ do not become one mapping. */
static int beyond_map_count(struct own *own)
{
	int i;

	for (i = 0; i < 2 * MAPPINGS; i++)
		if (map(4096, i % 2 ? PROT_READ : PROT_NONE) == MAP_FAILED)
			return errno;
	return -1;
}

static int beyond_memlock(struct own *own)
{
	limit_to(RLIMIT_MEMLOCK, 64 << 10);
	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY) ||
	    mlockall(MCL_FUTURE))
		_exit(104);
	own->value[BRKWATCH_A_LIMITS_LOCK_FUTURE] = 1;
	return map(MIB, PROT_READ | PROT_WRITE) == MAP_FAILED ? errno : -1;
}

static int not_aligned(struct own *own)
{
	return syscall(SYS_munmap, 0x10001, 4096) ? errno : -1;
}

/**
 * struct run - a call that fails in a process of its own
 * @fail: makes it
 * @own: what the process found afterwards, in memory that it shares with the test
 */
struct run {
	fail_fn fail;
	struct own *own;
};

static int run_one(void *arg)
{
	const struct run *run = arg;

	run->own->err = run->fail(run->own);
	look(run->own);
	return 0;
}

/**
 * struct told - what a session received
 * @n: number of events with limits
 * @wrong: events with limits that are no failed or refused calls, or the other way round
 * @error: errno of the last event with limits
 * @value: its limits
 */
struct told {
	int n;
	int wrong;
	uint32_t error;
	uint64_t value[BRKWATCH_A_LIMITS_MAX + 1];
};

static bool has_failed(struct nlattr **tb)
{
	return (tb[BRKWATCH_A_EVENT_ERROR] && peer_u32(tb, BRKWATCH_A_EVENT_ERROR)) ||
	       peer_u32(tb, BRKWATCH_A_EVENT_BRK_KIND) == BRKWATCH_BRK_KIND_REFUSED;
}

static void take_event(struct nlattr **tb, void *arg)
{
	struct nlattr *nest = tb[BRKWATCH_A_EVENT_LIMITS], *limits[BRKWATCH_A_LIMITS_MAX + 1];
	struct told *told = arg;
	int i;

	told->wrong += !nest != !has_failed(tb);
	if (!nest)
		return;
	if (nla_parse_nested(limits, BRKWATCH_A_LIMITS_MAX, nest, NULL))
		abort();
	told->n++;
	told->error = peer_u32(tb, BRKWATCH_A_EVENT_ERROR);
	for (i = 1; i <= BRKWATCH_A_LIMITS_MAX; i++)
		told->value[i] = peer_u64(limits, i);
}

static int begin(struct peer *peer)
{
	const struct peer_wish wish = {
		.ring_bytes = RING_BYTES,
		.events = ALL_KINDS,
		.limits = true,
	};

	return peer_open(peer) ?: peer_session_as(peer, &wish);
}

FIXTURE(limits)
{
	struct peer peer;
	struct own *own;
	struct told told;
	char max_map_count[32];
};

FIXTURE_VARIANT(limits)
{
	fail_fn fail;
	int err;
};

#define LIMIT(name, error)                  \
	FIXTURE_VARIANT_ADD(limits, name)   \
	{                                   \
		.fail = name, .err = error, \
	}

LIMIT(beyond_as, ENOMEM);
LIMIT(beyond_data, ENOMEM);
LIMIT(brk_beyond_data, 0);
LIMIT(beyond_map_count, ENOMEM);
LIMIT(beyond_memlock, EAGAIN);
LIMIT(not_aligned, EINVAL);

static int write_text(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = write(fd, value, strlen(value));

	close(fd);
	return n == strlen(value) ? 0 : -1;
}

FIXTURE_SETUP(limits)
{
	char count[32];

	memset(self, 0, sizeof(*self));
	self->own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->own);
	slurp(MAX_MAP_COUNT);
	memcpy(self->max_map_count, text, sizeof(self->max_map_count) - 1);
	snprintf(count, sizeof(count), "%d", MAPPINGS);
	ASSERT_EQ(0, write_text(MAX_MAP_COUNT, count));
	ASSERT_EQ(0, begin(&self->peer));
}

FIXTURE_TEARDOWN(limits)
{
	peer_close(&self->peer);
	EXPECT_EQ(0, write_text(MAX_MAP_COUNT, self->max_map_count));
}

TEST_F(limits, what_the_process_has)
{
	struct run run = { variant->fail, self->own };
	struct child child = child_fork(run_one, &run);
	int i;

	ASSERT_LT(0, peer_watch(&self->peer, child.pid, false));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
	ASSERT_EQ(variant->err, self->own->err);
	ASSERT_EQ(0, peer_drain(&self->peer, take_event, &self->told));
	ASSERT_EQ(1, self->told.n);
	EXPECT_EQ(0, self->told.wrong);
	EXPECT_EQ(variant->err, self->told.error);
	for (i = 1; i <= BRKWATCH_A_LIMITS_MAX; i++) {
		if (i == BRKWATCH_A_LIMITS_COMMITTED)
			continue;
		EXPECT_EQ(self->own->value[i], self->told.value[i]) TH_LOG("attribute %d", i);
	}
	/* The kernel lets a process have one more. */
	if (variant->fail == beyond_map_count)
		EXPECT_EQ(MAPPINGS + 1, self->told.value[BRKWATCH_A_LIMITS_MAPPINGS]);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Fails until the module must have looked again. */
static int fail_for_a_look(void)
{
	uint64_t since = now();

	do {
		if (!syscall(SYS_munmap, 0x10001, 4096))
			return -1;
	} while (now() - since < 2 * LOOK_NS);
	return 0;
}

static uint64_t committed_in_meminfo(void)
{
	slurp("/proc/meminfo");
	return status("Committed_AS:");
}

TEST(committed)
{
	struct told before = { 0 }, after = { 0 };
	uint64_t meminfo;
	struct peer peer;
	void *memory;

	ASSERT_EQ(0, begin(&peer));
	ASSERT_LT(0, peer_watch(&peer, getpid(), false));
	ASSERT_EQ(0, fail_for_a_look());
	ASSERT_EQ(0, peer_drain(&peer, take_event, &before));
	/* No other process of a guest takes or gives half of that meanwhile. */
	memory = map(64 * MIB, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, memory);
	meminfo = committed_in_meminfo();
	ASSERT_EQ(0, fail_for_a_look());
	ASSERT_EQ(0, peer_drain(&peer, take_event, &after));
	EXPECT_LT(before.value[BRKWATCH_A_LIMITS_COMMITTED] + 32 * MIB,
		  after.value[BRKWATCH_A_LIMITS_COMMITTED]);
	EXPECT_LT(after.value[BRKWATCH_A_LIMITS_COMMITTED], meminfo + 32 * MIB);
	EXPECT_LT(meminfo, after.value[BRKWATCH_A_LIMITS_COMMITTED] + 32 * MIB);
	peer_close(&peer);
}

TEST(without_limits)
{
	struct told told = { 0 };
	struct peer peer;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session(&peer, 4096, ALL_KINDS));
	ASSERT_LT(0, peer_watch(&peer, getpid(), false));
	EXPECT_EQ(EINVAL, not_aligned(NULL));
	ASSERT_EQ(0, peer_drain(&peer, take_event, &told));
	EXPECT_EQ(0, told.n);
	EXPECT_EQ(1, told.wrong);
	peer_close(&peer);
}

TEST_HARNESS_MAIN
