/* SPDX-License-Identifier: GPL-2.0 */
/* Opening files of watched processes, which may lie on a file system that never answers. */
#ifndef BRKWATCH_OPENER_H
#define BRKWATCH_OPENER_H

#include <stdint.h>

#include "event/event.h"

/**
 * opener_open() - open the file of an image if it is still the one that was mapped
 * @image: the image
 * @pid: of the process, because its root directory may not be ours
 * @copied: grows by the bytes of memory that the file takes; give them to opener_release()
 *
 * If a user's process may be the server of the file, this is a copy in memory, so that reads of it
 * never wait. A file that does not answer, or that is too large to be copied, is not opened.
 *
 * Return: a file descriptor, or -1.
 */
int opener_open(const struct image *image, uint32_t pid, uint64_t *copied);

/**
 * opener_release() - make room for other copies
 * @copied: bytes of copies that are closed
 */
void opener_release(uint64_t copied);

/**
 * opener_copy() - copy the first bytes of a file into memory
 * @fd: the file; it begins where it is read next
 * @size: bytes
 *
 * Return: a file descriptor, or -1, also for a file that is shorter.
 */
int opener_copy(int fd, uint64_t size);

#endif
