/* SPDX-License-Identifier: GPL-2.0 */
/* Where memory came from, as far as a call shows. */
#ifndef BRKWATCH_ORIGIN_H
#define BRKWATCH_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "ledger/tag.h"

/**
 * origin_name() - the name of an origin
 * @origin: the origin
 *
 * Return: its name, such as "malloc mmap".
 */
const char *origin_name(enum origin origin);

/**
 * apart_name() - the name of anonymous memory outside the set
 * @tag: one for which tag_is_apart() holds
 *
 * Return: its name, such as "shared".
 */
const char *apart_name(uint64_t tag);

/**
 * origin_of_mmap() - where a new anonymous mapping came from
 * @ev: a successful mmap
 * @over: tag of what was mapped at its address before, 0 for nothing
 * @loading: the dynamic loader may still be at work
 *
 * Return: the origin's bits of a tag, with TAG_GUESS if it is one.
 */
uint64_t origin_of_mmap(const struct event *ev, uint64_t over, bool loading);

#endif
