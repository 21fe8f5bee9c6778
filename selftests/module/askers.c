// SPDX-License-Identifier: GPL-2.0
/*
 * Who asked: a session with askers receives with each call where it came from and what lay at the
 * stack pointer. The test makes its calls itself, so that it knows both.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <netlink/attr.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define RING_BYTES (1 << 20)
#define PAGE 4096
/* Words that come with a brk, and with one that limits come with as well. */
#define BRK_WORDS 14
#define BRK_WORDS_BESIDE_LIMITS 5
/* An address that is not aligned, so that the kernel refuses to unmap it and tests find the call. */
#define OURS 0x10001
#define LIFECYCLE                                                              \
	(KIND_BIT(CLONE) | KIND_BIT(EXEC) | KIND_BIT(EXIT) | KIND_BIT(FAULT) | \
	 KIND_BIT(SNAPSHOT) | KIND_BIT(LEAVE) | KIND_BIT(MARK))

/**
 * struct told - what came with the calls from one place
 * @ip: the place
 * @events: number of calls from there
 * @kind: kind of the last one
 * @n: words that came with it
 * @words: its words
 * @limits: it had limits
 */
struct told {
	uint64_t ip;
	int events;
	uint32_t kind;
	size_t n;
	uint64_t words[16];
	bool limits;
};

static void take_event(struct nlattr **tb, void *arg)
{
	struct nlattr *asker = tb[BRKWATCH_A_EVENT_ASKER];
	struct told *told = arg;

	if (peer_u64(tb, BRKWATCH_A_EVENT_IP) != told->ip)
		return;
	told->events++;
	told->kind = peer_u32(tb, BRKWATCH_A_EVENT_KIND);
	told->limits = tb[BRKWATCH_A_EVENT_LIMITS];
	told->n = asker ? nla_len(asker) / sizeof(*told->words) : 0;
	if (told->n * sizeof(*told->words) > sizeof(told->words))
		abort();
	if (asker)
		memcpy(told->words, nla_data(asker), nla_len(asker));
}

static int begin(struct peer *peer, const struct peer_wish *wish)
{
	int err = peer_open(peer);

	err = err ?: peer_session_as(peer, wish);
	return err ?: peer_watch(peer, getpid(), false);
}

/* Makes a call with the stack pointer elsewhere; sets the address at which it comes back. */
static __attribute__((noinline)) long call_at(const void *stack, long number, const long arg[6],
					      uint64_t *back)
{
	register long r10 asm("r10") = arg[3];
	register long r8 asm("r8") = arg[4];
	register long r9 asm("r9") = arg[5];
	uint64_t ip, old;
	long result = number;

	asm volatile("mov %%rsp, %[old]\n\t"
		     "mov %[stack], %%rsp\n\t"
		     "syscall\n"
		     "1:\n\t"
		     "mov %[old], %%rsp\n\t"
		     "lea 1b(%%rip), %[ip]\n\t"
		     : [ip] "=&r"(ip), [old] "=&r"(old), "+a"(result)
		     : [stack] "r"(stack), "D"(arg[0]), "S"(arg[1]), "d"(arg[2]), "r"(r10), "r"(r8),
		       "r"(r9)
		     : "rcx", "r11", "memory", "cc");
	*back = ip;
	return result;
}

/* Moves or asks for the break; returns the new one. */
static long brk_at(const void *stack, long to, uint64_t *back)
{
	const long arg[6] = { to };

	return call_at(stack, SYS_brk, arg, back);
}

/* A stack whose words all differ. */
static uint64_t *stack_new(void)
{
	uint64_t *words = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	size_t i;

	if (words == MAP_FAILED)
		abort();
	for (i = 0; i < PAGE / sizeof(*words); i++)
		words[i] = 0x1122334455660000 + i;
	return words;
}

FIXTURE(askers)
{
	struct peer peer;
	struct told told;
	uint64_t *stack;
};

FIXTURE_SETUP(askers)
{
	const struct peer_wish wish = {
		.ring_bytes = RING_BYTES,
		.events = ALL_KINDS,
		.askers = true,
	};

	memset(self, 0, sizeof(*self));
	self->stack = stack_new();
	ASSERT_LT(0, begin(&self->peer, &wish));
}

FIXTURE_TEARDOWN(askers)
{
	peer_close(&self->peer);
}

