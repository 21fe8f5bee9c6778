// SPDX-License-Identifier: GPL-2.0
/* The module reports every kind of call and of lifecycle event, with every field. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <netlink/attr.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define PAGE 4096ULL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)
/* No program maps this page, so calls on it fail visibly. */
#define NOWHERE 0x10000ULL
#define MAX 4096

/* The attributes of one event, UINT64_MAX for each that is absent. */
struct seen {
	uint64_t value[PEER_ATTRS];
};

static struct seen seen[MAX];
static int n_seen;

static void take_event(struct nlattr **tb, void *arg)
{
	struct seen *ev = &seen[n_seen++];
	int i;

	if (n_seen == MAX)
		abort();
	for (i = 1; i <= BRKWATCH_A_EVENT_MAX; i++)
		ev->value[i] = i == BRKWATCH_A_EVENT_COMM ? 0 : peer_u64(tb, i);
}

/* Finds the only event of this kind, and with this value if @attr is not 0. */
static const struct seen *event_of(int kind, int attr, uint64_t value)
{
	const struct seen *found = NULL;
	int i;

	for (i = 0; i < n_seen; i++)
		if (seen[i].value[BRKWATCH_A_EVENT_KIND] == kind &&
		    (!attr || seen[i].value[attr] == value)) {
			if (found)
				return NULL;
			found = &seen[i];
		}
	return found;
}

static int shm;

static int run_calls(void *arg)
{
	int pkey = syscall(SYS_pkey_alloc, 0, 0);

	syscall(SYS_mremap, NOWHERE, 1, 2, MREMAP_MAYMOVE | MREMAP_FIXED, NOWHERE + PAGE);
	syscall(SYS_mprotect, NOWHERE, 1, PROT_READ);
	syscall(SYS_pkey_mprotect, NOWHERE, 1, PROT_READ, pkey < 0 ? -1 : pkey);
	syscall(SYS_madvise, NOWHERE, 1, MADV_DONTNEED);
	syscall(SYS_shmat, shm, NOWHERE + 1, SHM_RDONLY);
	syscall(SYS_shmdt, NOWHERE);
	return 0;
}

FIXTURE(calls)
{
	struct peer peer;
};

FIXTURE_SETUP(calls)
{
	n_seen = 0;
	ASSERT_EQ(0, peer_open(&self->peer));
}

FIXTURE_TEARDOWN(calls)
{
	peer_close(&self->peer);
}

static int session(struct peer *peer, bool follow)
{
	const struct peer_wish wish = {
		.ring_bytes = 8 << 20,
		.events = ALL_KINDS,
		.follow = follow,
	};

	return peer_session_as(peer, &wish);
}

/* An event that run_calls() must cause, in the module's numbers. */
struct wanted {
	int kind;
	struct {
		int attr;
		uint64_t value;
	} fields[8];
};

#define FIELD(name, value)                     \
	{                                      \
		BRKWATCH_A_EVENT_##name, value \
	}
#define CALL(addr, err) FIELD(ADDR, addr), FIELD(ERROR, err), FIELD(RESULT, 0ULL - (err))

static const struct wanted wanted[] = {
	{ BRKWATCH_EVENT_KIND_MREMAP,
	  { CALL(NOWHERE, EFAULT), FIELD(LENGTH, 1), FIELD(NEW_LENGTH, 2),
	    FIELD(FLAGS, MREMAP_MAYMOVE | MREMAP_FIXED), FIELD(NEW_ADDR, NOWHERE + PAGE) } },
	{ BRKWATCH_EVENT_KIND_MPROTECT,
	  { CALL(NOWHERE, ENOMEM), FIELD(LENGTH, 1), FIELD(PROT, PROT_READ) } },
	{ BRKWATCH_EVENT_KIND_PKEY_MPROTECT,
	  { CALL(NOWHERE, ENOMEM), FIELD(LENGTH, 1), FIELD(PROT, PROT_READ) } },
	{ BRKWATCH_EVENT_KIND_MADVISE,
	  { CALL(NOWHERE, ENOMEM), FIELD(LENGTH, 1), FIELD(ADVICE, MADV_DONTNEED) } },
	{ BRKWATCH_EVENT_KIND_SHMAT, { CALL(NOWHERE + 1, EINVAL), FIELD(FLAGS, SHM_RDONLY) } },
	{ BRKWATCH_EVENT_KIND_SHMDT, { CALL(NOWHERE, EINVAL) } },
};

