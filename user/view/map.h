/* SPDX-License-Identifier: GPL-2.0 */
/* The address space of a process as a table and as a picture. */
#ifndef BRKWATCH_MAP_H
#define BRKWATCH_MAP_H

#include "view/view.h"
#include "ledger/address_space.h"

/**
 * map_show() - show what a process has now
 * @view: the view
 * @pid: the process
 * @comm: its name
 * @space: its address space
 */
void map_show(struct view *view, uint32_t pid, const char *comm, const struct address_space *space);

/**
 * map_apart() - anonymous memory that the set does not include
 * @space: the address space
 *
 * Return: bytes.
 */
uint64_t map_apart(const struct address_space *space);

/**
 * map_put_rest() - list what is neither in the set nor apart: files, stacks, the kernel's own
 * @view: the view, with @mapped if the names are known; then the sum of what is in memory follows
 * @space: the address space
 */
void map_put_rest(struct view *view, const struct address_space *space);

/**
 * map_put_range() - write the columns of a row up to its origin or name
 * @view: the view; with @mapped, two columns have what of the range is in memory
 * @range: the range
 */
void map_put_range(struct view *view, const struct range *range);

/* "rwx" and a terminating zero. */
#define PROT_NAME_MAX 4

/**
 * map_prot() - the protection of a range as /proc/PID/maps writes it
 * @buf: takes the text
 * @tag: of the range
 *
 * Return: @buf, such as "rw-".
 */
const char *map_prot(char buf[PROT_NAME_MAX], uint64_t tag);

/**
 * map_draw() - draw an address space, the highest address at the top
 * @view: the view
 * @space: the address space
 */
void map_draw(const struct view *view, const struct address_space *space);

#endif