/* Calls that fail come with it too. */
TEST_F(askers, one_word)
{
	static const struct {
		uint32_t kind;
		long number;
		long arg[6];
	} calls[] = {
		{ BRKWATCH_EVENT_KIND_MMAP,
		  SYS_mmap,
		  { 0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
		{ BRKWATCH_EVENT_KIND_MUNMAP, SYS_munmap, { OURS, PAGE } },
		{ BRKWATCH_EVENT_KIND_MPROTECT, SYS_mprotect, { OURS, PAGE, PROT_READ } },
		{ BRKWATCH_EVENT_KIND_PKEY_MPROTECT, SYS_pkey_mprotect, { OURS, PAGE, 0, -1 } },
		{ BRKWATCH_EVENT_KIND_MADVISE, SYS_madvise, { OURS, PAGE, MADV_NORMAL } },
		{ BRKWATCH_EVENT_KIND_SHMAT, SYS_shmat, { -1, 0, 0 } },
		{ BRKWATCH_EVENT_KIND_SHMDT, SYS_shmdt, { OURS } },
	};
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		call_at(self->stack + i, calls[i].number, calls[i].arg, &self->told.ip);
		self->told.events = 0;
		ASSERT_EQ(0, peer_drain(&self->peer, take_event, &self->told));
		EXPECT_EQ(1, self->told.events) TH_LOG("%zu", i);
		EXPECT_EQ(calls[i].kind, self->told.kind);
		EXPECT_EQ(1, self->told.n) TH_LOG("%zu", i);
		EXPECT_EQ(self->stack[i], self->told.words[0]) TH_LOG("%zu", i);
		EXPECT_FALSE(self->told.limits);
	}
}

/* A query, moves and a refusal bring the same. */
TEST_F(askers, words_of_brk)
{
	long now = syscall(SYS_brk, 0);
	const long to[] = { 0, now + PAGE, now, 1 };
	size_t i;

	for (i = 0; i < sizeof(to) / sizeof(*to); i++) {
		brk_at(self->stack + i, to[i], &self->told.ip);
		self->told.events = 0;
		ASSERT_EQ(0, peer_drain(&self->peer, take_event, &self->told));
		ASSERT_EQ(1, self->told.events) TH_LOG("%zu", i);
		ASSERT_EQ(BRK_WORDS, self->told.n) TH_LOG("%zu", i);
		EXPECT_EQ(0, memcmp(self->stack + i, self->told.words,
				    BRK_WORDS * sizeof(*self->stack)));
		EXPECT_FALSE(self->told.limits);
	}
}

/* glibc's wrapper of mremap has a frame, because the call has a variable number of arguments. */
TEST_F(askers, words_of_mremap)
{
	const long arg[6] = { OURS, PAGE, PAGE, 0, 0 };

	call_at(self->stack, SYS_mremap, arg, &self->told.ip);
	self->told.events = 0;
	ASSERT_EQ(0, peer_drain(&self->peer, take_event, &self->told));
	ASSERT_EQ(1, self->told.events);
	EXPECT_EQ(BRKWATCH_EVENT_KIND_MREMAP, self->told.kind);
	ASSERT_EQ(BRK_WORDS, self->told.n);
	EXPECT_EQ(0, memcmp(self->stack, self->told.words, BRK_WORDS * sizeof(*self->stack)));
}

/* Words end where memory cannot be read; the probe neither faults nor brings a page in. */
TEST_F(askers, ends_of_memory)
{
	unsigned char *pages =
		mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct {
		const void *stack;
		size_t n;
	} cases[] = {
		/* The pages are resident, not yet touched, not mapped, without access. */
		{ pages + PAGE - 64, 8 },
		{ pages + PAGE - 8, 1 },
		{ pages + PAGE - 12, 1 },
		{ pages + PAGE - 4, 0 },
		{ pages + PAGE, 0 },
		{ pages + 2 * PAGE, 0 },
		{ pages + 3 * PAGE, 0 },
		{ NULL, 0 },
		{ (void *)8, 0 },
		/* The end of user space, and what is neither there nor in the kernel. */
		{ (void *)0x7fffffffeff8, 0 },
		{ (void *)0x7ffffffff000, 0 },
		{ (void *)0x7ffffffffff8, 0 },
		{ (void *)0x800000000000, 0 },
		{ (void *)0x00fffffffffffff8, 0 },
		{ (void *)0x7ffffffffffffff8, 0 },
		{ (void *)0x8000000000000000, 0 },
		{ (void *)0xffff888000000000, 0 },
		{ (void *)0xffffffffffffffff, 0 },
	};
	unsigned char resident = 0;
	size_t i;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, munmap(pages + 2 * PAGE, PAGE));
	memset(pages, 0x5a, PAGE);
	memset(pages + 3 * PAGE, 0x5a, PAGE);
	ASSERT_EQ(0, mprotect(pages + 3 * PAGE, PAGE, PROT_NONE));
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		brk_at(cases[i].stack, 0, &self->told.ip);
		ASSERT_EQ(0, peer_drain(&self->peer, take_event, &self->told));
		EXPECT_EQ(cases[i].n, self->told.n) TH_LOG("%p", cases[i].stack);
	}
	EXPECT_EQ(i, self->told.events);
	ASSERT_EQ(0, mincore(pages + PAGE, PAGE, &resident));
	EXPECT_EQ(0, resident & 1);
}

