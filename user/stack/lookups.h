/* SPDX-License-Identifier: GPL-2.0 */
/* Which further files libdwfl may open for a file that a process has mapped. */
#ifndef BRKWATCH_LOOKUPS_H
#define BRKWATCH_LOOKUPS_H

#include <stdbool.h>
#include <elfutils/libdwfl.h>

/* Debug information comes from /usr/lib/debug, and from nowhere that a mapped file names. */
extern const Dwfl_Callbacks lookups;

/**
 * lookups_end() - does the debug information of a file lead to no file that the mapped one names
 * @module: the file
 *
 * Return: whether sources may be looked up.
 */
bool lookups_end(Dwfl_Module *module);

#endif
