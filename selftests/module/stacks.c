// SPDX-License-Identifier: GPL-2.0
/*
 * Registers and stacks: a session with stack-bytes receives what the caller had, to the
 * byte.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <netlink/attr.h>

#include "kselftest_harness.h"
#include "peer.h"

#define STACK_BYTES 1024
#define RING_BYTES (1 << 20)

/* DWARF numbers the registers in this order. */
enum { RAX, RDX, RCX, RBX, RSI, RDI, RBP, RSP, R8, R9, R10, R11, R12, R13, R14, R15, RIP, N };

/**
 * struct told - the last event of a kind
 * @kind: the kind
 * @events: number of events of @kind
 * @stacks: number of events of all kinds that had registers and a stack
 * @registers: registers of the event
 * @stack: stack of the event
 * @len: bytes in @stack
 */
struct told {
	uint32_t kind;
	int events;
	int stacks;
	uint64_t registers[N];
	unsigned char stack[8192];
	size_t len;
};

static void take_event(struct nlattr **tb, void *arg)
{
	struct nlattr *registers = tb[BRKWATCH_A_EVENT_REGISTERS];
	struct nlattr *stack = tb[BRKWATCH_A_EVENT_STACK];
	struct told *told = arg;

	told->stacks += registers && stack;
	if (!registers != !stack)
		abort();
	if (peer_u32(tb, BRKWATCH_A_EVENT_KIND) != told->kind)
		return;
	told->events++;
	if (!registers)
		return;
	if (nla_len(registers) != sizeof(told->registers))
		abort();
	memcpy(told->registers, nla_data(registers), sizeof(told->registers));
	told->len = nla_len(stack);
	memcpy(told->stack, nla_data(stack), told->len);
}

FIXTURE(stacks)
{
	struct peer peer;
	struct told told;
};

FIXTURE_SETUP(stacks)
{
	memset(self, 0, sizeof(*self));
	ASSERT_LT(0, peer_stacks(&self->peer, RING_BYTES, STACK_BYTES));
}

FIXTURE_TEARDOWN(stacks)
{
	peer_close(&self->peer);
}

/* Makes a brk(0) with the stack pointer elsewhere; returns its return address. */
static uint64_t ask_at(void *stack)
{
	uint64_t back, old;

	asm volatile("mov %%rsp, %[old]\n\t"
		     "mov %[stack], %%rsp\n\t"
		     "mov $0x1111, %%r13\n\t"
		     "mov $0x2222, %%r14\n\t"
		     "mov $0x3333, %%r15\n\t"
		     "mov $0x4444, %%rbx\n\t"
		     "mov $0x5555, %%r8\n\t"
		     "xor %%edi, %%edi\n\t"
		     "mov %[number], %%eax\n\t"
		     "syscall\n"
		     "1:\n\t"
		     "mov %[old], %%rsp\n\t"
		     "lea 1b(%%rip), %[back]\n\t"
		     : [back] "=&r"(back), [old] "=&r"(old)
		     : [stack] "r"(stack), [number] "i"(SYS_brk)
		     : "rax", "rbx", "rcx", "rdi", "r8", "r11", "r13", "r14", "r15", "memory",
		       "cc");
	return back;
}

TEST_F(stacks, registers_and_stack)
{
	unsigned char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	static const struct {
		int number;
		uint64_t value;
	} set[] = {
		{ R13, 0x1111 }, { R14, 0x2222 }, { R15, 0x3333 }, { RBX, 0x4444 }, { R8, 0x5555 }
	};
	uint64_t back;
	size_t i;

	ASSERT_NE(MAP_FAILED, page);
	for (i = 0; i < 8192; i++)
		page[i] = i * 7 + i / 251;
	self->told.kind = BRKWATCH_EVENT_KIND_BRK;
	back = ask_at(page + 512);
	ASSERT_EQ(0, peer_drain(&self->peer, take_event, &self->told));
	ASSERT_EQ(1, self->told.events);
	EXPECT_EQ(back, self->told.registers[RIP]);
	EXPECT_EQ((uintptr_t)page + 512, self->told.registers[RSP]);
	EXPECT_EQ(0, self->told.registers[RDI]);
	for (i = 0; i < sizeof(set) / sizeof(*set); i++)
		EXPECT_EQ(set[i].value, self->told.registers[set[i].number]) TH_LOG("%zu", i);
	ASSERT_EQ(STACK_BYTES, self->told.len);
	EXPECT_EQ(0, memcmp(page + 512, self->told.stack, STACK_BYTES));
}

