// SPDX-License-Identifier: GPL-2.0
/* brkwatch: where does a process get its memory from? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "format.h"
#include "launch.h"
#include "ledger.h"
#include "normalize.h"
#include "options.h"
#include "run.h"
#include "say.h"
#include "session.h"
#include "signals.h"
#include "sink.h"

/* What the parts of the tool share for as long as it runs. */
struct tool {
	struct options options;
	struct signals signals;
	struct launch launch;
	struct session session;
	struct ledger ledger;
	struct normalizer normalizer;
	struct sink sink;
	struct run run;
};

static uint64_t huge_page(void)
{
	FILE *meminfo = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	char line[128];

	if (!meminfo)
		return 0;
	while (!kib && fgets(line, sizeof(line), meminfo))
		if (sscanf(line, "Hugepagesize: %llu kB", &kib) != 1)
			kib = 0;
	fclose(meminfo);
	return kib << 10;
}

/* A stream of our own: stderr itself stays unbuffered, for what is to be said. */
static FILE *open_output(const char *path)
{
	FILE *out = NULL;
	int fd;

	if (path) {
		out = fopen(path, "we");
		if (!out)
			say("cannot open '%s': %s; choose another file with -o", path,
			    strerror(errno));
		return out;
	}
	fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO);
	if (fd >= 0)
		out = fdopen(fd, "w");
	/* Whole lines, so that the program's own are not cut in two. */
	if (out && setvbuf(out, NULL, _IOLBF, BUFSIZ))
		say("cannot buffer stderr; write to a file with -o");
	if (!out)
		say("cannot write to stderr: %s; write to a file with -o", strerror(errno));
	return out;
}

static const struct sink_ops *choose_sink(const struct options *options)
{
	if (options->json)
		return &json_sink;
	return options->summary ? &summary_sink : &text_sink;
}

static int set_up(struct tool *tool)
{
	const struct options *options = &tool->options;
	const struct geometry geometry = { sysconf(_SC_PAGESIZE), huge_page() };

	tool->ledger.geometry = geometry;
	tool->normalizer.geometry = geometry;
	tool->normalizer.on = options->normalize;
	tool->sink.ops = choose_sink(options);
	tool->sink.ledger = &tool->ledger;
	tool->sink.page = geometry.page;
	tool->sink.all = options->all;
	tool->sink.normalize = options->normalize;
	tool->sink.out = open_output(options->output);
	return tool->sink.out ? 0 : -EIO;
}

static int attach_all(struct tool *tool)
{
	struct session *session = &tool->session;
	const struct pidlist *pids = &tool->options.pids;
	char comm[FORMAT_MAX];
	size_t i;

	for (i = 0; i < pids->n; i++) {
		const struct counters *watch;

		/* Some of a list may have gone meanwhile; those that are there count. */
		if (session_watch(session, pids->v[i], false))
			continue;
		watch = &session->watches[session->n - 1];
		/* In a stream of JSON it would be in the way. */
		if (tool->options.output || !tool->options.json)
			say("watching %u (%s)", watch->pid, format_comm(comm, watch->comm));
	}
	if (!session->n && !tool->options.command)
		return -ESRCH;
	return 0;
}

static int start_command(struct tool *tool)
{
	const char *name;
	int err;

	if (!tool->options.command)
		return 0;
	name = tool->options.command[0];
	err = session_watch(&tool->session, tool->launch.pid, true);
	if (err)
		return err;
	tool->run.child = tool->launch.pid;
	err = launch_release(&tool->launch);
	if (err)
		say("cannot run '%s': %s; check %s", name, strerror(-err),
		    err == -ENOENT ? "its name and PATH" : "what it is: ls -l, file");
	return err;
}

static int watch(struct tool *tool)
{
	const struct options *options = &tool->options;
	int err;

	if (options->command) {
		err = launch_hold(&tool->launch, options->command);
		if (err) {
			say("cannot start a process: %s; end some others", strerror(-err));
			return err;
		}
	}
	err = session_begin(&tool->session, options->ring_bytes, tool->sink.ops->events);
	if (!err)
		err = attach_all(tool);
	if (!err)
		err = start_command(tool);
	if (err)
		return err;
	tool->sink.began = tool->session.began;
	tool->sink.many = tool->session.n > 1;
	tool->run.session = &tool->session;
	tool->run.sink = &tool->sink;
	tool->run.normalizer = &tool->normalizer;
	tool->run.signals = &tool->signals;
	return run(&tool->run);
}

static void tear_down(struct tool *tool)
{
	session_end(&tool->session);
	ledger_free(&tool->ledger);
	normalizer_free(&tool->normalizer);
	pidlist_free(&tool->options.pids);
}

/* No signal kills the first process of a container: say what a shell would. */
static int die(int sig)
{
	signals_die(sig);
	return 128 + sig;
}

/* End as CMD did, or by the signal that ended us. */
static int end(const struct tool *tool)
{
	int status = tool->run.status;

	if (tool->signals.deadly)
		return die(tool->signals.deadly);
	if (!tool->options.command)
		return EXIT_SUCCESS;
	return WIFSIGNALED(status) ? die(WTERMSIG(status)) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	static struct tool tool;
	int status = options_parse(&tool.options, argc, argv);
	int err;

	if (status != OPTIONS_GO_ON)
		return status;
	/* The output first: to open it may take as long as a pipe has no reader. */
	err = set_up(&tool);
	if (!err) {
		err = signals_open(&tool.signals);
		if (err)
			say("cannot set up signals: %s; see: ulimit -a", strerror(-err));
	}
	if (!err) {
		err = watch(&tool);
		if (fclose(tool.sink.out) && !err) {
			err = -errno;
			say("cannot write: %s; choose another file with -o", strerror(errno));
		}
	}
	tear_down(&tool);
	return err ? EXIT_FAILURE : end(&tool);
}
