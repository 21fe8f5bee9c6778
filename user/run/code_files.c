// SPDX-License-Identifier: GPL-2.0
/* What files say of who asks for memory. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/code_files.h"
#include "run/elf_child.h"
#include "wire/fact.h"

/* The events of a new process may not have been shown yet. Returns 0 if nothing says it. */
static uint32_t pid_of(const struct pipeline *in, uint32_t watch)
{
	const struct counters *process = session_find(in->session, watch);
	size_t i;

	for (i = 0; !process && i < in->batch.n; i++)
		if (in->batch.v[i].watch == watch)
			return in->batch.v[i].pid;
	return process ? process->pid : 0;
}

/* Several files can have one path. Returns NULL without memory. */
static char *key_of(const struct image *image)
{
	char *key = NULL;

	if (!image->file_inode)
		return strdup(image->path);
	if (asprintf(&key, "%" PRIu32 ":%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%s", image->file_device,
		     image->file_inode, image->file_size, image->file_time, image->path) < 0)
		return NULL;
	return key;
}

static int take(struct channel *channel, struct elf_file *file)
{
	char *key = key_of(&file->image);
	struct fact *fact = key ? fact_take(channel, FACT_FILE, key) : NULL;
	int err;

	if (!key)
		return -ENOMEM;
	free(key);
	/* A tool of before knew a file by its path alone. */
	if (!fact)
		fact = fact_take(channel, FACT_FILE, file->image.path);
	err = fact ? elf_facts_unpack(&file->facts, fact->value, fact->len) : 0;
	free(fact);
	if (err == -EBADMSG)
		fact_spoil(channel);
	return err == -EBADMSG ? 0 : err;
}

/* A capture without facts about a file stands for a file that could not be read. */
static int put(struct channel *channel, const struct elf_file *file)
{
	size_t len;
	void *block = file->facts.read ? elf_facts_pack(&file->facts, &len) : NULL;
	char *key = block ? key_of(&file->image) : NULL;
	int err = key ? fact_put(channel, FACT_FILE, key, block, len) : -ENOMEM;

	free(key);
	free(block);
	return file->facts.read ? err : 0;
}

int code_files_know(struct pipeline *in)
{
	struct channel *channel = in->session->channel;
	bool replays = channel_replays(channel);
	struct elf_file *file;
	int err = 0;

	while (!err && (file = elf_files_next(&in->stacks.files))) {
		if (replays) {
			err = take(channel, file);
			continue;
		}
		err = elf_file_read(&in->stacks.files, file, pid_of(in, file->image.watch));
		if (!err)
			err = put(channel, file);
	}
	return err;
}