/* The copy ends where memory cannot be read, and the module invents nothing behind it. */
TEST_F(stacks, ends_of_memory)
{
	unsigned char *pages =
		mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct {
		void *stack;
		size_t len;
	} cases[] = {
		/* The first page is resident, the second is not, the third is not mapped. */
		{ pages + 4096 - 64, 64 },
		{ pages + 4096 - 8, 8 },
		{ pages + 4096, 0 },
		{ pages + 8192, 0 },
		{ (void *)8, 0 },
		{ (void *)0x7ffffffff000, 0 },
		{ (void *)0x7fffffffeff8, 0 },
		{ (void *)0xffff888000000000, 0 },
		{ (void *)0xffffffffffffffff, 0 },
	};
	size_t i;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, munmap(pages + 8192, 4096));
	memset(pages, 0x5a, 4096);
	self->told.kind = BRKWATCH_EVENT_KIND_BRK;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ask_at(cases[i].stack);
		ASSERT_EQ(0, peer_drain(&self->peer, take_event, &self->told));
		EXPECT_EQ(cases[i].len, self->told.len) TH_LOG("%p", cases[i].stack);
		EXPECT_EQ((uintptr_t)cases[i].stack, self->told.registers[RSP]);
	}
	EXPECT_EQ(i, self->told.events);
}

/* Events that are no calls of the process have no stack. */
TEST_F(stacks, kinds)
{
	struct nl_msg *msg = peer_request(&self->peer, BRKWATCH_CMD_MARK, 0);
	pid_t child;
	int status;

	nla_put_u32(msg, BRKWATCH_A_MARK_PID, getpid());
	nla_put_string(msg, BRKWATCH_A_MARK_TEXT, "mine");
	ASSERT_EQ(0, peer_call(&self->peer, msg, NULL, NULL));
	self->told.kind = BRKWATCH_EVENT_KIND_MARK;
	ASSERT_EQ(0, peer_drain(&self->peer, take_event, &self->told));
	EXPECT_EQ(1, self->told.events);
	EXPECT_EQ(0, self->told.stacks);

	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		_exit(0);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	self->told.kind = BRKWATCH_EVENT_KIND_CLONE;
	self->told.events = 0;
	ASSERT_EQ(0, peer_drain(&self->peer, take_event, &self->told));
	EXPECT_EQ(1, self->told.events);
	EXPECT_EQ(STACK_BYTES, self->told.len);
}

TEST(sizes)
{
	static const struct {
		uint32_t ring;
		uint32_t stack;
		int err;
	} cases[] = {
		{ 4096, 256, 0 },    { 4096, 8192, -EINVAL },	{ 8192, 8192, -EINVAL },
		{ 16384, 8192, 0 },  { 1 << 20, 255, -ERANGE }, { 1 << 20, 8193, -ERANGE },
		{ 1 << 20, 257, 0 },
	};
	struct peer peer;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct peer_wish wish = { .ring_bytes = cases[i].ring,
						.events = ALL_KINDS,
						.stack_bytes = cases[i].stack };

		ASSERT_EQ(0, peer_open(&peer));
		EXPECT_EQ(cases[i].err, peer_session_as(&peer, &wish))
		TH_LOG("%zu", i);
		EXPECT_EQ(!cases[i].err, !peer.extack[0]) TH_LOG("%zu: %s", i, peer.extack);
		if (!cases[i].err)
			EXPECT_EQ((cases[i].stack + 7) / 8 * 8,
				  peer_total(&peer, BRKWATCH_A_SESSION_STACK_BYTES));
		peer_close(&peer);
	}
}

/* The ring has room for few: the module counts what does not fit; the rest is whole. */
TEST(a_full_ring)
{
	struct told told = { .kind = BRKWATCH_EVENT_KIND_BRK };
	struct peer peer;
	int i;

	ASSERT_LT(0, peer_stacks(&peer, 16384, 8192));
	for (i = 0; i < 10; i++)
		syscall(SYS_brk, 0);
	ASSERT_EQ(0, peer_drain(&peer, take_event, &told));
	EXPECT_LE(1, told.events);
	EXPECT_EQ(peer_total(&peer, BRKWATCH_A_SESSION_MADE),
		  told.events + peer_total(&peer, BRKWATCH_A_SESSION_LOST_RING));
	peer_close(&peer);
}

TEST(without_stacks)
{
	struct told told = { .kind = BRKWATCH_EVENT_KIND_BRK };
	struct peer peer;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session(&peer, 4096, ALL_KINDS));
	ASSERT_LT(0, peer_watch(&peer, getpid(), false));
	syscall(SYS_brk, 0);
	ASSERT_EQ(0, peer_drain(&peer, take_event, &told));
	EXPECT_EQ(1, told.events);
	EXPECT_EQ(0, told.stacks);
	peer_close(&peer);
}

TEST_HARNESS_MAIN
