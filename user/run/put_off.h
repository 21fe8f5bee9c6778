/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes with memory that the module could not look at, because they stay in execve() or keep
 * it locked. The tool asks for each again after some drains.
 */
#ifndef BRKWATCH_PUT_OFF_H
#define BRKWATCH_PUT_OFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct put_off - processes that the tool must ask for again
 * @v: ids of their watches, the one that has waited longest first
 * @n: how many
 * @cap: room in @v
 * @drains: drains since the tool asked for one of them
 *
 * All zero is the empty set.
 */
struct put_off {
	uint32_t *v;
	size_t n;
	size_t cap;
	unsigned int drains;
};

/**
 * put_off_add() - add a process after all others
 * @set: the processes put off
 * @watch: id of the watch
 *
 * Return: 0, or -ENOMEM.
 */
int put_off_add(struct put_off *set, uint32_t watch);

/**
 * put_off_drop() - remove a process that the tool need not ask for any more
 * @set: the processes put off
 * @watch: id of the watch
 *
 * Return: whether it was there.
 */
bool put_off_drop(struct put_off *set, uint32_t watch);

/**
 * put_off_has() - whether a process is put off
 * @set: the processes put off
 * @watch: id of the watch
 *
 * Return: whether it is.
 */
bool put_off_has(const struct put_off *set, uint32_t watch);

/**
 * put_off_due() - after a drain, see whether it is time to ask for a process
 * @set: the processes put off
 * @watch: filled with the id of the watch
 *
 * A request can take a second, and the ring needs room for the events that come meanwhile. So the
 * tool asks for one process at a time, and only once in some drains.
 *
 * Return: whether it is.
 */
bool put_off_due(struct put_off *set, uint32_t *watch);

/**
 * put_off_free() - free the memory of a set
 * @set: the processes put off
 */
void put_off_free(struct put_off *set);

#endif
