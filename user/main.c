// SPDX-License-Identifier: GPL-2.0
/* brkwatch: where does a process get its memory from? */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/completion.h"
#include "cli/options_check.h"
#include "cli/streams.h"
#include "mark.h"
#include "lib/output.h"
#include "lib/say.h"
#include "status.h"
#include "views.h"
#include "setup.h"

/* The tool has these statuses besides CMD's; the man page lists both. */
#define STATUS_DIFFERS 3
#define STATUS_LOST 4

/* The module notes files only for a limited number of processes at a time. */
static void say_images(const struct tool *tool)
{
	uint64_t lost = tool->session.state.lost_image;

	if (tool->view->stacks && lost)
		say("%" PRIu64 " times files that were mapped could not be noted: their functions "
		    "have no names; watch fewer processes at a time",
		    lost);
}

/* No signal kills the first process of a container, so return what a shell would. */
static int die(int sig)
{
	signals_die(sig);
	return 128 + sig;
}

static bool has_lost(const struct tool *tool)
{
	const struct losses losses = pipeline_losses(&tool->run.pipeline);

	return losses_any(&losses);
}

/* End as CMD did, or by the signal that ended us, unless we have worse to report. */
static int end(const struct tool *tool)
{
	int status = tool->run.status;

	if (tool->signals.deadly)
		return die(tool->signals.deadly);
	if (tool->view->differs)
		return STATUS_DIFFERS;
	if (tool->options.strict && has_lost(tool))
		return STATUS_LOST;
	if (!tool->options.command)
		return EXIT_SUCCESS;
	return WIFSIGNALED(status) ? die(WTERMSIG(status)) : WEXITSTATUS(status);
}

/* The tool handles signals from here on, and a full disk as well. */
static int work_live(struct tool *tool)
{
	const struct view_type *type = tool->view->type;
	int err = signals_open(&tool->signals, type->look || type->traits & VIEW_REPEATS);

	if (err) {
		say("cannot set up signals: %s; see: ulimit -a", strerror(-err));
		return err;
	}
	return tool_watch(tool);
}

static int work(struct tool *tool)
{
	int err = tool->reader ? tool_watch_again(tool) : work_live(tool);
	int capture_err = capture_close(&tool->capture);
	int close_err;

	if (!err)
		say_images(tool);
	if (capture_err && !err) {
		run_say_error(&tool->run, capture_err);
		err = capture_err;
	}
	close_err = output_close(tool->view->out, streams_output(&tool->options));
	/* A broken pipe needs no message, like an output that was closed earlier. */
	if (close_err && !err && close_err != -EPIPE)
		say("cannot write: %s; choose another file with -o", strerror(-close_err));
	return err ? err : close_err;
}

/* Does what the tool does besides watching. Returns -1 if the user asks for none of it. */
static int serve(const struct options *options)
{
	if (options->completion)
		return completion_print(options->completion) || fflush(stdout) ? EXIT_FAILURE :
										 EXIT_SUCCESS;
	if (options->status)
		return status_show();
	if (options->mark)
		return mark_all(&options->pids, options->mark) ? EXIT_FAILURE : EXIT_SUCCESS;
	return OPTIONS_GO_ON;
}

int main(int argc, char **argv)
{
	const struct view_type *type = NULL;
	struct tool tool = { 0 };
	int status, err;

	output_reserve();
	status = options_parse(&tool.options, argc, argv);
	if (status == OPTIONS_GO_ON && !tool.options.completion) {
		type = views_choose(&tool.options);
		status = type ? options_check(&tool.options) : EXIT_FAILURE;
	}
	if (status == OPTIONS_GO_ON)
		status = serve(&tool.options);
	if (status == OPTIONS_GO_ON) {
		/* Open the output first, because that takes as long as a pipe has no reader. */
		err = tool_set_up(&tool, type);
		if (!err)
			err = work(&tool);
		status = err ? EXIT_FAILURE : end(&tool);
	}
	tool_tear_down(&tool);
	return status;
}
