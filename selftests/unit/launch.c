// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "run/launch.h"

#define NOBODY "nobody"

static const struct user self;

/* The status of a shell script that is started in this way; -1 if it did not start. */
static int run(const char *script, const struct user *user, const char *const *environment,
	       size_t n)
{
	char *const argv[] = { "sh", "-c", (char *)script, NULL };
	const struct launch_order order = { argv, user, environment, n, false };
	struct launch launch = { 0 };
	int status;

	if (launch_hold(&launch, &order) || launch_release(&launch) ||
	    waitpid(launch.pid, &status, 0) != launch.pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

TEST(environment)
{
	static const char *const changes[] = { "UNIT_A=b=c", "UNIT_B",	"UNIT_C",
					       "UNIT_C=",    "UNIT_D=", "UNIT_D" };

	setenv("UNIT_B", "1", 1);
	setenv("UNIT_E", "kept", 1);
	EXPECT_EQ(7, run("[ \"$UNIT_A\" = b=c ] && [ -z \"${UNIT_B+set}\" ] &&"
			 "[ \"${UNIT_C+set}\" ] && [ -z \"${UNIT_D+set}\" ] &&"
			 "[ \"$UNIT_E\" = kept ] && exit 7",
			 &self, changes, sizeof(changes) / sizeof(*changes)));
	/* Our own environment is unchanged. */
	EXPECT_EQ(NULL, getenv("UNIT_A"));
	EXPECT_STREQ("1", getenv("UNIT_B"));
}

TEST(what_cannot_be_run)
{
	char *const argv[] = { "/nowhere/program", NULL };
	const struct launch_order order = { argv, &self, NULL, 0, false };
	struct launch launch = { 0 };

	ASSERT_EQ(0, launch_hold(&launch, &order));
	EXPECT_EQ(-ENOENT, launch_release(&launch));
	EXPECT_FALSE(launch.no_user);
}

TEST(another_user)
{
	char *const argv[] = { "true", NULL };
	struct user user = { 0 };
	const struct launch_order order = { argv, &user, NULL, 0, false };
	struct launch launch = { 0 };
	char script[256];

	ASSERT_EQ(0, user_find(&user, NOBODY));
	if (geteuid()) {
		ASSERT_EQ(0, launch_hold(&launch, &order));
		EXPECT_EQ(-EPERM, launch_release(&launch));
		EXPECT_TRUE(launch.no_user);
	} else {
		/* None of root's groups is left. */
		ASSERT_EQ(0, setgroups(2, (gid_t[]){ 0, 3 }));
		snprintf(script, sizeof(script),
			 "[ \"$(id -ru) $(id -u) $(id -G)\" = \"%u %u $(id -G " NOBODY
			 ")\" ] && exit 7",
			 user.uid, user.uid);
		EXPECT_EQ(7, run(script, &user, NULL, 0));
		EXPECT_EQ(0, geteuid());
	}
	user_free(&user);
}

TEST(users)
{
	static const char *const bad[] = { "",		 "-1", "no such user",
					   "4294967295", "1x", "4294967294" };
	struct user user = { 0 };
	size_t i;

	ASSERT_EQ(0, user_find(&user, "root"));
	EXPECT_EQ(0, user.uid);
	EXPECT_EQ(0, user.gid);
	ASSERT_LE(1, user.groups_n);
	/* The last variable counts. */
	ASSERT_EQ(0, user_find(&user, NOBODY));
	EXPECT_STREQ(NOBODY, user.name);
	EXPECT_NE(0, user.uid);
	ASSERT_EQ(0, user_find(&user, "0"));
	EXPECT_EQ(0, user.uid);
	user_free(&user);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		EXPECT_EQ(-ENOENT, user_find(&user, bad[i]))
		{
			TH_LOG("'%s'", bad[i]);
		}
	}
}

TEST_HARNESS_MAIN
