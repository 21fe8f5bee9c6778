// SPDX-License-Identifier: GPL-2.0
/*
 * Failed calls by call and errno must equal the process's own count of the errnos that its
 * calls returned, in a table that is smaller than the number of pairs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define TINY 4096
#define PAGE 4096UL
#define SEED 20261130
#define CALLS 5000
#define PAIRS_MAX 64
/* What the protocol says of the set of attributes "refusals". */
#define TOLD_PAIRS 15

/**
 * struct pair - failed calls of one kind with one errno
 * @kind: enum brkwatch_event_kind
 * @error: the errno
 * @calls: how many
 */
struct pair {
	uint32_t kind;
	uint32_t error;
	uint64_t calls;
};

/**
 * struct own - what the process has counted, in memory that it shares with the test
 * @v: pairs in the order in which the first of each came
 * @n: how many pairs
 * @refused: refused calls of brk
 */
struct own {
	struct pair v[PAIRS_MAX];
	size_t n;
	uint64_t refused;
};

/* What the calls need: a file, a folder, a file that nobody may write to, memory and a hole. */
struct props {
	int file;
	int folder;
	char *shared;
	char *memory;
	char *hole;
};

static struct own *own;
static int calls_of_each;

static struct props props_new(void)
{
	struct props p = {
		.file = open("/proc/self/exe", O_RDONLY),
		.folder = open("/", O_RDONLY | O_DIRECTORY),
		.memory = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	};

	p.shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, p.file, 0);
	p.hole = p.memory + 2 * PAGE;
	if (p.file < 0 || p.folder < 0 || p.memory == MAP_FAILED || p.shared == MAP_FAILED ||
	    munmap(p.hole, PAGE))
		abort();
	return p;
}

static bool fails_mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	return mmap(addr, length, prot, flags, fd, offset) == MAP_FAILED;
}

#define PRIVATE MAP_PRIVATE
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* Make a call that fails; each case has another pair of call and errno. */
static bool fail(const struct props *p, unsigned int which, uint32_t *kind)
{
	*kind = BRKWATCH_EVENT_KIND_MMAP;
	switch (which) {
	case 0:
		return fails_mmap(NULL, 0, PROT_READ, ANONYMOUS, -1, 0);
	case 1:
		return fails_mmap(NULL, PAGE, PROT_READ, PRIVATE, 99, 0);
	case 2:
		return fails_mmap(NULL, 1UL << 60, PROT_READ, ANONYMOUS, -1, 0);
	case 3:
		return fails_mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, p->file, 0);
	case 4:
		return fails_mmap(NULL, PAGE, PROT_READ, PRIVATE, p->folder, 0);
	case 5:
		return fails_mmap(p->memory, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
				  0);
	case 6:
		return fails_mmap(NULL, 2 * PAGE, PROT_READ, PRIVATE, p->file,
				  INT64_MAX & ~(PAGE - 1));
	case 7:
		*kind = BRKWATCH_EVENT_KIND_MUNMAP;
		return munmap(p->memory + 1, PAGE);
	case 8:
		*kind = BRKWATCH_EVENT_KIND_MPROTECT;
		return mprotect(p->memory + 1, PAGE, PROT_READ);
	case 9:
		*kind = BRKWATCH_EVENT_KIND_MPROTECT;
		return mprotect(p->hole, PAGE, PROT_READ);
	case 10:
		*kind = BRKWATCH_EVENT_KIND_MPROTECT;
		return mprotect(p->shared, PAGE, PROT_READ | PROT_WRITE);
	case 11:
		*kind = BRKWATCH_EVENT_KIND_MREMAP;
		return mremap(p->memory + 1, PAGE, 2 * PAGE, 0) == MAP_FAILED;
	case 12:
		*kind = BRKWATCH_EVENT_KIND_MREMAP;
		return mremap(p->hole, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED;
	case 13:
		*kind = BRKWATCH_EVENT_KIND_MREMAP;
		return mremap(p->memory, PAGE, 1UL << 60, MREMAP_MAYMOVE) == MAP_FAILED;
	case 14:
		*kind = BRKWATCH_EVENT_KIND_MADVISE;
		return madvise(p->memory + 1, PAGE, MADV_NORMAL);
	case 15:
		*kind = BRKWATCH_EVENT_KIND_MADVISE;
		return madvise(p->hole, PAGE, MADV_NORMAL);
	case 16:
		*kind = BRKWATCH_EVENT_KIND_SHMAT;
		return shmat(-1, NULL, 0) == (void *)-1;
	default:
		*kind = BRKWATCH_EVENT_KIND_SHMDT;
		return shmdt(p->memory + 1);
	}
}

#define WAYS 18

static void count_own(uint32_t kind, uint32_t error)
{
	size_t i;

	for (i = 0; i < own->n; i++)
		if (own->v[i].kind == kind && own->v[i].error == error)
			break;
	if (i == PAIRS_MAX)
		abort();
	if (i == own->n)
		own->v[own->n++] = (struct pair){ .kind = kind, .error = error };
	own->v[i].calls++;
}

static void fail_and_count(const struct props *p, unsigned int which)
{
	uint32_t kind;

	if (!fail(p, which, &kind))
		abort();
	count_own(kind, errno);
}

/* Each way in its order, so that the test can tell the pairs that came first; then any. */
static int fail_often(void *arg)
{
	const struct props p = props_new();
	unsigned int i, n;

	(void)arg;
	for (i = 0; i < WAYS; i++)
		for (n = 0; n < (unsigned int)calls_of_each; n++)
			fail_and_count(&p, i);
	srandom(SEED);
	for (i = 0; i < CALLS; i++) {
		unsigned int which = random() % (WAYS + 1);

		if (which < WAYS) {
			fail_and_count(&p, which);
		} else {
			/* A refused call returns the old break, and no errno. */
			syscall(SYS_brk, 1);
			own->refused++;
		}
	}
	return 0;
}

