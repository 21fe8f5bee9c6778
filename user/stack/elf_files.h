/* SPDX-License-Identifier: GPL-2.0 */
/* The files whose code asks for memory, and what each says. */
#ifndef BRKWATCH_ELF_FILES_H
#define BRKWATCH_ELF_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "stack/elf_facts.h"

/**
 * struct elf_file - a file with code
 * @image: where it lies in the first process that has it; the structure owns its path
 * @name: its name without directories, as format_word() writes it
 * @known: somebody has looked for its facts
 * @facts: what it says; all zero if it cannot be read
 * @next: the file that came after it
 */
struct elf_file {
	struct image image;
	char *name;
	bool known;
	struct elf_facts facts;
	struct elf_file *next;
};

/**
 * struct elf_files - the files of a session
 * @tree: all of them, a tree of tsearch(3)
 * @first: the file that came first
 * @last: the file that came last
 * @unknown: the first one whose facts nobody has looked for
 * @n: how many
 * @waited: ns of all long waits for files
 * @late: a file did not answer, or @waited is too long, so the tool reads only those of the system
 *	any more
 *
 * An all-zero set is empty. Files stay where they are.
 */
struct elf_files {
	void *tree;
	struct elf_file *first;
	struct elf_file *last;
	struct elf_file *unknown;
	size_t n;
	uint64_t waited;
	bool late;
};

/**
 * elf_files_add() - add the file of an image, unless it is there or there are too many
 * @files: the files
 * @image: the image
 *
 * Return: 0 or -ENOMEM.
 */
int elf_files_add(struct elf_files *files, const struct image *image);

/**
 * elf_files_next() - find a file whose facts nobody has looked for
 * @files: the files
 *
 * Return: the file, which is @known from now on, or NULL.
 */
struct elf_file *elf_files_next(struct elf_files *files);

/**
 * elf_files_find() - find the file of an image
 * @files: the files
 * @image: the image
 *
 * Return: the file, or NULL if it was not added.
 */
const struct elf_file *elf_files_find(const struct elf_files *files, const struct image *image);

/**
 * elf_files_free() - release their memory
 * @files: the files
 */
void elf_files_free(struct elf_files *files);

#endif