TEST_F(calls, every_call_with_every_field)
{
	struct child child;
	size_t i, j;

	shm = shmget(IPC_PRIVATE, PAGE, 0600 | IPC_CREAT);
	ASSERT_LE(0, shm);
	child = child_fork(run_calls, NULL);
	ASSERT_EQ(0, session(&self->peer, false));
	ASSERT_EQ(1, peer_watch(&self->peer, child.pid, false));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
	shmctl(shm, IPC_RMID, NULL);
	ASSERT_EQ(0, peer_drain(&self->peer, take_event, NULL));
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		const struct seen *ev = event_of(wanted[i].kind, 0, 0);

		ASSERT_NE(NULL, ev) TH_LOG("kind %d", wanted[i].kind);
		for (j = 0; wanted[i].fields[j].attr; j++)
			EXPECT_EQ(wanted[i].fields[j].value, ev->value[wanted[i].fields[j].attr])
		TH_LOG("kind %d attribute %d", wanted[i].kind, wanted[i].fields[j].attr);
	}
	EXPECT_EQ(shm, event_of(BRKWATCH_EVENT_KIND_SHMAT, 0, 0)->value[BRKWATCH_A_EVENT_SHMID]);
	EXPECT_EQ(0, peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_PROBE));
}

static void *run_thread(void *arg)
{
	return arg;
}

/* Starts a thread, a child and a child in our address space; each child calls once. */
static int run_family(void *arg)
{
	pthread_t thread;
	pid_t pid;

	if (pthread_create(&thread, NULL, run_thread, NULL) || pthread_join(thread, NULL))
		return 1;
	pid = fork();
	if (!pid) {
		syscall(SYS_munmap, 1, 111);
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	pid = vfork();
	if (!pid) {
		syscall(SYS_munmap, 1, 222);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return 0;
}

static int count_kind(int kind, int attr, uint64_t value)
{
	int i, n = 0;

	for (i = 0; i < n_seen; i++)
		n += seen[i].value[BRKWATCH_A_EVENT_KIND] == kind &&
		     (!attr || seen[i].value[attr] == value);
	return n;
}

static void take_area(struct nlattr **tb, void *arg)
{
	int *count = arg;

	if (tb[BRKWATCH_A_AREA_AREAS]) {
		count[0]++;
		count[1] += peer_u32(tb, BRKWATCH_A_AREA_AREAS);
	} else {
		count[2]++;
	}
}

TEST_F(calls, children_are_followed)
{
	struct child child = child_fork(run_family, NULL);
	const struct seen *ev;
	int areas[3] = {};

	ASSERT_EQ(0, session(&self->peer, true));
	ASSERT_EQ(1, peer_watch(&self->peer, child.pid, false));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
	ASSERT_EQ(0, peer_drain(&self->peer, take_event, NULL));

	ASSERT_EQ(3, count_kind(BRKWATCH_EVENT_KIND_CLONE, 0, 0));
	ev = event_of(BRKWATCH_EVENT_KIND_CLONE, BRKWATCH_A_EVENT_CLONE_KIND,
		      BRKWATCH_CLONE_KIND_THREAD);
	ASSERT_NE(NULL, ev);
	EXPECT_EQ(0, ev->value[BRKWATCH_A_EVENT_CHILD_WATCH]);
	ev = event_of(BRKWATCH_EVENT_KIND_CLONE, BRKWATCH_A_EVENT_CLONE_KIND,
		      BRKWATCH_CLONE_KIND_COPY);
	ASSERT_NE(NULL, ev);
	EXPECT_EQ(2, ev->value[BRKWATCH_A_EVENT_CHILD_WATCH]);
	ev = event_of(BRKWATCH_EVENT_KIND_CLONE, BRKWATCH_A_EVENT_CLONE_KIND,
		      BRKWATCH_CLONE_KIND_SHARED);
	ASSERT_NE(NULL, ev);
	EXPECT_EQ(3, ev->value[BRKWATCH_A_EVENT_CHILD_WATCH]);

	/* The module reports the first call of each child, under the child's own watch. */
	ev = event_of(BRKWATCH_EVENT_KIND_MUNMAP, BRKWATCH_A_EVENT_LENGTH, 111);
	ASSERT_NE(NULL, ev);
	EXPECT_EQ(2, ev->value[BRKWATCH_A_EVENT_WATCH]);
	ev = event_of(BRKWATCH_EVENT_KIND_MUNMAP, BRKWATCH_A_EVENT_LENGTH, 222);
	ASSERT_NE(NULL, ev);
	EXPECT_EQ(3, ev->value[BRKWATCH_A_EVENT_WATCH]);
	EXPECT_EQ(3, count_kind(BRKWATCH_EVENT_KIND_EXIT, 0, 0));
	EXPECT_EQ(1, count_kind(BRKWATCH_EVENT_KIND_EXEC, BRKWATCH_A_EVENT_WATCH, 2));

	/* The module reports the new program's address space once. */
	EXPECT_EQ(1, count_kind(BRKWATCH_EVENT_KIND_SNAPSHOT, BRKWATCH_A_EVENT_WATCH, 2));
	ASSERT_EQ(0, peer_call(&self->peer,
			       peer_request(&self->peer, BRKWATCH_CMD_SNAPSHOT_GET, NLM_F_DUMP),
			       take_area, areas));
	EXPECT_EQ(1, areas[0]);
	EXPECT_LT(5, areas[1]);
	EXPECT_EQ(areas[1], areas[2]);
	ASSERT_EQ(0, peer_call(&self->peer,
			       peer_request(&self->peer, BRKWATCH_CMD_SNAPSHOT_GET, NLM_F_DUMP),
			       take_area, areas));
	EXPECT_EQ(1, areas[0]);
	EXPECT_EQ(0, peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_WATCH));
	EXPECT_EQ(0, peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_RING));
}

