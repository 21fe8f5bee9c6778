// SPDX-License-Identifier: GPL-2.0
/*
 * Registers, stacks and images: what a session with stack-bytes is told is what the
 * caller had, to the byte, and what /proc/self/maps says.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <netlink/attr.h>

#include "kselftest_harness.h"
#include "peer.h"

#define STACK_BYTES 1024
#define RING_BYTES (1 << 20)
#define IMAGES_MAX 256

/* What DWARF numbers. */
enum { RAX, RDX, RCX, RBX, RSI, RDI, RBP, RSP, R8, R9, R10, R11, R12, R13, R14, R15, RIP, N };

/**
 * struct told - the last event of a kind
 * @kind: the kind
 * @events: how many there were
 * @stacks: how many of all kinds had registers and a stack
 * @registers: of the event
 * @stack: of the event
 * @len: of @stack
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

/**
 * struct images - what image-get told
 * @n: how many
 * @v: them
 */
struct images {
	int n;
	struct {
		uint32_t watch;
		uint64_t start;
		uint64_t end;
		uint64_t offset;
		uint64_t size;
		uint64_t time;
		char path[512];
	} v[IMAGES_MAX];
};

static void take_image(struct nlattr **tb, void *arg)
{
	struct images *images = arg;
	int i = images->n++;

	if (i == IMAGES_MAX || !tb[BRKWATCH_A_IMAGE_PATH])
		abort();
	images->v[i].watch = peer_u32(tb, BRKWATCH_A_IMAGE_WATCH);
	images->v[i].start = peer_u64(tb, BRKWATCH_A_IMAGE_START);
	images->v[i].end = peer_u64(tb, BRKWATCH_A_IMAGE_END);
	images->v[i].offset = peer_u64(tb, BRKWATCH_A_IMAGE_OFFSET);
	images->v[i].size = peer_u64(tb, BRKWATCH_A_IMAGE_FILE_SIZE);
	images->v[i].time = peer_u64(tb, BRKWATCH_A_IMAGE_FILE_TIME);
	snprintf(images->v[i].path, sizeof(images->v[i].path), "%s",
		 nla_get_string(tb[BRKWATCH_A_IMAGE_PATH]));
}

static int image_get(struct peer *peer, uint32_t watch, struct images *images)
{
	struct nl_msg *msg = peer_request(peer, BRKWATCH_CMD_IMAGE_GET, NLM_F_DUMP);

	if (watch)
		nla_put_u32(msg, BRKWATCH_A_IMAGE_WATCH, watch);
	memset(images, 0, sizeof(*images));
	return peer_call(peer, msg, take_image, images);
}

static int session(struct peer *peer, uint32_t ring_bytes, uint32_t stack_bytes)
{
	struct nl_msg *msg = peer_request(peer, BRKWATCH_CMD_SESSION_NEW, 0);

	nla_put_u32(msg, BRKWATCH_A_SESSION_RING_BYTES, ring_bytes);
	nla_put_u32(msg, BRKWATCH_A_SESSION_EVENTS, ALL_KINDS);
	nla_put_u32(msg, BRKWATCH_A_SESSION_STACK_BYTES, stack_bytes);
	return peer_call(peer, msg, NULL, NULL);
}

FIXTURE(stacks)
{
	struct peer peer;
	int watch;
	struct told told;
	struct images images;
};

FIXTURE_SETUP(stacks)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, peer_open(&self->peer));
	ASSERT_EQ(0, session(&self->peer, RING_BYTES, STACK_BYTES));
	self->watch = peer_watch(&self->peer, getpid(), false);
	ASSERT_LT(0, self->watch);
}

FIXTURE_TEARDOWN(stacks)
{
	peer_close(&self->peer);
}

/* A brk(0) with the stack pointer somewhere else; returns where it returned to. */
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

/* The copy ends with what can be read, and nothing is made up behind it. */
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

/* Of what is no call of the process there is none. */
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
		ASSERT_EQ(0, peer_open(&peer));
		EXPECT_EQ(cases[i].err, session(&peer, cases[i].ring, cases[i].stack))
		TH_LOG("%zu", i);
		EXPECT_EQ(!cases[i].err, !peer.extack[0]) TH_LOG("%zu: %s", i, peer.extack);
		if (!cases[i].err)
			EXPECT_EQ((cases[i].stack + 7) / 8 * 8,
				  peer_total(&peer, BRKWATCH_A_SESSION_STACK_BYTES));
		peer_close(&peer);
	}
}

/* Room for few: what does not fit is counted, and what is told is whole. */
TEST(a_full_ring)
{
	struct told told = { .kind = BRKWATCH_EVENT_KIND_BRK };
	struct peer peer;
	int i;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, session(&peer, 16384, 8192));
	ASSERT_LT(0, peer_watch(&peer, getpid(), false));
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
	static struct images images;
	struct peer peer;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session(&peer, 4096, ALL_KINDS));
	ASSERT_LT(0, peer_watch(&peer, getpid(), false));
	syscall(SYS_brk, 0);
	ASSERT_EQ(0, peer_drain(&peer, take_event, &told));
	EXPECT_EQ(1, told.events);
	EXPECT_EQ(0, told.stacks);
	EXPECT_EQ(-EOPNOTSUPP, image_get(&peer, 0, &images));
	EXPECT_STREQ("images are told to sessions with stack-bytes alone", peer.extack);
	EXPECT_EQ(0, images.n);
	peer_close(&peer);
}

