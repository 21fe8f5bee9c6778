// SPDX-License-Identifier: GPL-2.0
/* The stream of -o: a file, a command or a standard stream. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/output.h"
#include "lib/say.h"

/* By itself a stream writes 4 KiB at once, which is a few lines of JSON. */
#define BUFFER_BYTES (64 << 10)

static char buffer[BUFFER_BYTES];

static const char *command_of(const char *path)
{
	return path && *path == '|' ? path + 1 : NULL;
}

static FILE *open_command(const char *command)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before_int, before_quit;
	FILE *out;

	/* The command inherits this, so that it does not end before the output does. */
	sigaction(SIGINT, &ignore, &before_int);
	sigaction(SIGQUIT, &ignore, &before_quit);
	out = popen(command, "we");
	sigaction(SIGINT, &before_int, NULL);
	sigaction(SIGQUIT, &before_quit, NULL);
	if (!out)
		say("cannot run '%s': %s; write to a file with -o", command, strerror(errno));
	return out;
}

static FILE *open_file(const char *path, bool append)
{
	FILE *out = fopen(path, append ? "ae" : "we");

	if (!out)
		say("cannot open '%s': %s; choose another file with -o", path, strerror(errno));
	return out;
}

void output_reserve(void)
{
	int fd;

	/* Open it for reading, so that a write stays an error. CMD finds it closed. */
	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

FILE *output_standard(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, fd);
	FILE *out;

	if (copy >= 0 && (fcntl(copy, F_GETFL) & O_ACCMODE) == O_RDONLY) {
		close(copy);
		errno = EBADF;
		return NULL;
	}
	out = copy >= 0 ? fdopen(copy, "w") : NULL;
	if (copy >= 0 && !out)
		close(copy);
	return out;
}

static FILE *open_standard(int fd)
{
	const char *name = fd == STDOUT_FILENO ? "standard output" : "standard error";
	FILE *out = output_standard(fd);

	/* Write whole lines, so that they do not cut a program's own lines in two. */
	if (out && fd == STDERR_FILENO && setvbuf(out, NULL, _IOLBF, BUFSIZ))
		say("cannot buffer %s; write to a file with -o", name);
	if (!out)
		say("cannot write to %s: %s; write to a file with -o", name, strerror(errno));
	return out;
}

/* A terminal still gets each line at once. */
static FILE *with_buffer(FILE *out)
{
	if (out && !isatty(fileno(out)) && setvbuf(out, buffer, _IOFBF, sizeof(buffer)))
		say("cannot buffer the output; write to another file with -o");
	return out;
}

FILE *output_open(const char *path, bool append)
{
	if (command_of(path))
		return with_buffer(open_command(command_of(path)));
	if (!path)
		return open_standard(STDERR_FILENO);
	return with_buffer(strcmp(path, "-") ? open_file(path, append) :
					       open_standard(STDOUT_FILENO));
}

int output_close(FILE *out, const char *path)
{
	int err = 0;

	if (fflush(out))
		err = -errno;
	if (command_of(path)) {
		/* The shell reports how the command ended. */
		pclose(out);
		return err;
	}
	if (fclose(out) && !err)
		err = -errno;
	return err;
}
