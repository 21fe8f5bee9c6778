// SPDX-License-Identifier: GPL-2.0
/* The stream of -o: a file, a command or standard error. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/output.h"
#include "lib/say.h"

static const char *command_of(const char *path)
{
	return path && *path == '|' ? path + 1 : NULL;
}

static FILE *open_command(const char *command)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before_int, before_quit;
	FILE *out;

	/* What is ignored stays so in a child: the end of the output is still to come. */
	sigaction(SIGINT, &ignore, &before_int);
	sigaction(SIGQUIT, &ignore, &before_quit);
	out = popen(command, "we");
	sigaction(SIGINT, &before_int, NULL);
	sigaction(SIGQUIT, &before_quit, NULL);
	if (!out)
		say("cannot run '%s': %s; write to a file with -o", command, strerror(errno));
	return out;
}

static FILE *open_file(const char *path)
{
	FILE *out = fopen(path, "we");

	if (!out)
		say("cannot open '%s': %s; choose another file with -o", path, strerror(errno));
	return out;
}

/* A stream of our own: stderr itself stays unbuffered, for what is to be said. */
static FILE *open_stderr(void)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO);
	FILE *out = NULL;

	if (fd >= 0)
		out = fdopen(fd, "w");
	/* Whole lines, so that the program's own are not cut in two. */
	if (out && setvbuf(out, NULL, _IOLBF, BUFSIZ))
		say("cannot buffer stderr; write to a file with -o");
	if (!out)
		say("cannot write to stderr: %s; write to a file with -o", strerror(errno));
	return out;
}

FILE *output_open(const char *path)
{
	if (command_of(path))
		return open_command(command_of(path));
	return path ? open_file(path) : open_stderr();
}

int output_close(FILE *out, const char *path)
{
	int err = 0;

	if (fflush(out))
		err = -errno;
	if (command_of(path)) {
		/* How it ended is for the shell to say. */
		pclose(out);
		return err;
	}
	if (fclose(out) && !err)
		err = -errno;
	return err;
}
