/* SPDX-License-Identifier: GPL-2.0 */
/* A user that a program is run as. */
#ifndef BRKWATCH_USER_H
#define BRKWATCH_USER_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct user - a user that a program is run as
 * @name: as it was given, NULL for nobody
 * @uid: its number
 * @gid: number of its first group
 * @groups: numbers of all its groups
 * @groups_n: how many
 */
struct user {
	const char *name;
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	int groups_n;
};

/**
 * user_number() - read the number of a user that may have no name
 * @uid: set to it
 * @text: digits and nothing else
 *
 * Return: whether that is one; if not, @uid is as before.
 */
bool user_number(uid_t *uid, const char *text);

/**
 * user_find() - look a user up
 * @user: filled; release it with user_free()
 * @text: name or number; must stay where it is
 *
 * Return: 0, -ENOENT without such a user, or -ENOMEM.
 */
int user_find(struct user *user, const char *text);

/**
 * user_become() - go on as this user, with its groups and no others
 * @user: the user
 *
 * Return: 0 or a negative errno.
 */
int user_become(const struct user *user);

/**
 * user_free() - release its memory
 * @user: the user, which may be all zeros
 */
void user_free(struct user *user);

#endif