TEST_F(calls, nobody_is_followed_unasked)
{
	struct child child = child_fork(run_family, NULL);

	ASSERT_EQ(0, session(&self->peer, false));
	ASSERT_EQ(1, peer_watch(&self->peer, child.pid, false));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
	ASSERT_EQ(0, peer_drain(&self->peer, take_event, NULL));
	EXPECT_EQ(3, count_kind(BRKWATCH_EVENT_KIND_CLONE, BRKWATCH_A_EVENT_CHILD_WATCH, 0));
	EXPECT_EQ(1, count_kind(BRKWATCH_EVENT_KIND_EXIT, 0, 0));
}

static int run_fault(void *arg)
{
	*(volatile char *)arg = 1;
	return 0;
}

static int run_raise(void *arg)
{
	raise(SIGSEGV);
	return 0;
}

TEST_F(calls, faults_but_not_their_imitation)
{
	void *hole = mmap(NULL, PAGE, PROT_READ, ANON, -1, 0);
	struct child fault = child_fork(run_fault, hole), fake = child_fork(run_raise, NULL);
	const struct seen *ev;

	ASSERT_EQ(0, session(&self->peer, false));
	ASSERT_EQ(1, peer_watch(&self->peer, fault.pid, false));
	ASSERT_EQ(2, peer_watch(&self->peer, fake.pid, false));
	child_go(&fault);
	child_go(&fake);
	EXPECT_EQ(SIGSEGV, WTERMSIG(child_wait(&fault)));
	EXPECT_EQ(SIGSEGV, WTERMSIG(child_wait(&fake)));
	ASSERT_EQ(0, peer_drain(&self->peer, take_event, NULL));
	ev = event_of(BRKWATCH_EVENT_KIND_FAULT, 0, 0);
	ASSERT_NE(NULL, ev);
	EXPECT_EQ(1, ev->value[BRKWATCH_A_EVENT_WATCH]);
	EXPECT_EQ((uintptr_t)hole, ev->value[BRKWATCH_A_EVENT_ADDR]);
	EXPECT_EQ(SIGSEGV, ev->value[BRKWATCH_A_EVENT_SIGNAL]);
	EXPECT_EQ(SEGV_ACCERR, ev->value[BRKWATCH_A_EVENT_CODE]);
	ev = event_of(BRKWATCH_EVENT_KIND_EXIT, BRKWATCH_A_EVENT_WATCH, 1);
	ASSERT_NE(NULL, ev);
	EXPECT_EQ(SIGSEGV, WTERMSIG(ev->value[BRKWATCH_A_EVENT_EXIT_CODE]));
	EXPECT_LT(0, ev->value[BRKWATCH_A_EVENT_PEAK_RSS]);
}

/* The snapshot of this very process must equal /proc/self/maps. */
struct areas {
	uint64_t start[1024];
	uint64_t end[1024];
	uint32_t flags[1024];
	int n;
	uint64_t brk;
};

static void take_areas(struct nlattr **tb, void *arg)
{
	struct areas *areas = arg;

	if (tb[BRKWATCH_A_AREA_AREAS]) {
		areas->brk = peer_u64(tb, BRKWATCH_A_AREA_BRK);
		return;
	}
	areas->start[areas->n] = peer_u64(tb, BRKWATCH_A_AREA_START);
	areas->end[areas->n] = peer_u64(tb, BRKWATCH_A_AREA_END);
	areas->flags[areas->n++] = peer_u32(tb, BRKWATCH_A_AREA_FLAGS);
}

