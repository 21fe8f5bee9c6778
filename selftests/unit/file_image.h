/* SPDX-License-Identifier: GPL-2.0 */
/* A file of this machine as an image that a process has mapped. */
#ifndef UNIT_FILE_IMAGE_H
#define UNIT_FILE_IMAGE_H

#include <stdlib.h>
#include <sys/stat.h>

#include "stack/exec_map.h"

static inline struct image image_of(const char *path)
{
	struct stat found;

	if (stat(path, &found))
		abort();
	return (struct image){
		.file_size = found.st_size,
		.file_time = found.st_mtim.tv_sec * 1000000000ULL + found.st_mtim.tv_nsec,
		.path = path,
	};
}

#endif
