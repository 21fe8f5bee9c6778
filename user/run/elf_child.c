// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a file in a child. A watched process may have mapped a file of its own file system
 * (FUSE), whose server need not answer, and it may have filled the file with anything. So a child
 * opens and reads it, and the tool waits for that child only so long.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/timestamp.h"
#include "run/elf_child.h"
#include "stack/exec_map.h"
#include "stack/trusted.h"

/* A large file takes some 10 ms (libcrypto), and tens of times as long on an emulated machine. */
#define PATIENCE_NS 5000000000ULL
/* A server may answer each file just in time, so all waits together have a limit, too. */
#define WAITED_MAX_NS 60000000000ULL
/* Only a file that a stranger made needs so much more. */
#define MEMORY_MORE (1UL << 30)
/* Facts are far smaller than this. */
#define FACTS_MAX (256UL << 10)

static void write_all(int fd, const char *from, size_t len)
{
	while (len) {
		ssize_t n = TEMP_FAILURE_RETRY(write(fd, from, len));

		if (n <= 0)
			return;
		from += n;
		len -= n;
	}
}

static int limit_memory(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;
	struct rlimit memory;

	if (!file || fscanf(file, "%lu", &pages) != 1)
		return -1;
	fclose(file);
	memory.rlim_cur = pages * sysconf(_SC_PAGESIZE) + MEMORY_MORE;
	memory.rlim_max = memory.rlim_cur;
	return setrlimit(RLIMIT_AS, &memory);
}

/* What the child reads; without a pid it looks only into our root. */
struct mapped_file {
	const struct image *image;
	uint32_t pid;
};

/* The child writes nothing if it cannot read the file. */
static void read_facts(int to, const void *arg)
{
	const struct mapped_file *file = arg;
	struct elf_facts facts;
	void *block;
	bool read;
	size_t len;
	int fd;

	if (limit_memory())
		return;
	fd = exec_map_fd(file->image, file->pid);
	read = fd >= 0 && !elf_facts_read(&facts, fd) && facts.read;
	/* A close waits for the server, too, and the tool waits for a child that has answered. */
	if (fd >= 0)
		close(fd);
	if (!read)
		return;
	block = elf_facts_pack(&facts, &len);
	if (block)
		write_all(to, block, len);
}

/* Returns how many bytes the child wrote, or -ETIMEDOUT. */
static ssize_t read_all(const struct child *child, char *to, uint64_t *waited)
{
	uint64_t until = timestamp_now() + PATIENCE_NS;
	size_t len = 0;
	ssize_t n = 1;

	while (n && len < FACTS_MAX) {
		if (!child_answers(child, until, waited))
			return -ETIMEDOUT;
		n = TEMP_FAILURE_RETRY(read(child->socket, to + len, FACTS_MAX - len));
		if (n < 0)
			return 0;
		len += n;
	}
	return len;
}

/* Returns -ETIMEDOUT if the file does not answer. */
static int read_in_child(struct elf_facts *facts, const struct mapped_file *file, uint64_t *waited)
{
	char *block = malloc(FACTS_MAX);
	struct child child;
	ssize_t len;
	int err = 0;

	if (!block)
		return -ENOMEM;
	if (!child_start(&child, SOCK_STREAM, read_facts, file)) {
		free(block);
		return 0;
	}
	len = read_all(&child, block, waited);
	close(child.socket);
	if (len > 0 && elf_facts_unpack(facts, block, len) == -ENOMEM)
		err = -ENOMEM;
	free(block);
	if (len == -ETIMEDOUT)
		return -ETIMEDOUT;
	TEMP_FAILURE_RETRY(waitpid(child.pid, NULL, 0));
	return err;
}

/* One process that makes the tool wait must not do so again and again, nor may all of its user. */
int elf_file_read(struct elf_files *files, struct elf_file *file, uint32_t pid)
{
	struct mapped_file mapped = { .image = &file->image };
	int err;

	memset(&file->facts, 0, sizeof(file->facts));
	if (files->late && !trusted_path(file->image.path))
		return 0;
	mapped.pid = files->late ? 0 : pid;
	err = read_in_child(&file->facts, &mapped, &files->waited);
	files->late |= err == -ETIMEDOUT || files->waited >= WAITED_MAX_NS;
	return err == -ETIMEDOUT ? 0 : err;
}
