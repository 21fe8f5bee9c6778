// SPDX-License-Identifier: GPL-2.0
/* The parts of the tool, and how they are connected. */
#include <errno.h>
#include <unistd.h>

#include "cli/filter_options.h"
#include "cli/streams.h"
#include "wire/capture.h"
#include "lib/format.h"
#include "lib/output.h"
#include "wire/capture_read.h"
#include "run/proc_system.h"
#include "setup.h"

static int look_at_exit(pid_t pid, bool there, void *arg)
{
	struct view *view = arg;

	return view->type->exit(view, pid, there);
}

/* Connects the parts that are at work. */
static void join(struct tool *tool)
{
	const struct options *options = &tool->options;
	struct run *run = &tool->run;

	run->pipeline.session = &tool->session;
	run->pipeline.view = tool->view;
	run->pipeline.normalizer = &tool->normalizer;
	if (options->replay)
		run->pipeline.filter = &options->filter;
	run->signals = &tool->signals;
	run->duration = options->duration;
	run->interval = options->interval ?: tool->view->type->interval;
	run->once = options_look_once(options);
	if (tool->view->type->exit && options->command)
		run->exit_stop = &tool->exit_stop;
	tool->exit_stop.follow = options->follow;
	tool->exit_stop.last = look_at_exit;
	tool->exit_stop.arg = tool->view;
}

static void set_sizes(struct tool *tool, const struct capture_meta *meta)
{
	const struct geometry geometry = { meta->page, meta->huge };

	tool->capture.meta = *meta;
	tool->ledger.geometry = geometry;
	tool->normalizer.geometry = geometry;
	tool->view->page = meta->page;
	tool->view->filtered = meta->filtered;
	tool->view->timestamp.epoch = meta->epoch;
}

/* A capture begins with the figures of this machine or of another one. */
static int set_source(struct tool *tool)
{
	const struct options *options = &tool->options;
	struct capture_meta meta = {
		.page = sysconf(_SC_PAGESIZE),
		.epoch = timestamp_epoch(),
		.filtered = filter_option(&options->filter),
	};
	int err = 0;

	proc_meminfo("Hugepagesize:", &meta.huge);
	if (options->replay)
		err = capture_read_open(&tool->reader, options->replay, &meta);
	set_sizes(tool, &meta);
	if (!err && options->capture) {
		tool->run.capture = &tool->capture;
		err = capture_open(&tool->capture, options->capture);
	}
	return err;
}

static int open_view(struct tool *tool, const struct view_type *type)
{
	const struct options *options = &tool->options;
	const struct view_context context = {
		.settings = {
			.ledger = &tool->ledger,
			.machine = &tool->machine,
			/* No view looks at stacks that only go into a capture. */
			.stacks = options_stacks(options) && !type->blind ?
					  &tool->run.pipeline.stacks : NULL,
			.code = &tool->run.pipeline.stacks,
			.all = options->all,
			.count = options->count,
			.durations = options->durations,
			.normalize = options->normalize,
			.per_process = options->per_process,
			.most = options->most,
			.folded = options->folded,
			.min_age = options->min_age,
			.timestamp = {
				.clock = options->clock,
				.relative = options->relative,
			},
		},
		.file = options->view_file,
		.signals = options->replay ? NULL : &tool->signals,
		.pipeline = &tool->run.pipeline,
	};

	tool->normalizer.terse = type->terse;
	tool->ledger.no_totals = !(type->traits & VIEW_TOTALS);
	return view_open(&tool->view, type, &context);
}

static int open_output(struct tool *tool)
{
	struct view *view = tool->view;

	view->out = output_open(streams_output(&tool->options), tool->options.append);
	if (!view->out)
		return -EIO;
	terminal_of(&view->terminal, view->out, tool->options.color);
	/* Two runs must compare equal on any terminal. */
	if (tool->options.normalize)
		view->terminal = (struct terminal){ .color = tool->options.color == COLOR_ALWAYS };
	return 0;
}

/**
 * tool_set_up() - put the parts together that @tool's options ask for
 * @tool: zeroed but for its options
 * @type: the view that they ask for
 *
 * It opens the output and the capture to read, and says what is wrong.
 *
 * Return: 0 or a negative errno; call tool_tear_down() either way.
 */
int tool_set_up(struct tool *tool, const struct view_type *type)
{
	const struct options *options = &tool->options;
	int err = open_view(tool, type);

	if (!err)
		err = set_source(tool);
	if (err)
		return err;
	tool->normalizer.on = options->normalize;
	if (options->bytes)
		format_exactly();
	join(tool);
	return open_output(tool);
}

/**
 * tool_tear_down() - free what tool_set_up() and the work after it have made
 * @tool: the tool
 */
void tool_tear_down(struct tool *tool)
{
	/* The session owns it, if there is one. */
	if (!tool->session.channel)
		capture_read_close(tool->reader);
	session_end(&tool->session);
	ledger_free(&tool->ledger);
	if (tool->view)
		view_close(tool->view);
	normalizer_free(&tool->normalizer);
	exit_stop_free(&tool->exit_stop);
	options_free(&tool->options);
}
