// SPDX-License-Identifier: GPL-2.0
/* A user that a program is run as. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/user.h"

bool user_number(uid_t *uid, const char *text)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	/* strtoul() would take signs and spaces. The largest number is no user in the kernel. */
	if (*text < '0' || *text > '9' || *end || errno || number >= UINT32_MAX)
		return false;
	*uid = number;
	return true;
}

static const struct passwd *find(const char *text)
{
	const struct passwd *entry = getpwnam(text);
	uid_t uid;

	if (entry)
		return entry;
	return user_number(&uid, text) ? getpwuid(uid) : NULL;
}

int user_find(struct user *user, const char *text)
{
	const struct passwd *entry = find(text);
	gid_t *groups;
	int n = 0;

	if (!entry)
		return -ENOENT;
	user_free(user);
	user->name = text;
	user->uid = entry->pw_uid;
	user->gid = entry->pw_gid;
	/* The first call only counts them. */
	getgrouplist(entry->pw_name, entry->pw_gid, NULL, &n);
	do {
		groups = reallocarray(user->groups, n, sizeof(*groups));
		if (!groups)
			return -ENOMEM;
		user->groups = groups;
		user->groups_n = n;
	} while (getgrouplist(entry->pw_name, entry->pw_gid, groups, &n) < 0);
	user->groups_n = n;
	return 0;
}

int user_become(const struct user *user)
{
	/* setuid() comes last, because a process may not change its groups after it. */
	if (setgroups(user->groups_n, user->groups) || setgid(user->gid) || setuid(user->uid))
		return -errno;
	return 0;
}

void user_free(struct user *user)
{
	free(user->groups);
	*user = (struct user){ 0 };
}
