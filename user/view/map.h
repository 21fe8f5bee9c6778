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
 * map_draw() - draw an address space, the highest address at the top
 * @out: where to
 * @space: the address space
 * @page: bytes in a page
 */
void map_draw(FILE *out, const struct address_space *space, uint64_t page);

#endif
