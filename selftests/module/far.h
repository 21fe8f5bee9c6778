/* SPDX-License-Identifier: GPL-2.0 */
/* A file with a path as long as paths can be. */
#ifndef FAR_H
#define FAR_H

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAR_TOP "/tmp/far-XXXXXX"

/* Nests folders until the path is about that long, and makes a file of one page there. */
static inline int far_open(char path[PATH_MAX], size_t length)
{
	char name[200];
	int fd;

	memcpy(path, FAR_TOP, sizeof(FAR_TOP));
	if (!mkdtemp(path))
		return -1;
	memset(name, 'f', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	while (strlen(path) + sizeof(name) < length) {
		strcat(strcat(path, "/"), name);
		if (mkdir(path, 0700))
			return -1;
	}
	strcat(path, "/file");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0700);
	return fd < 0 || ftruncate(fd, 4096) ? -1 : fd;
}

static inline void far_remove(char *path)
{
	unlink(path);
	while (strlen(path) > strlen(FAR_TOP)) {
		*strrchr(path, '/') = 0;
		rmdir(path);
	}
}

#endif
