/* SPDX-License-Identifier: GPL-2.0 */
/* Whose code made a call. */
#ifndef BRKWATCH_ASKER_H
#define BRKWATCH_ASKER_H

#include "event/event.h"
#include "ledger/origin.h"
#include "stack/elf_files.h"
#include "stack/exec_map.h"

/**
 * asker_find() - find whose code made a call
 * @files: has the facts of the files
 * @maps: code of the process when it made the call
 * @ev: the call
 * @asker: filled; all zero if nothing shows it
 *
 * The caller is the first code outside the C library's system-call functions.
 */
void asker_find(const struct elf_files *files, const struct exec_maps *maps, const struct event *ev,
		struct asker *asker);

/**
 * owner_of_file() - whose code is in a file, apart from places
 * @name: name of the file, without directories
 * @facts: what the file says
 *
 * Return: OWNER_UNKNOWN for a loader or C library that could not be read.
 */
enum code_owner owner_of_file(const char *name, const struct elf_facts *facts);

#endif