struct seen {
	uint32_t kinds;
	int calls;
	int wrong;
};

static void look(struct nlattr **tb, void *arg)
{
	uint32_t kind = KIND_BIT(BRK) << peer_u32(tb, BRKWATCH_A_EVENT_KIND);
	bool call = !(kind & LIFECYCLE);
	struct seen *seen = arg;

	seen->kinds |= kind;
	seen->calls += call;
	seen->wrong += call != !!tb[BRKWATCH_A_EVENT_IP];
	seen->wrong += !call && (tb[BRKWATCH_A_EVENT_ASKER] || tb[BRKWATCH_A_EVENT_LIMITS]);
}

/* The environment is empty, because the test runner makes programs preload a library. */
static int run_true(void *arg)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	execle("/bin/true", "true", NULL, (char *[]){ NULL });
	return 1;
}

/* Each call has it, and no event that is none. */
TEST_F(askers, calls_alone)
{
	struct child child = child_fork(run_true, NULL);
	struct nl_msg *msg;
	struct seen seen = { 0 };

	ASSERT_LT(0, peer_watch(&self->peer, child.pid, false));
	msg = peer_request(&self->peer, BRKWATCH_CMD_MARK, 0);
	nla_put_u32(msg, BRKWATCH_A_MARK_PID, child.pid);
	nla_put_string(msg, BRKWATCH_A_MARK_TEXT, "mine");
	ASSERT_EQ(0, peer_call(&self->peer, msg, NULL, NULL));
	child_go(&child);
	EXPECT_EQ(0, child_wait(&child));
	ASSERT_EQ(0, peer_drain(&self->peer, look, &seen));
	EXPECT_EQ(KIND_BIT(MARK) | KIND_BIT(CLONE) | KIND_BIT(EXEC) | KIND_BIT(EXIT),
		  seen.kinds & (LIFECYCLE & ~KIND_BIT(SNAPSHOT)));
	EXPECT_LT(10, seen.calls);
	EXPECT_EQ(0, seen.wrong);
}

/* Limits need room that words would take. */
TEST(beside_limits)
{
	const struct peer_wish wish = {
		.ring_bytes = RING_BYTES,
		.events = ALL_KINDS,
		.askers = true,
		.limits = true,
	};
	const struct {
		long to;
		size_t n;
	} cases[] = { { 0, BRK_WORDS }, { 1, BRK_WORDS_BESIDE_LIMITS } };
	uint64_t *stack = stack_new();
	struct told told = { 0 };
	struct peer peer;
	size_t i;

	ASSERT_LT(0, begin(&peer, &wish));
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		brk_at(stack, cases[i].to, &told.ip);
		told.events = 0;
		ASSERT_EQ(0, peer_drain(&peer, take_event, &told));
		EXPECT_EQ(1, told.events);
		ASSERT_EQ(cases[i].n, told.n);
		EXPECT_EQ(0, memcmp(stack, told.words, told.n * sizeof(*stack)));
		EXPECT_EQ(!!cases[i].to, told.limits);
	}
	peer_close(&peer);
}

