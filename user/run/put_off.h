/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes at whose memory the module could not look, because they stay in execve() or keep it
 * locked. The tool asks for each again after some drains.
 */
#ifndef BRKWATCH_PUT_OFF_H
#define BRKWATCH_PUT_OFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct put_off - those that the tool is to ask for again
 * @v: ids of their watches, the one that has waited longest first
 * @n: how many
 * @cap: room in @v
 * @drains: since the tool asked for one of them
 *
 * All zero has none.
 */
struct put_off {
	uint32_t *v;
	size_t n;
	size_t cap;
	unsigned int drains;
};

/**
 * put_off_add() - one more, which comes after all others
 * @set: those there are
 * @watch: id of the watch
 *
 * Return: 0, or -ENOMEM.
 */
int put_off_add(struct put_off *set, uint32_t watch);

/**
 * put_off_drop() - one for which the tool need not ask any more
 * @set: those there are
 * @watch: id of the watch
 *
 * Return: whether it was there.
 */
bool put_off_drop(struct put_off *set, uint32_t watch);

/**
 * put_off_due() - after a drain: is it time to ask for one?
 * @set: those there are
 * @watch: filled with the id of the watch
 *
 * A request can take a second, and the ring needs room for what comes meanwhile: so the tool
 * asks for one process, and once in some drains.
 *
 * Return: whether it is.
 */
bool put_off_due(struct put_off *set, uint32_t *watch);

/**
 * put_off_free() - give back its memory
 * @set: those there are
 */
void put_off_free(struct put_off *set);

#endif