static int succeed(void *arg)
{
	(void)arg;
	props_new();
	return 0;
}

/**
 * struct told - what the module told of a process
 * @peer: the reader
 * @v: pairs, in the order of the message
 * @n: how many pairs
 * @others: calls without a pair
 * @failed: sum of the counters of failed calls, without refused calls of brk
 * @refused: refused calls of brk
 * @messages: how many processes
 */
struct told {
	struct peer peer;
	struct pair v[PAIRS_MAX];
	size_t n;
	uint64_t others;
	uint64_t failed;
	uint64_t refused;
	int messages;
};

static void take_entry(struct told *told, struct nlattr *nest)
{
	struct nlattr *in[BRKWATCH_A_REFUSALS_MAX + 1];

	if (nla_parse_nested(in, BRKWATCH_A_REFUSALS_MAX, nest, NULL) ||
	    !in[BRKWATCH_A_REFUSALS_ERRNO] || !in[BRKWATCH_A_REFUSALS_CALLS] ||
	    told->n == PAIRS_MAX)
		abort();
	if (!in[BRKWATCH_A_REFUSALS_KIND]) {
		if (nla_get_u32(in[BRKWATCH_A_REFUSALS_ERRNO]))
			abort();
		told->others += nla_get_u64(in[BRKWATCH_A_REFUSALS_CALLS]);
		return;
	}
	told->v[told->n++] = (struct pair){
		.kind = nla_get_u32(in[BRKWATCH_A_REFUSALS_KIND]),
		.error = nla_get_u32(in[BRKWATCH_A_REFUSALS_ERRNO]),
		.calls = nla_get_u64(in[BRKWATCH_A_REFUSALS_CALLS]),
	};
}

static void take(struct nlattr **tb, void *arg)
{
	static const int failures[] = {
		BRKWATCH_A_WATCH_MMAP_FAILED,	 BRKWATCH_A_WATCH_MUNMAP_FAILED,
		BRKWATCH_A_WATCH_MREMAP_FAILED,	 BRKWATCH_A_WATCH_MPROTECT_FAILED,
		BRKWATCH_A_WATCH_MADVISE_FAILED, BRKWATCH_A_WATCH_SHMAT_FAILED,
		BRKWATCH_A_WATCH_SHMDT_FAILED,
	};
	struct told *told = arg;
	struct nlattr *nla;
	size_t i;
	int rem;

	nlmsg_for_each_attr(nla, told->peer.answer, GENL_HDRLEN, rem)
		if (nla_type(nla) == BRKWATCH_A_WATCH_REFUSALS)
			take_entry(told, nla);
	for (i = 0; i < sizeof(failures) / sizeof(*failures); i++)
		told->failed += peer_u64(tb, failures[i]);
	told->refused = peer_u64(tb, BRKWATCH_A_WATCH_BRK_REFUSED);
	told->messages++;
}

FIXTURE(refusals)
{
	struct told told;
};

FIXTURE_SETUP(refusals)
{
	memset(&self->told, 0, sizeof(self->told));
	own = mmap(NULL, sizeof(*own), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, own);
	ASSERT_EQ(0, peer_open(&self->told.peer));
	ASSERT_EQ(0, peer_session(&self->told.peer, TINY, 0));
}

FIXTURE_TEARDOWN(refusals)
{
	peer_close(&self->told.peer);
}

/* Takes what the module tells of a child that runs this. */
static int tell(struct told *told, int (*run)(void *arg))
{
	struct child child = child_fork(run, NULL);

	if (peer_watch(&told->peer, child.pid, false) != 1)
		return -1;
	child_go(&child);
	if (child_wait(&child))
		return -1;
	return peer_watches(&told->peer, take, told);
}

TEST_F(refusals, equal_own_count)
{
	const struct told *told = &self->told;
	uint64_t others = 0;
	size_t i;

	TH_LOG("seed %d", SEED);
	calls_of_each = 3;
	ASSERT_EQ(0, tell(&self->told, fail_often));
	ASSERT_EQ(1, told->messages);
	ASSERT_LT(TOLD_PAIRS, own->n);
	ASSERT_EQ(TOLD_PAIRS, told->n);
	for (i = 0; i < TOLD_PAIRS; i++) {
		EXPECT_EQ(own->v[i].kind, told->v[i].kind) TH_LOG("pair %zu", i);
		EXPECT_EQ(own->v[i].error, told->v[i].error) TH_LOG("pair %zu", i);
		EXPECT_EQ(own->v[i].calls, told->v[i].calls) TH_LOG("pair %zu", i);
	}
	for (; i < own->n; i++)
		others += own->v[i].calls;
	EXPECT_EQ(others, told->others);
	/* Refused calls of brk have no errno, so they have no entry. */
	EXPECT_EQ(own->refused, told->refused);
}

TEST_F(refusals, sum_is_the_failures)
{
	const struct told *told = &self->told;
	uint64_t sum = 0;
	size_t i;

	calls_of_each = 1;
	ASSERT_EQ(0, tell(&self->told, fail_often));
	for (i = 0; i < told->n; i++)
		sum += told->v[i].calls;
	EXPECT_EQ(told->failed, sum + told->others);
}

TEST_F(refusals, none)
{
	ASSERT_EQ(0, tell(&self->told, succeed));
	ASSERT_EQ(1, self->told.messages);
	EXPECT_EQ(0, self->told.n);
	EXPECT_EQ(0, self->told.others);
}

TEST_HARNESS_MAIN
