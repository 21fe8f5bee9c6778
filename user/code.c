// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "code.h"

#define CODES_MIN 16
#define NSEC_PER_SEC 1000000000ULL

static void drop(struct codes *codes, size_t i)
{
	codes->stale |= codes->v[i].told;
	free((char *)codes->v[i].image.path);
	codes->n--;
	memmove(&codes->v[i], &codes->v[i + 1], (codes->n - i) * sizeof(*codes->v));
}

int codes_add(struct codes *codes, const struct image *image)
{
	struct code *v;
	size_t i = codes->n;
	char *path;

	while (i-- > 0)
		if (codes->v[i].image.start < image->end && image->start < codes->v[i].image.end)
			drop(codes, i);
	v = array_room(codes->v, codes->n, &codes->cap, sizeof(*v), CODES_MIN);
	if (!v)
		return -ENOMEM;
	codes->v = v;
	path = strdup(image->path);
	if (!path)
		return -ENOMEM;
	codes->v[codes->n] = (struct code){ .image = *image };
	codes->v[codes->n++].image.path = path;
	codes->fresh = true;
	return 0;
}

void codes_forget(struct codes *codes, uint64_t time)
{
	size_t i = codes->n;

	while (i-- > 0)
		if (codes->v[i].image.time < time)
			drop(codes, i);
}

const struct code *codes_at(const struct codes *codes, uint64_t addr)
{
	size_t i;

	for (i = 0; i < codes->n; i++)
		if (addr >= codes->v[i].image.start && addr < codes->v[i].image.end)
			return &codes->v[i];
	return NULL;
}

static bool is_same_file(int fd, const struct image *image)
{
	struct stat found;

	if (fstat(fd, &found) || !S_ISREG(found.st_mode))
		return false;
	return (uint64_t)found.st_size == image->file_size &&
	       found.st_mtim.tv_sec * NSEC_PER_SEC + found.st_mtim.tv_nsec == image->file_time;
}

static int open_regular(const char *path)
{
	struct stat found;

	/* To open a device can do something, and a capture may name any. */
	if (stat(path, &found) || !S_ISREG(found.st_mode))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* By its path as we see it, or as the process does; -1 if neither is the file. */
static int open_file(const struct image *image, uint32_t pid)
{
	char *path = NULL;
	int fd = open_regular(image->path);

	if (fd >= 0 && is_same_file(fd, image))
		return fd;
	if (fd >= 0)
		close(fd);
	if (asprintf(&path, "/proc/%" PRIu32 "/root%s", pid, image->path) < 0)
		return -1;
	fd = open_regular(path);
	free(path);
	if (fd < 0 || is_same_file(fd, image))
		return fd;
	close(fd);
	return -1;
}

/* What is to be added to the addresses in the file to get those in memory. */
static bool find_bias(int fd, struct code *code, bool *is_32)
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
		found = (phdr.p_offset & -page) <= code->image.offset &&
			code->image.offset < phdr.p_offset + phdr.p_filesz;
		code->bias = code->image.start - code->image.offset + phdr.p_offset - phdr.p_vaddr;
	}
	*is_32 |= found && gelf_getclass(elf) == ELFCLASS32;
	elf_end(elf);
	return found;
}

int code_open(struct code *code, uint32_t pid, bool *is_32)
{
	int fd = open_file(&code->image, pid);

	if (fd < 0 || find_bias(fd, code, is_32))
		return fd;
	close(fd);
	return -1;
}

void codes_free(struct codes *codes)
{
	while (codes->n)
		drop(codes, codes->n - 1);
	free(codes->v);
	memset(codes, 0, sizeof(*codes));
}
