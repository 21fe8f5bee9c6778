/* SPDX-License-Identifier: GPL-2.0 */
/* The address space of a process as a table and as a picture. */
#ifndef BRKWATCH_MAP_SINK_H
#define BRKWATCH_MAP_SINK_H

#include "sink.h"
#include "space.h"

/* Shows what a process had at its end. */
extern const struct sink_ops map_sink;

/**
 * map_show() - show what a process has now
 * @sink: the sink
 * @pid: the process
 * @comm: its name
 * @space: its address space
 */
void map_show(struct sink *sink, uint32_t pid, const char *comm, const struct space *space);

/**
 * map_draw() - draw an address space, the highest address at the top
 * @out: where to
 * @space: the address space
 * @page: bytes in a page
 */
void map_draw(FILE *out, const struct space *space, uint64_t page);

#endif
