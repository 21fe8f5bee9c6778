// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <kselftest_harness.h>

#include "lib/timestamp.h"
#include "run/proc_facts.h"

static void take(const char *text, struct process_facts *facts,
		 void (*read)(FILE *file, struct process_facts *facts))
{
	FILE *file = fmemopen((char *)text, strlen(text), "r");

	if (!file)
		abort();
	read(file, facts);
	fclose(file);
}

TEST(cgroups)
{
	struct process_facts facts = { 0 };

	take("12:pids:/other\n1:name=systemd:/other\n0::/user.slice/a b\n", &facts,
	     proc_facts_cgroup);
	EXPECT_STREQ("/user.slice/a b", facts.cgroup);
	process_facts_free(&facts);
	take("12:pids:/other\n0:\n0::", &facts, proc_facts_cgroup);
	EXPECT_EQ(NULL, facts.cgroup);
}

TEST(users)
{
	struct process_facts facts = { 0 };

	take("Name:\tUid: 1 2\nUmask:\t0022\nUid:\t1000\t0\t3\t4\nGid:\t5\t6\t7\t8\n", &facts,
	     proc_facts_status);
	EXPECT_TRUE(facts.has_uid);
	EXPECT_EQ(0, facts.uid);
	facts = (struct process_facts){ 0 };
	take("Name:\ta\n", &facts, proc_facts_status);
	EXPECT_FALSE(facts.has_uid);
}

TEST(seccomp)
{
	struct process_facts facts = { 0 };

	take("Name:\tSeccomp: 1\nUid:\t1\t2\t3\t4\nSeccomp:\t2\nSeccomp_filters:\t1\n", &facts,
	     proc_facts_status);
	EXPECT_TRUE(facts.has_uid);
	EXPECT_EQ(2, facts.uid);
	EXPECT_TRUE(facts.has_seccomp);
	EXPECT_EQ(2, facts.seccomp);
	/* A kernel without seccomp has no such line. */
	facts = (struct process_facts){ 0 };
	take("Name:\ta\nUid:\t1\t2\t3\t4\n", &facts, proc_facts_status);
	EXPECT_FALSE(facts.has_seccomp);
}

TEST(parents)
{
	struct process_facts facts = { 0 };
	uint64_t tick = 1000000000 / sysconf(_SC_CLK_TCK);

	take("7 (a) S 1 (b) c) R 99 7 7 34816 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 999 1\n",
	     &facts, proc_facts_stat);
	EXPECT_TRUE(facts.has_parent);
	EXPECT_EQ(99, facts.parent);
	EXPECT_TRUE(facts.has_start);
	EXPECT_EQ(12345 * tick, facts.start);
	facts = (struct process_facts){ 0 };
	take("7 (a) R 99 7 7", &facts, proc_facts_stat);
	EXPECT_FALSE(facts.has_parent);
	EXPECT_FALSE(facts.has_start);
	take("7", &facts, proc_facts_stat);
	EXPECT_FALSE(facts.has_parent);
}

TEST(this_process)
{
	struct process_facts facts = { .watch = 1, .pid = getpid() };
	char executable[PATH_MAX] = "";

	ASSERT_LT(0, readlink("/proc/self/exe", executable, sizeof(executable) - 1));
	proc_facts_read(&facts, timestamp_now());
	EXPECT_STREQ(executable, facts.executable);
	EXPECT_TRUE(facts.has_uid);
	EXPECT_EQ(geteuid(), facts.uid);
	EXPECT_EQ(getppid(), facts.parent);
	EXPECT_TRUE(facts.has_seccomp);
	EXPECT_EQ(prctl(PR_GET_SECCOMP), facts.seccomp);
	EXPECT_NE(0, facts.start);
	process_facts_free(&facts);
	/* A process of this number that was there when the machine started was another one. */
	facts = (struct process_facts){ .watch = 1, .pid = getpid() };
	proc_facts_read(&facts, 0);
	EXPECT_EQ(NULL, facts.executable);
	EXPECT_FALSE(facts.has_uid);
	EXPECT_FALSE(facts.has_parent);
	EXPECT_FALSE(facts.has_start);
	EXPECT_FALSE(facts.has_seccomp);
	EXPECT_EQ(getpid(), facts.pid);
	EXPECT_EQ(1, facts.watch);
}

/* The number of a process that was there when the machine started belongs to another one now. */
TEST(number_of_another_process)
{
	EXPECT_TRUE(proc_facts_is_since(getpid(), timestamp_now()));
	EXPECT_FALSE(proc_facts_is_since(getpid(), 0));
	EXPECT_FALSE(proc_facts_is_since(UINT32_MAX, timestamp_now()));
}

TEST(no_process)
{
	struct process_facts facts = { .pid = UINT32_MAX };

	proc_facts_read(&facts, timestamp_now());
	EXPECT_EQ(NULL, facts.executable);
	EXPECT_EQ(NULL, facts.cgroup);
	EXPECT_FALSE(facts.has_uid);
	EXPECT_FALSE(facts.has_parent);
}

TEST_HARNESS_MAIN
