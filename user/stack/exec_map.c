// SPDX-License-Identifier: GPL-2.0
/* Which files' code a process has mapped, and where. */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/array.h"
#include "stack/exec_map.h"
#include "stack/opener.h"

#define EXEC_MAPS_MIN 16
/* What a process has unmapped stays, so the oldest must go at some time. */
#define EXEC_MAPS_MAX 4096
#define NSEC_PER_SEC 1000000000ULL

static void drop(struct exec_maps *maps, size_t i)
{
	maps->stale |= maps->v[i].told;
	free((char *)maps->v[i].image.path);
	array_remove(maps->v, &maps->n, sizeof(*maps->v), i);
}

int exec_maps_add(struct exec_maps *maps, const struct image *image)
{
	struct exec_map *v;
	size_t i = maps->n;
	char *path;

	while (i-- > 0)
		if (maps->v[i].image.start < image->end && image->start < maps->v[i].image.end)
			drop(maps, i);
	if (maps->n == EXEC_MAPS_MAX)
		drop(maps, 0);
	v = array_room(maps->v, maps->n, &maps->cap, sizeof(*v), EXEC_MAPS_MIN);
	if (!v)
		return -ENOMEM;
	maps->v = v;
	path = strdup(image->path);
	if (!path)
		return -ENOMEM;
	maps->v[maps->n] = (struct exec_map){ .image = *image };
	maps->v[maps->n++].image.path = path;
	maps->fresh = true;
	return 0;
}

void exec_maps_forget(struct exec_maps *maps, uint64_t time)
{
	size_t i = maps->n;

	while (i-- > 0)
		if (maps->v[i].image.time < time)
			drop(maps, i);
}

void exec_maps_cover(struct exec_maps *maps, uint64_t start, uint64_t end, uint64_t time)
{
	size_t i;

	for (i = 0; i < maps->n; i++) {
		struct image *image = &maps->v[i].image;

		if (image->time >= time)
			continue;
		if (image->start < end && start < image->end)
			maps->v[i].covered = true;
		if (image->below && image->below < end && start < image->start)
			image->below = end;
	}
}

struct exec_map *exec_maps_at(const struct exec_maps *maps, uint64_t addr)
{
	size_t i;

	for (i = 0; i < maps->n; i++)
		if (addr >= maps->v[i].image.start && addr < maps->v[i].image.end)
			return &maps->v[i];
	return NULL;
}

static bool is_of_file(const struct exec_map *map, uint64_t addr, uint64_t time)
{
	const struct image *image = &map->image;

	if (image->time >= time)
		return false;
	if (addr < image->start)
		return image->below && addr >= image->below;
	return addr < image->end && !map->covered;
}

const struct image *exec_maps_file(const struct exec_maps *maps, uint64_t addr, uint64_t time)
{
	size_t i;

	for (i = 0; i < maps->n; i++)
		if (is_of_file(&maps->v[i], addr, time))
			return &maps->v[i].image;
	return NULL;
}

/* Whether a file is the one that was mapped. */
enum identity { FILE_OTHER, FILE_ALIKE, FILE_SAME };

static enum identity identity_of(int fd, const struct image *image)
{
	struct stat found;

	if (fstat(fd, &found) || !S_ISREG(found.st_mode) ||
	    (uint64_t)found.st_size != image->file_size ||
	    found.st_mtim.tv_sec * NSEC_PER_SEC + found.st_mtim.tv_nsec != image->file_time)
		return FILE_OTHER;
	/* Some file systems show stat(2) another device than the kernel's own, and other inodes. */
	if (!image->file_inode || found.st_dev != image->file_device)
		return FILE_ALIKE;
	return found.st_ino == image->file_inode ? FILE_SAME : FILE_OTHER;
}

static int open_regular(const char *path)
{
	int at = open(path, O_PATH | O_CLOEXEC), fd = -1;
	char again[32];
	struct stat found;

	/* To open a device can do something, so hold the file without opening it, and look first. */
	if (at < 0)
		return -1;
	snprintf(again, sizeof(again), "/proc/self/fd/%d", at);
	if (!fstat(at, &found) && S_ISREG(found.st_mode))
		fd = open(again, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	close(at);
	return fd;
}

static int open_alike(const char *path, const struct image *image, enum identity *identity)
{
	int fd = open_regular(path);

	*identity = fd < 0 ? FILE_OTHER : identity_of(fd, image);
	if (fd < 0 || *identity != FILE_OTHER)
		return fd;
	close(fd);
	return -1;
}

/* What we see under the path may only be alike, but the process may be gone. */
int exec_map_fd(const struct image *image, uint32_t pid)
{
	enum identity identity;
	int ours = open_alike(image->path, image, &identity), theirs;
	char *path = NULL;

	if (identity == FILE_SAME)
		return ours;
	if (asprintf(&path, "/proc/%" PRIu32 "/root%s", pid, image->path) < 0)
		return ours;
	theirs = open_alike(path, image, &identity);
	free(path);
	if (theirs < 0)
		return ours;
	if (ours >= 0)
		close(ours);
	return theirs;
}

/* Finds what must be added to an address in the file to get the one in memory. */
static bool find_bias(int fd, struct exec_map *map, bool *is_32)
{
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	uint64_t page = sysconf(_SC_PAGESIZE);
	bool found = false;
	size_t i, n = 0;
	GElf_Phdr phdr;

	if (!elf || elf_getphdrnum(elf, &n))
		n = 0;
	for (i = 0; i < n && !found; i++) {
		if (!gelf_getphdr(elf, i, &phdr) || phdr.p_type != PT_LOAD ||
		    !(phdr.p_flags & PF_X))
			continue;
		found = (phdr.p_offset & -page) <= map->image.offset &&
			map->image.offset < phdr.p_offset + phdr.p_filesz;
		map->bias = map->image.start - map->image.offset + phdr.p_offset - phdr.p_vaddr;
	}
	*is_32 |= found && gelf_getclass(elf) == ELFCLASS32;
	elf_end(elf);
	return found;
}

int exec_map_open(struct exec_map *map, uint32_t pid, bool *is_32, uint64_t *copied)
{
	int fd = opener_open(&map->image, pid, copied);

	if (fd < 0 || find_bias(fd, map, is_32))
		return fd;
	close(fd);
	return -1;
}

void exec_maps_free(struct exec_maps *maps)
{
	while (maps->n)
		drop(maps, maps->n - 1);
	free(maps->v);
	memset(maps, 0, sizeof(*maps));
}
