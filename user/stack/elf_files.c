// SPDX-License-Identifier: GPL-2.0
/* The files whose code asks for memory: each is read once. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "lib/format.h"
#include "stack/elf_files.h"

/* What runs from further files has no origin, because the tool must not grow without end. */
#define FILES_MAX 4096

/* d_path() of the kernel appends this to the path of a file that is gone. */
static const char deleted[] = " (deleted)";

static int compare(const void *a, const void *b)
{
	const struct image *x = &((const struct elf_file *)a)->image;
	const struct image *y = &((const struct elf_file *)b)->image;

	if (x->file_time != y->file_time)
		return x->file_time < y->file_time ? -1 : 1;
	if (x->file_size != y->file_size)
		return x->file_size < y->file_size ? -1 : 1;
	/* In a container another file can have the same path, and any size and time. */
	if (x->file_device != y->file_device)
		return x->file_device < y->file_device ? -1 : 1;
	if (x->file_inode != y->file_inode)
		return x->file_inode < y->file_inode ? -1 : 1;
	return strcmp(x->path, y->path);
}

static char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *base = strdup(slash ? slash + 1 : path), *name;
	size_t len = base ? strlen(base) : 0, end = sizeof(deleted) - 1;

	if (len > end && !strcmp(base + len - end, deleted))
		base[len - end] = '\0';
	name = base ? format_word(base) : NULL;
	free(base);
	return name;
}

static void free_file(void *node)
{
	struct elf_file *file = node;

	free((char *)file->image.path);
	free(file->name);
	elf_facts_free(&file->facts);
	free(file);
}

static struct elf_file *new_file(const struct image *image)
{
	struct elf_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->image = *image;
	file->image.path = strdup(image->path);
	file->name = name_of(image->path);
	if (file->image.path && file->name)
		return file;
	free_file(file);
	return NULL;
}

const struct elf_file *elf_files_find(const struct elf_files *files, const struct image *image)
{
	const struct elf_file key = { .image = *image };
	struct elf_file *const *node = tfind(&key, &files->tree, compare);

	return node ? *node : NULL;
}

int elf_files_add(struct elf_files *files, const struct image *image)
{
	struct elf_file *file;

	if (files->n == FILES_MAX || elf_files_find(files, image))
		return 0;
	file = new_file(image);
	if (!file)
		return -ENOMEM;
	if (!tsearch(file, &files->tree, compare)) {
		free_file(file);
		return -ENOMEM;
	}
	if (files->last)
		files->last->next = file;
	else
		files->first = file;
	files->last = file;
	files->n++;
	if (!files->unknown)
		files->unknown = file;
	return 0;
}

struct elf_file *elf_files_next(struct elf_files *files)
{
	struct elf_file *file = files->unknown;

	if (file) {
		file->known = true;
		files->unknown = file->next;
	}
	return file;
}

void elf_files_free(struct elf_files *files)
{
	tdestroy(files->tree, free_file);
	memset(files, 0, sizeof(*files));
}
