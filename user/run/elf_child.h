/* SPDX-License-Identifier: GPL-2.0 */
/* Reading a file in a child, because whoever made the file decides how long that takes. */
#ifndef BRKWATCH_ELF_CHILD_H
#define BRKWATCH_ELF_CHILD_H

#include <stdint.h>

#include "stack/elf_files.h"

/**
 * elf_file_read() - read the facts of a file that is still the one that was mapped
 * @files: the files
 * @file: one of them; its facts are filled, or all zero if it cannot be read
 * @pid: of the process, because its root directory may not be ours
 *
 * Return: 0 or -ENOMEM.
 */
int elf_file_read(struct elf_files *files, struct elf_file *file, uint32_t pid);

#endif
