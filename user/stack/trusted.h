/* SPDX-License-Identifier: GPL-2.0 */
/* Files that the kernel reads by itself, so that no watched process can keep a reader waiting. */
#ifndef BRKWATCH_TRUSTED_H
#define BRKWATCH_TRUSTED_H

#include <stdbool.h>
#include <stdint.h>

/**
 * trusted_path() - can only root mount a file system where a path leads
 * @path: the path, as we see it
 *
 * Return: whether it lies in a folder of the system.
 */
bool trusted_path(const char *path);

/**
 * trusted_file() - can no user's process be the server of a file
 * @fd: the file
 * @pid: of the process that mapped the file; where it lives shows who mounted an overlayfs
 *
 * This call may itself wait for the server.
 *
 * Return: whether the kernel reads the file by itself.
 */
bool trusted_file(int fd, uint32_t pid);

#endif
