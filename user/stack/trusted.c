// SPDX-License-Identifier: GPL-2.0
/*
 * Files that the kernel reads by itself. Anybody can mount FUSE, and in a user namespace overlayfs.
 * An overlayfs hands reads on to the file systems below it with the rights of whoever mounted it,
 * so that even root waits there for a server that would not serve root.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "stack/trusted.h"

/* Nobody but root can write into these folders. The kernel reports no "..", but a capture may. */
bool trusted_path(const char *path)
{
	static const char *const folders[] = { "/usr/", "/lib", "/bin/", "/sbin/" };
	size_t i;

	if (strstr(path, "/../"))
		return false;
	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (!strncmp(path, folders[i], strlen(folders[i])))
			return true;
	return false;
}

static bool is_in_our_user_namespace(uint32_t pid)
{
	struct stat ours, its;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/ns/user", pid);
	return !stat("/proc/self/ns/user", &ours) && !stat(path, &its) &&
	       ours.st_dev == its.st_dev && ours.st_ino == its.st_ino;
}

static bool has_mount(uint32_t pid, uint64_t mount)
{
	char path[32], *line = NULL;
	uint64_t listed;
	bool has = false;
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/mountinfo", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!has && getline(&line, &room, file) > 0)
		has = sscanf(line, "%" SCNu64, &listed) == 1 && listed == mount;
	free(line);
	fclose(file);
	return has;
}

/* A link in a path can lead to the mounts of another process, so look for the mount itself. */
static bool is_mounted_by_root(int fd, uint32_t pid)
{
	struct statx found;

	return is_in_our_user_namespace(pid) &&
	       !statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &found) &&
	       found.stx_mask & STATX_MNT_ID && has_mount(pid, found.stx_mnt_id);
}

bool trusted_file(int fd, uint32_t pid)
{
	struct statfs found;

	/* A server of FUSE may answer that it does not know this call. */
	if (fstatfs(fd, &found))
		return false;
	switch (found.f_type) {
	case FUSE_SUPER_MAGIC:
	case ECRYPTFS_SUPER_MAGIC:
		return false;
	case OVERLAYFS_SUPER_MAGIC:
		return is_mounted_by_root(fd, pid);
	default:
		return true;
	}
}
