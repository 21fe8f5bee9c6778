// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a file in a child. A watched process may have mapped a file of its own file system
 * (FUSE), whose server need not answer, and it may have filled the file with anything. So a child
 * opens and reads it, and the tool waits for that child only so long.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/timestamp.h"
#include "run/elf_child.h"
#include "stack/exec_map.h"
#include "stack/trusted.h"

/* A large file takes some 10 ms (libcrypto), and tens of times as long on an emulated machine. */
#define PATIENCE_NS 5000000000ULL
#define NSEC_PER_MSEC 1000000ULL
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

/* The child writes nothing if it cannot read the file. */
static void be_child(int to, const struct image *image, uint32_t pid)
{
	struct elf_facts facts;
	void *block;
	bool read;
	size_t len;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A child that never ends must keep nothing open: not the session, not a pipe to a pager. */
	dup2(to, STDIN_FILENO);
	closefrom(STDIN_FILENO + 1);
	if (limit_memory())
		_exit(0);
	fd = exec_map_fd(image, pid);
	read = fd >= 0 && !elf_facts_read(&facts, fd) && facts.read;
	/* A close waits for the server, too, and the tool waits for a child that has answered. */
	if (fd >= 0)
		close(fd);
	if (!read)
		_exit(0);
	block = elf_facts_pack(&facts, &len);
	if (block)
		write_all(STDIN_FILENO, block, len);
	_exit(0);
}

/* Returns how many bytes the child wrote, or -ETIMEDOUT. */
static ssize_t read_all(int from, char *to)
{
	uint64_t until = timestamp_now() + PATIENCE_NS, now;
	struct pollfd wait = { .fd = from, .events = POLLIN };
	size_t len = 0;
	ssize_t n = 1;

	while (n && len < FACTS_MAX) {
		now = timestamp_now();
		if (now >= until)
			return -ETIMEDOUT;
		if (poll(&wait, 1, (until - now) / NSEC_PER_MSEC + 1) <= 0)
			continue;
		n = TEMP_FAILURE_RETRY(read(from, to + len, FACTS_MAX - len));
		if (n < 0)
			return 0;
		len += n;
	}
	return len;
}

/* Returns -ETIMEDOUT if the file does not answer. Without a pid it looks only into our root. */
static int read_in_child(struct elf_facts *facts, const struct image *image, uint32_t pid)
{
	char *block = malloc(FACTS_MAX);
	int ends[2], err = 0;
	ssize_t len;
	pid_t child;

	memset(facts, 0, sizeof(*facts));
	if (!block)
		return -ENOMEM;
	if (pipe2(ends, O_CLOEXEC)) {
		free(block);
		return 0;
	}
	child = fork();
	if (!child)
		be_child(ends[1], image, pid);
	close(ends[1]);
	len = child < 0 ? 0 : read_all(ends[0], block);
	close(ends[0]);
	if (len > 0 && elf_facts_unpack(facts, block, len) == -ENOMEM)
		err = -ENOMEM;
	free(block);
	/* A child that waits for a server may not even die, so nobody waits for it. */
	if (len == -ETIMEDOUT)
		kill(child, SIGKILL);
	else if (child > 0)
		TEMP_FAILURE_RETRY(waitpid(child, NULL, 0));
	return len == -ETIMEDOUT ? -ETIMEDOUT : err;
}

/* One process that makes the tool wait must not do so again and again, nor may all of its user. */
int elf_file_read(struct elf_files *files, struct elf_file *file, uint32_t pid)
{
	int err;

	memset(&file->facts, 0, sizeof(file->facts));
	if (files->late && !trusted_path(file->image.path))
		return 0;
	err = read_in_child(&file->facts, &file->image, files->late ? 0 : pid);
	if (err != -ETIMEDOUT)
		return err;
	files->late = true;
	return 0;
}
