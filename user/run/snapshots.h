/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Snapshots that wait for their place between the events. A snapshot that came with an exec
 * belongs to the event with its number. A snapshot that the tool asked for belongs before the
 * first newer event.
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
 * An all-zero set is empty.
 */
struct snapshots {
	struct snapshot *v;
	size_t n;
	size_t cap;
};

/**
 * snapshots_add() - keep one
 * @set: the snapshots
 * @snapshot: the snapshot; the set owns its areas from now on
 *
 * Return: 0, or -ENOMEM when the areas have been freed instead.
 */
int snapshots_add(struct snapshots *set, const struct snapshot *snapshot);

/**
 * snapshots_take() - take out the snapshot with a number
 * @set: the snapshots
 * @id: the number
 * @snapshot: filled; snapshot_free() it
 *
 * Snapshots of the same watch with lower numbers are freed, because their events were lost.
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
 * Snapshots that the tool asked for arrive in the order in which the module took them.
 *
 * Return: whether there was one.
 */
bool snapshots_take_older(struct snapshots *set, uint64_t time, struct snapshot *snapshot);

/**
 * snapshots_forget() - free the snapshots of a watch
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
