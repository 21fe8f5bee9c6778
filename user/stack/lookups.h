/* SPDX-License-Identifier: GPL-2.0 */
/* Which further files libdwfl may open for a file that a process has mapped. */
#ifndef BRKWATCH_LOOKUPS_H
#define BRKWATCH_LOOKUPS_H

#include <stdbool.h>
#include <elfutils/libdwfl.h>

/**
 * lookups_begin() - begin a session of libdwfl
 *
 * Debug information comes from /usr/lib/debug, from nowhere that a mapped file names, and from no
 * server (debuginfod): the variable DEBUGINFOD_URLS leaves our environment. Start programs that may
 * need it before.
 *
 * Return: the session, or NULL.
 */
struct Dwfl *lookups_begin(void);

/**
 * lookups_end() - does the debug information of a file lead to no file that the mapped one names
 * @module: the file
 *
 * Return: whether sources may be looked up.
 */
bool lookups_end(Dwfl_Module *module);

#endif
