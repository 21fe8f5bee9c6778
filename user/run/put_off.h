/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that keep what they have mapped to themselves: nobody may look at it for as long
 * as they stay in execve() or keep its lock. Each is asked again after some drains.
 */
#ifndef BRKWATCH_PUT_OFF_H
#define BRKWATCH_PUT_OFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct put_off - those who are to be asked again
 * @v: ids of their watches, who has waited longest first
 * @n: how many
 * @cap: room in @v
 * @drains: since one of them was asked
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
 * put_off_add() - one more, who is asked after all others
 * @set: those there are
 * @watch: id of the watch
 *
 * Return: 0, or -ENOMEM.
 */
int put_off_add(struct put_off *set, uint32_t watch);

/**
 * put_off_drop() - one is not to be asked any more
 * @set: those there are
 * @watch: id of the watch
 *
 * Return: whether it was to be.
 */
bool put_off_drop(struct put_off *set, uint32_t watch);

/**
 * put_off_due() - after a drain: is somebody to be asked?
 * @set: those there are
 * @watch: filled with the id of the watch
 *
 * To ask can take a second, and what comes meanwhile has to have room in the ring: so that is
 * one of them, and once in some drains.
 *
 * Return: whether somebody is.
 */
bool put_off_due(struct put_off *set, uint32_t *watch);

/**
 * put_off_free() - give back its memory
 * @set: those there are
 */
void put_off_free(struct put_off *set);

#endif
