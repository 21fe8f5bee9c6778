// SPDX-License-Identifier: GPL-2.0
/* Lists of process ids, as in -p 12,34. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/pidlist.h"

#define SEPARATORS ", \t\n"

/* The kernel's PID_MAX_LIMIT. */
#define PID_MAX 4194304

static int add_pid(struct pidlist *list, pid_t pid)
{
	pid_t *v;
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->v[i] == pid)
			return 0;
	v = reallocarray(list->v, list->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	list->v = v;
	list->v[list->n++] = pid;
	return 0;
}

/* strtoul() would take signs, and ignore what follows the digits. */
static pid_t read_pid(const char *word, size_t len)
{
	pid_t pid = 0;
	size_t i;

	for (i = 0; i < len && pid <= PID_MAX; i++) {
		if (word[i] < '0' || word[i] > '9')
			return 0;
		pid = pid * 10 + word[i] - '0';
	}
	return pid <= PID_MAX ? pid : 0;
}

int pidlist_add(struct pidlist *list, const char *text, const char **bad, int *bad_len)
{
	const char *word = text + strspn(text, SEPARATORS);
	size_t len;
	pid_t pid;

	*bad = word;
	*bad_len = 0;
	if (!*word)
		return -EINVAL;
	for (; *word; word += len + strspn(word + len, SEPARATORS)) {
		len = strcspn(word, SEPARATORS);
		pid = read_pid(word, len);
		if (!pid) {
			*bad = word;
			*bad_len = len;
			return -EINVAL;
		}
		if (add_pid(list, pid))
			return -ENOMEM;
	}
	return 0;
}

void pidlist_free(struct pidlist *list)
{
	free(list->v);
	list->v = NULL;
	list->n = 0;
}
