/* SPDX-License-Identifier: GPL-2.0 */
/* The stack of a call, in the forms of the views. */
#ifndef BRKWATCH_TRACE_H
#define BRKWATCH_TRACE_H

#include <stdbool.h>
#include <stdio.h>

#include "stack/unwind.h"

struct line;

/**
 * put_trace() - write a stack as strace -k does
 * @out: where to
 * @trace: the functions
 * @normalize: leave out what differs from run to run
 */
void put_trace(FILE *out, const struct trace *trace, bool normalize);

/**
 * put_folded() - write a stack in one line, the outermost function first
 * @out: where to
 * @comm: name of the thread
 * @trace: the functions
 */
void put_folded(FILE *out, const char *comm, const struct trace *trace);

/**
 * line_trace() - add a stack as an array of objects
 * @line: the line
 * @key: name of the array, NULL in an array
 * @trace: the functions
 * @normalize: leave out what differs from run to run
 */
void line_trace(struct line *line, const char *key, const struct trace *trace, bool normalize);

/**
 * trace_end_name() - name the reason why a trace ends
 * @end: enum trace_end
 *
 * Return: one word.
 */
const char *trace_end_name(enum trace_end end);

#endif
