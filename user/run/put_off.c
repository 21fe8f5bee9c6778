// SPDX-License-Identifier: GPL-2.0
/* Processes that the tool asks for again later. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "run/put_off.h"

#define CAP_MIN 16
/* The tool drains once a second at least. */
#define DRAINS 16

int put_off_add(struct put_off *set, uint32_t watch)
{
	uint32_t *v = array_room(set->v, set->n, &set->cap, sizeof(*v), CAP_MIN);

	if (!v)
		return -ENOMEM;
	set->v = v;
	set->v[set->n++] = watch;
	return 0;
}

/* Returns the number of processes if the watch is not there. */
static size_t place_of(const struct put_off *set, uint32_t watch)
{
	size_t i = 0;

	while (i < set->n && set->v[i] != watch)
		i++;
	return i;
}

bool put_off_drop(struct put_off *set, uint32_t watch)
{
	size_t at = place_of(set, watch);

	if (at == set->n)
		return false;
	array_remove(set->v, &set->n, sizeof(*set->v), at);
	return true;
}

bool put_off_has(const struct put_off *set, uint32_t watch)
{
	return place_of(set, watch) < set->n;
}

bool put_off_due(struct put_off *set, uint32_t *watch)
{
	if (!set->n || ++set->drains < DRAINS)
		return false;
	set->drains = 0;
	*watch = set->v[0];
	return true;
}

void put_off_free(struct put_off *set)
{
	free(set->v);
	memset(set, 0, sizeof(*set));
}
