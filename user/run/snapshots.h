/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Snapshots that have arrived and wait for their place between the events. One
 * that came with an exec belongs at the event of its number. One that was asked
 * for belongs before the first event that is newer than it.
 */
#ifndef BRKWATCH_SNAPSHOTS_H
#define BRKWATCH_SNAPSHOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

/**
 * struct snapshots - snapshots in the order in which they came
 * @v: the snapshots
 * @n: how many
 * @cap: room in @v
 *
 * All zero has none.
 */
struct snapshots {
	struct snapshot *v;
	size_t n;
	size_t cap;
};

/**
 * snapshots_add() - keep one
 * @set: the snapshots
 * @snapshot: the one; its areas are the set's from now on
 *
 * Return: 0, or -ENOMEM when the areas have been freed instead.
 */
int snapshots_add(struct snapshots *set, const struct snapshot *snapshot);

/**
 * snapshots_take() - take out that of a number
 * @set: the snapshots
 * @id: the number
 * @snapshot: filled; snapshot_free() it
 *
 * Those of the same watch with lower numbers are for events that were lost: they
 * are freed.
 *
 * Return: whether it is there.
 */
bool snapshots_take(struct snapshots *set, uint32_t id, struct snapshot *snapshot);

/**
 * snapshots_take_older() - take out the first if it is older than a moment
 * @set: the snapshots
 * @time: the moment
 * @snapshot: filled; snapshot_free() it
 *
 * Those that were asked for come in the order in which they were taken.
 *
 * Return: whether it is.
 */
bool snapshots_take_older(struct snapshots *set, uint64_t time, struct snapshot *snapshot);

/**
 * snapshots_forget() - free those of a watch
 * @set: the snapshots
 * @watch: id of the watch
 */
void snapshots_forget(struct snapshots *set, uint32_t watch);

/**
 * snapshots_free() - free all
 * @set: the snapshots
 */
void snapshots_free(struct snapshots *set);

/**
 * snapshot_free() - free the areas of one
 * @snapshot: the snapshot
 */
void snapshot_free(struct snapshot *snapshot);

#endif
