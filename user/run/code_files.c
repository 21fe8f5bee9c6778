// SPDX-License-Identifier: GPL-2.0
/* What files say of who asks for memory. */
#include <errno.h>
#include <stdlib.h>

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

static int take(struct channel *channel, struct elf_file *file)
{
	struct fact *fact = fact_take(channel, FACT_FILE, file->image.path);
	int err = fact ? elf_facts_unpack(&file->facts, fact->value, fact->len) : 0;

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
	int err;

	if (!block)
		return file->facts.read ? -ENOMEM : 0;
	err = fact_put(channel, FACT_FILE, file->image.path, block, len);
	free(block);
	return err;
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
