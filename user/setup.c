// SPDX-License-Identifier: GPL-2.0
/* The parts of the tool, and what they have of each other. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "wire/capture.h"
#include "lib/format.h"
#include "view/map.h"
#include "lib/output.h"
#include "wire/capture_read.h"
#include "setup.h"

/* How often a screen is brought up to date unless the user says so, ns. */
#define TOP_INTERVAL 1000000000ULL

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

static const struct view_type *choose_view(const struct options *options)
{
	if (options->check)
		return &check_view;
	if (options->map)
		return &map_view;
	if (options->plot)
		return &plot_view;
	if (options->html)
		return &html_view;
	if (options->top)
		return &top_view;
	if (options->folded)
		return &folded_view;
	if (options->json)
		return options->summary ? &summary_json_view : &json_view;
	if (options->both)
		return &both_view;
	if (options->strace)
		return &strace_view;
	if (options->summary)
		return &summary_view;
	/* Like tcpdump: what is stored is not shown as well, unless it has a place to go. */
	return options->capture && !options->output ? &none_view : &text_view;
}

static int look_check(void *arg, const struct counters *watch)
{
	struct tool *tool = arg;

	return check_running(&tool->check, watch);
}

static int look_map(void *arg, const struct counters *watch)
{
	struct tool *tool = arg;
	const struct process *process = ledger_find(&tool->ledger, watch->id);

	if (process && process->space)
		map_show(&tool->view, watch->pid, watch->comm, process->space);
	return 0;
}

static int check_at_exit(pid_t pid, bool there, void *arg)
{
	struct tool *tool = arg;

	return check_last(&tool->check, pid, there);
}

/* Which parts are at work, and what they have of each other. */
static void join(struct tool *tool)
{
	const struct options *options = &tool->options;
	struct run *run = &tool->run;

	run->pipeline.session = &tool->session;
	run->pipeline.view = &tool->view;
	run->pipeline.normalizer = &tool->normalizer;
	if (options->replay)
		run->pipeline.filter = &options->filter;
	run->signals = &tool->signals;
	run->duration = options->duration;
	run->interval = options->interval ?: options->top ? TOP_INTERVAL : 0;
	if (options->top)
		run->keys = top_keys;
	run->arg = tool;
	if (options->check)
		run->look = look_check;
	else if (options->map)
		run->look = look_map;
	run->once = options_look_once(options);
	tool->check.pipeline = &run->pipeline;
	if (options->check && options->command)
		run->exit_stop = &tool->exit_stop;
	tool->exit_stop.follow = options->follow;
	tool->exit_stop.last = check_at_exit;
	tool->exit_stop.arg = tool;
}

static void set_sizes(struct tool *tool, const struct capture_meta *meta)
{
	const struct geometry geometry = { meta->page, meta->huge };

	tool->capture.meta = *meta;
	tool->ledger.geometry = geometry;
	tool->normalizer.geometry = geometry;
	tool->view.page = meta->page;
	tool->view.filtered = meta->filtered;
	tool->view.timestamp.epoch = meta->epoch;
}

/* What a capture tells first is either the machine's or that of another one. */
static int set_source(struct tool *tool)
{
	const struct options *options = &tool->options;
	struct capture_meta meta = {
		.page = sysconf(_SC_PAGESIZE),
		.huge = huge_page(),
		.epoch = timestamp_epoch(),
		.filtered = filter_option(&options->filter),
	};
	int err = 0;

	if (options->replay)
		err = capture_read_open(&tool->reader, options->replay, &meta);
	set_sizes(tool, &meta);
	if (!err && options->capture) {
		tool->run.capture = &tool->capture;
		err = capture_open(&tool->capture, options->capture);
	}
	return err;
}

/* Last, as errors before it are said on an ordinary screen. */
static int open_screen(struct tool *tool)
{
	terminal_of(&tool->view.terminal, tool->view.out, tool->options.color);
	/* Two runs compare equal, on whatever terminal. */
	if (tool->options.normalize)
		tool->view.terminal =
			(struct terminal){ .color = tool->options.color == COLOR_ALWAYS };
	return tool->options.top ? top_open(&tool->top) : 0;
}

/**
 * tool_set_up() - put the parts together that @tool's options ask for
 * @tool: zeroed but for its options
 *
 * The output and, to be read, the capture are open then. What is wrong has been said.
 *
 * Return: 0 or a negative errno; either way, tool_tear_down() is due.
 */
int tool_set_up(struct tool *tool)
{
	const struct options *options = &tool->options;
	int err = options->plot ? plot_check(options->plot_file) : 0;

	if (options->html)
		err = html_open(&tool->html);
	if (!err)
		err = set_source(tool);
	if (err)
		return err;
	tool->plot.file = options->plot_file;
	tool->view.plot = &tool->plot;
	tool->html.file = options->html_file;
	tool->view.html = &tool->html;
	tool->view.top = &tool->top;
	tool->top.signals = options->replay ? NULL : &tool->signals;
	tool->normalizer.on = options->normalize;
	tool->view.type = choose_view(options);
	/* Those that only go into a capture are nobody's to look at. */
	if (options_stacks(options) && !tool->view.type->blind)
		tool->view.stacks = &tool->run.pipeline.stacks;
	tool->view.ledger = &tool->ledger;
	tool->view.all = options->all;
	tool->view.count = options->count;
	tool->view.timestamp.clock = options->strace ? CLOCK_OF_EPOCH : options->clock;
	tool->view.timestamp.relative = options->relative;
	tool->view.durations = options->durations || options->strace;
	tool->view.normalize = options->normalize;
	if (options->bytes)
		format_exactly();
	join(tool);
	tool->view.out = output_open(options->output);
	if (!tool->view.out)
		return -EIO;
	return open_screen(tool);
}

/**
 * tool_tear_down() - free what tool_set_up() and the work after it have made
 * @tool: the tool
 */
void tool_tear_down(struct tool *tool)
{
	/* The session has it, if there is one. */
	if (!tool->session.channel)
		capture_read_close(tool->reader);
	session_end(&tool->session);
	ledger_free(&tool->ledger);
	plot_free(&tool->plot);
	html_free(&tool->html);
	callers_free(&tool->view.callers);
	top_close(&tool->top);
	normalizer_free(&tool->normalizer);
	exit_stop_free(&tool->exit_stop);
	pidlist_free(&tool->options.pids);
}