/* Checks all against the kernel's own list; how many there are. */
static int compare_with_maps(struct __test_metadata *_metadata, const struct images *images)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[1024], path[512], flags[8];
	uint64_t start, end, offset;
	int n = 0;

	ASSERT_NE(NULL, maps);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" PRIx64 "-%" PRIx64 " %7s %" PRIx64 " %*s %*s %511[^\n]",
			   &start, &end, flags, &offset, path) != 5 ||
		    flags[2] != 'x' || path[0] != '/')
			continue;
		ASSERT_LT(n, images->n);
		EXPECT_EQ(start, images->v[n].start);
		EXPECT_EQ(end, images->v[n].end);
		EXPECT_EQ(offset, images->v[n].offset);
		EXPECT_STREQ(path, images->v[n].path);
		n++;
	}
	fclose(maps);
	return n;
}

TEST_F(stacks, images_of_a_process)
{
	ASSERT_EQ(0, image_get(&self->peer, self->watch, &self->images));
	EXPECT_LT(2, self->images.n);
	EXPECT_EQ(self->images.n, compare_with_maps(_metadata, &self->images));
	EXPECT_EQ(-ENOENT, image_get(&self->peer, 4711, &self->images));
	EXPECT_NE(0, strlen(self->peer.extack));
}

TEST_F(stacks, images_of_mmap)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char name[] = "/tmp/image-XXXXXX";
	struct stat stat;
	void *addr;
	int gone;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fstat(fd, &stat));
	/* Not to be executed, or nobody's file: no images. */
	ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	ASSERT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, -1, 0));
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	EXPECT_EQ(0, self->images.n);

	addr = mmap(NULL, 8192, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 4096);
	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	ASSERT_EQ(1, self->images.n);
	EXPECT_EQ(self->watch, self->images.v[0].watch);
	EXPECT_EQ((uintptr_t)addr, self->images.v[0].start);
	EXPECT_EQ((uintptr_t)addr + 8192, self->images.v[0].end);
	EXPECT_EQ(4096, self->images.v[0].offset);
	EXPECT_EQ(stat.st_size, self->images.v[0].size);
	EXPECT_EQ(stat.st_mtim.tv_sec * 1000000000ULL + stat.st_mtim.tv_nsec,
		  self->images.v[0].time);
	/* Once. */
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	EXPECT_EQ(0, self->images.n);

	gone = mkstemp(name);
	ASSERT_LE(0, gone);
	ASSERT_EQ(0, ftruncate(gone, 4096));
	ASSERT_EQ(0, unlink(name));
	ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_EXEC, MAP_SHARED, gone, 0));
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	ASSERT_EQ(1, self->images.n);
	EXPECT_NE(NULL, strstr(self->images.v[0].path, " (deleted)"));
	EXPECT_EQ(0, strncmp(name, self->images.v[0].path, strlen(name)));
	close(gone);
	close(fd);
}

/* Those of an exec are there as soon as the first call of the program is. */
TEST_F(stacks, images_of_exec)
{
	pid_t child = fork();
	int i, id, status, found = 0;

	ASSERT_LE(0, child);
	if (!child) {
		raise(SIGSTOP);
		/* The runner of the tests has programs preload a library. */
		execle("/bin/true", "true", NULL, (char *[]){ NULL });
		_exit(1);
	}
	ASSERT_EQ(child, waitpid(child, &status, WUNTRACED));
	id = peer_watch(&self->peer, child, true);
	ASSERT_LT(0, id);
	kill(child, SIGCONT);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	for (i = 0; i < self->images.n; i++) {
		EXPECT_EQ(id, self->images.v[i].watch);
		found += !!strstr(self->images.v[i].path, "bin/true");
	}
	EXPECT_EQ(1, found);
	/* The program, the loader, and the C library that this one maps. */
	EXPECT_EQ(3, self->images.n);
	EXPECT_EQ(0, peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_IMAGE));
}

static void count_message(struct nlattr **tb, void *arg)
{
	++*(int *)arg;
}

/* Makes folders one in another; a file in the innermost, whose path is that long. */
static int open_far_away(char *path, size_t length)
{
	char name[200];
	int fd;

	memset(name, 'f', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	while (strlen(path) + sizeof(name) < length) {
		strcat(strcat(path, "/"), name);
		if (mkdir(path, 0700))
			return -1;
	}
	strcat(path, "/file");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0700);
	return fd < 0 || ftruncate(fd, 4096) ? -1 : fd;
}

static void remove_far_away(char *path, size_t top)
{
	unlink(path);
	while (strlen(path) > top) {
		*strrchr(path, '/') = 0;
		rmdir(path);
	}
}

/* What nobody fetches is dropped in the end, and counted. A path can be long. */
TEST_F(stacks, images_left_waiting)
{
	char path[PATH_MAX] = "/tmp/far-XXXXXX";
	size_t top = strlen(path);
	int fd, i, told = 0;

	ASSERT_NE(NULL, mkdtemp(path));
	fd = open_far_away(path, PATH_MAX - 200);
	ASSERT_LE(0, fd);
	for (i = 0; i < 20000 && !peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_IMAGE); i++) {
		void *addr = mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, fd, 0);

		ASSERT_NE(MAP_FAILED, addr);
		munmap(addr, 4096);
	}
	remove_far_away(path, top);
	ASSERT_LT(1000, i);
	ASSERT_GT(20000, i);
	ASSERT_EQ(0, peer_call(&self->peer,
			       peer_request(&self->peer, BRKWATCH_CMD_IMAGE_GET, NLM_F_DUMP),
			       count_message, &told));
	EXPECT_EQ(i, told + peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_IMAGE));
	close(fd);
}

TEST_HARNESS_MAIN