TEST(without_askers)
{
	struct told told = { .ip = UINT64_MAX };
	struct peer peer;
	uint64_t back;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session(&peer, 4096, ALL_KINDS));
	ASSERT_LT(0, peer_watch(&peer, getpid(), false));
	brk_at(stack_new(), 0, &back);
	/* That is what a missing attribute reads as. */
	ASSERT_EQ(0, peer_drain(&peer, take_event, &told));
	EXPECT_LT(0, told.events);
	EXPECT_EQ(0, told.n);
	peer_close(&peer);
}

/* A record with its context takes twice the room, and a full ring loses whole events. */
TEST(a_full_ring)
{
	const struct peer_wish wish = { .ring_bytes = 4096, .events = ALL_KINDS, .askers = true };
	uint64_t *stack = stack_new();
	struct told told = { 0 };
	struct peer peer;
	int i;

	ASSERT_LT(0, begin(&peer, &wish));
	for (i = 0; i < 100; i++)
		brk_at(stack, 0, &told.ip);
	ASSERT_EQ(0, peer_drain(&peer, take_event, &told));
	EXPECT_LT(0, told.events);
	/* 4096 / 256, less an eighth for the ends of processes, on each CPU. */
	EXPECT_GE(14 * sysconf(_SC_NPROCESSORS_CONF), told.events);
	EXPECT_EQ(BRK_WORDS, told.n);
	EXPECT_LT(0, peer_total(&peer, BRKWATCH_A_SESSION_LOST_RING));
	peer_close(&peer);
}

/**
 * struct differences - what our calls brought in a session with delta
 * @n: number of our calls
 * @kind: kind of the last event, written there or before
 * @addr: its address, likewise
 * @ip: whether each came with ip
 * @bytes: bytes of its asker, or -1
 */
struct differences {
	int n;
	uint32_t kind;
	uint64_t addr;
	bool ip[16];
	int bytes[16];
};

static void take_difference(struct nlattr **tb, void *arg)
{
	struct nlattr *asker = tb[BRKWATCH_A_EVENT_ASKER];
	struct differences *told = arg;

	if (tb[BRKWATCH_A_EVENT_KIND])
		told->kind = peer_u32(tb, BRKWATCH_A_EVENT_KIND);
	if (tb[BRKWATCH_A_EVENT_ADDR])
		told->addr = peer_u64(tb, BRKWATCH_A_EVENT_ADDR);
	if (told->kind != BRKWATCH_EVENT_KIND_MUNMAP || told->addr != OURS)
		return;
	if (told->n == 16)
		abort();
	told->ip[told->n] = tb[BRKWATCH_A_EVENT_IP];
	told->bytes[told->n++] = asker ? nla_len(asker) : -1;
}

static void mark(void)
{
	int fd = open("/proc/brkwatch", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "here\n", 5) != 5 || close(fd))
		abort();
}

/* All events come in one message, because they are few. */
TEST(what_does_not_change_is_left_out)
{
	const struct peer_wish wish = {
		.ring_bytes = RING_BYTES,
		.events = ALL_KINDS,
		.delta = true,
		.askers = true,
	};
	static const long arg[6] = { OURS, PAGE };
	uint64_t *stack = stack_new(), ip;
	const struct {
		const void *stack;
		bool mark;
		bool ip;
		int bytes;
	} cases[] = {
		{ stack, false, true, 8 },
		{ stack, false, false, -1 },
		{ stack + 1, false, false, 8 },
		{ NULL, false, false, 0 },
		{ NULL, false, false, -1 },
		{ stack, false, false, 8 },
		/* An event that is no call comes between. */
		{ stack, true, false, -1 },
	};
	struct differences told = { 0 };
	struct peer peer;
	size_t i;

	ASSERT_LT(0, begin(&peer, &wish));
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (cases[i].mark)
			mark();
		call_at(cases[i].stack, SYS_munmap, arg, &ip);
	}
	ASSERT_EQ(0, peer_drain(&peer, take_difference, &told));
	ASSERT_EQ(i, told.n);
	for (i = 0; i < told.n; i++) {
		EXPECT_EQ(cases[i].ip, told.ip[i]) TH_LOG("%zu", i);
		EXPECT_EQ(cases[i].bytes, told.bytes[i]) TH_LOG("%zu", i);
	}
	peer_close(&peer);
}

TEST_HARNESS_MAIN