static uint32_t flags_of(const char *line)
{
	char perms[5], name[64] = "";
	unsigned long inode;
	uint32_t flags = 0;

	if (sscanf(line, "%*s %4s %*s %*s %lu %63s", perms, &inode, name) < 2)
		abort();
	if (perms[0] == 'r')
		flags |= BRKWATCH_AREA_FLAG_READ;
	if (perms[1] == 'w')
		flags |= BRKWATCH_AREA_FLAG_WRITE;
	if (perms[2] == 'x')
		flags |= BRKWATCH_AREA_FLAG_EXEC;
	if (perms[3] == 's')
		flags |= BRKWATCH_AREA_FLAG_SHARED;
	if (!strcmp(name, "[stack]"))
		flags |= BRKWATCH_AREA_FLAG_GROWS_DOWN;
	else if (!strncmp(name, "[v", 2))
		flags |= BRKWATCH_AREA_FLAG_SPECIAL;
	else if (!inode)
		flags |= BRKWATCH_AREA_FLAG_ANONYMOUS;
	return flags;
}

TEST_F(calls, snapshot_equals_maps)
{
	struct areas *areas = calloc(1, sizeof(*areas));
	struct child child = child_fork(run_calls, NULL);
	char path[64], line[512];
	struct nl_msg *msg;
	FILE *maps;
	int i = 0;

	ASSERT_NE(NULL, areas);
	ASSERT_EQ(0, session(&self->peer, false));
	ASSERT_EQ(1, peer_watch(&self->peer, child.pid, false));
	msg = peer_request(&self->peer, BRKWATCH_CMD_SNAPSHOT_GET, NLM_F_DUMP);
	nla_put_u32(msg, BRKWATCH_A_AREA_WATCH, 1);
	ASSERT_EQ(0, peer_call(&self->peer, msg, take_areas, areas));

	snprintf(path, sizeof(path), "/proc/%d/maps", child.pid);
	maps = fopen(path, "re");
	ASSERT_NE(NULL, maps);
	while (fgets(line, sizeof(line), maps)) {
		uint64_t start, end;

		if (sscanf(line, "%lx-%lx", &start, &end) != 2)
			abort();
		/* The kernel lists this page for each process, but no process has mapped it. */
		if (strstr(line, "[vsyscall]"))
			continue;
		EXPECT_EQ(start, areas->start[i]) TH_LOG("%s", line);
		EXPECT_EQ(end, areas->end[i]) TH_LOG("%s", line);
		EXPECT_EQ(flags_of(line), areas->flags[i]) TH_LOG("%s", line);
		i++;
	}
	EXPECT_EQ(areas->n, i);
	fclose(maps);
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));

	/* The process is gone, so a snapshot has nothing left to read. */
	msg = peer_request(&self->peer, BRKWATCH_CMD_SNAPSHOT_GET, NLM_F_DUMP);
	nla_put_u32(msg, BRKWATCH_A_AREA_WATCH, 1);
	EXPECT_EQ(-ESRCH, peer_call(&self->peer, msg, take_areas, areas));
	EXPECT_NE(0, strlen(self->peer.extack));
	msg = peer_request(&self->peer, BRKWATCH_CMD_SNAPSHOT_GET, NLM_F_DUMP);
	nla_put_u32(msg, BRKWATCH_A_AREA_WATCH, 2);
	EXPECT_EQ(-ENOENT, peer_call(&self->peer, msg, take_areas, areas));
	free(areas);
}

/* How many probes are in each state, and of each hook; how many have no "sys_" in their names. */
struct probe_counts {
	int state[4];
	int hook[3];
	int tracepoints;
};

static void take_probe(struct nlattr **tb, void *arg)
{
	uint32_t hook = peer_u32(tb, BRKWATCH_A_PROBE_HOOK);
	struct probe_counts *counts = arg;

	counts->state[peer_u32(tb, BRKWATCH_A_PROBE_STATE)]++;
	if (hook <= BRKWATCH_HOOK_TRACEPOINT)
		counts->hook[hook]++;
	if (!strstr(nla_get_string(tb[BRKWATCH_A_PROBE_SYMBOL]), "sys_"))
		counts->tracepoints++;
}

TEST_F(calls, all_probes_are_in)
{
	struct probe_counts counts = {};

	ASSERT_EQ(0, session(&self->peer, false));
	ASSERT_EQ(0, peer_call(&self->peer,
			       peer_request(&self->peer, BRKWATCH_CMD_PROBE_GET, NLM_F_DUMP),
			       take_probe, &counts));
	EXPECT_EQ(24, counts.state[BRKWATCH_PROBE_STATE_ACTIVE]);
	EXPECT_EQ(0, counts.state[BRKWATCH_PROBE_STATE_MISSING]);
	EXPECT_EQ(0, counts.state[BRKWATCH_PROBE_STATE_REFUSED]);
	EXPECT_EQ(4, counts.tracepoints);
	EXPECT_EQ(4, counts.hook[BRKWATCH_HOOK_TRACEPOINT]);
	EXPECT_EQ(20, counts.hook[BRKWATCH_HOOK_KPROBE] + counts.hook[BRKWATCH_HOOK_DIRECT]);
}

TEST_HARNESS_MAIN
