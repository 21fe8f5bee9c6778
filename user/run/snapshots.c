// SPDX-License-Identifier: GPL-2.0
/* Snapshots that wait for their place between the events. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "run/snapshots.h"

#define CAP_MIN 16

int snapshots_add(struct snapshots *set, const struct snapshot *snapshot)
{
	struct snapshot *v = array_room(set->v, set->n, &set->cap, sizeof(*v), CAP_MIN);

	if (!v) {
		free(snapshot->areas);
		return -ENOMEM;
	}
	set->v = v;
	set->v[set->n++] = *snapshot;
	return 0;
}

static void take_out(struct snapshots *set, size_t i, struct snapshot *snapshot)
{
	*snapshot = set->v[i];
	array_remove(set->v, &set->n, sizeof(*set->v), i);
}

/* Free the snapshots of a watch that have lower numbers than id. */
static void drop(struct snapshots *set, uint32_t watch, uint32_t id)
{
	size_t i, kept = 0;

	for (i = 0; i < set->n; i++) {
		if (set->v[i].watch == watch && set->v[i].id < id)
			free(set->v[i].areas);
		else
			set->v[kept++] = set->v[i];
	}
	set->n = kept;
}

bool snapshots_take(struct snapshots *set, uint32_t id, struct snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < set->n; i++) {
		if (set->v[i].id != id)
			continue;
		take_out(set, i, snapshot);
		drop(set, snapshot->watch, id);
		return true;
	}
	return false;
}

bool snapshots_take_older(struct snapshots *set, uint64_t time, struct snapshot *snapshot)
{
	if (!set->n || set->v[0].time >= time)
		return false;
	take_out(set, 0, snapshot);
	return true;
}

void snapshots_forget(struct snapshots *set, uint32_t watch)
{
	drop(set, watch, UINT32_MAX);
}

void snapshots_free(struct snapshots *set)
{
	while (set->n)
		free(set->v[--set->n].areas);
	free(set->v);
	memset(set, 0, sizeof(*set));
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->areas);
	snapshot->areas = NULL;
	snapshot->n = 0;
}
