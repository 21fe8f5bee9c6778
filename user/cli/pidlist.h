/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of process ids, as in -p 12,34. */
#ifndef BRKWATCH_PIDLIST_H
#define BRKWATCH_PIDLIST_H

#include <stddef.h>
#include <sys/types.h>

/**
 * struct pidlist - processes the user named, each once, in order
 * @v: their ids
 * @n: how many
 *
 * An all-zero structure is an empty list.
 */
struct pidlist {
	pid_t *v;
	size_t n;
};

/**
 * pidlist_add() - add the ids in a text
 * @list: the list
 * @text: ids with commas, spaces or newlines between them
 * @bad: set to the first word that is no id, if there is one
 * @bad_len: set to the length of that word; 0 if @text has no words
 *
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int pidlist_add(struct pidlist *list, const char *text, const char **bad, int *bad_len);

/**
 * pidlist_free() - make the list empty
 * @list: the list
 */
void pidlist_free(struct pidlist *list);

#endif
