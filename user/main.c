// SPDX-License-Identifier: GPL-2.0
/* brkwatch: where does a process get its memory from? */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "format.h"
#include "hold.h"
#include "html.h"
#include "launch.h"
#include "ledger.h"
#include "map_sink.h"
#include "mark.h"
#include "normalize.h"
#include "options.h"
#include "output.h"
#include "plot.h"
#include "replay.h"
#include "rerun.h"
#include "run.h"
#include "say.h"
#include "session.h"
#include "signals.h"
#include "sink.h"
#include "status.h"
#include "top_screen.h"

/* Besides those of CMD; both are in the man page. */
#define STATUS_DIFFERS 3
#define STATUS_LOST 4

/* How often a screen is brought up to date unless the user says so, ns. */
#define TOP_INTERVAL 1000000000ULL

/* Of a stack, unless the user says so; most have less between main() and a call. */
#define STACK_BYTES 2048

/* The most that there is short of real time. */
#define READER_NICE (-20)

/* What the parts of the tool share for as long as it runs. */
struct tool {
	struct options options;
	struct signals signals;
	struct launch launch;
	struct session session;
	struct ledger ledger;
	struct normalizer normalizer;
	struct sink sink;
	struct hold hold;
	struct check check;
	struct plot plot;
	struct html html;
	struct top_screen top;
	struct run run;
	struct capture capture;
	struct replay *replay;
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

static const struct sink_ops *choose_sink(const struct options *options)
{
	if (options->check)
		return &check_sink;
	if (options->map)
		return &map_sink;
	if (options->plot)
		return &plot_sink;
	if (options->html)
		return &html_sink;
	if (options->top)
		return &top_sink;
	if (options->folded)
		return &folded_sink;
	if (options->json)
		return options->summary ? &summary_json_sink : &json_sink;
	if (options->both)
		return &both_sink;
	if (options->strace)
		return &strace_sink;
	if (options->summary)
		return &summary_sink;
	/* Like tcpdump: what is stored is not shown as well, unless it has a place to go. */
	return options->capture && !options->output ? &no_sink : &text_sink;
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
		map_show(&tool->sink, watch->pid, watch->comm, process->space);
	return 0;
}

static int hold_check(pid_t pid, bool there, void *arg)
{
	struct tool *tool = arg;

	return check_last(&tool->check, pid, there);
}

/* Which parts are at work, and what they have of each other. */
static void join(struct tool *tool)
{
	const struct options *options = &tool->options;
	struct run *run = &tool->run;

	run->intake.session = &tool->session;
	run->intake.sink = &tool->sink;
	run->intake.normalizer = &tool->normalizer;
	if (options->replay)
		run->intake.filter = &options->filter;
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
	tool->check.intake = &run->intake;
	if (options->check && options->command)
		run->hold = &tool->hold;
	tool->hold.follow = options->follow;
	tool->hold.last = hold_check;
	tool->hold.arg = tool;
}

static void set_sizes(struct tool *tool, const struct capture_meta *meta)
{
	const struct geometry geometry = { meta->page, meta->huge };

	tool->capture.meta = *meta;
	tool->ledger.geometry = geometry;
	tool->normalizer.geometry = geometry;
	tool->sink.page = meta->page;
	tool->sink.filtered = meta->filtered;
	tool->sink.stamp.epoch = meta->epoch;
}

/* What a capture tells first is either the machine's or that of another one. */
static int set_source(struct tool *tool)
{
	const struct options *options = &tool->options;
	struct capture_meta meta = {
		.page = sysconf(_SC_PAGESIZE),
		.huge = huge_page(),
		.epoch = stamp_epoch(),
		.filtered = filter_option(&options->filter),
	};
	int err = 0;

	if (options->replay)
		err = replay_open(&tool->replay, options->replay, &meta);
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
	screen_of(&tool->sink.screen, tool->sink.out, tool->options.color);
	/* Two runs compare equal, on whatever terminal. */
	if (tool->options.normalize)
		tool->sink.screen = (struct screen){ .color = tool->options.color == COLOR_ALWAYS };
	return tool->options.top ? top_open(&tool->top) : 0;
}

static int set_up(struct tool *tool)
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
	tool->sink.plot = &tool->plot;
	tool->html.file = options->html_file;
	tool->sink.html = &tool->html;
	tool->sink.top = &tool->top;
	tool->top.signals = options->replay ? NULL : &tool->signals;
	tool->normalizer.on = options->normalize;
	tool->sink.ops = choose_sink(options);
	/* Those that only go into a capture are nobody's to look at. */
	if (options_stacks(options) && !tool->sink.ops->blind)
		tool->sink.stacks = &tool->run.intake.stacks;
	tool->sink.ledger = &tool->ledger;
	tool->sink.all = options->all;
	tool->sink.count = options->count;
	tool->sink.stamp.clock = options->strace ? CLOCK_OF_EPOCH : options->clock;
	tool->sink.stamp.relative = options->relative;
	tool->sink.durations = options->durations || options->strace;
	tool->sink.normalize = options->normalize;
	if (options->bytes)
		format_exactly();
	join(tool);
	tool->sink.out = output_open(options->output);
	if (!tool->sink.out)
		return -EIO;
	return open_screen(tool);
}

static uint32_t stack_bytes(const struct options *options)
{
	return options_stacks(options) ? options->stack_bytes ?: STACK_BYTES : 0;
}

static int begin(struct tool *tool)
{
	const struct options *options = &tool->options;
	struct session_request request = {
		.ring_bytes = options->ring_bytes,
		.stack_bytes = stack_bytes(options),
		.follow = options->follow,
		.delta = true,
		.filter = options->filter,
	};

	if (!request.filter.events)
		request.filter.events = options->capture ? ALL_EVENTS : tool->sink.ops->events;
	/* Who called is told of calls, and what lies where by steps of life. */
	if (tool->sink.stacks && !options->filter.events)
		request.filter.events |= LEDGER_EVENTS;
	if (request.filter.events == SUMMARY_EVENTS)
		tool->sink.filtered = tool->sink.uncounted = true;
	/* Nobody would look at them. */
	if (tool->sink.filtered && !options->filter.events)
		request.filter.events &= ~(1U << BRKWATCH_EVENT_KIND_SNAPSHOT);
	return session_begin(&tool->session, &request, tool->run.capture);
}

/* In a stream of JSON it would be in the way. */
static bool is_talkative(const struct options *options)
{
	return !options->quiet && !options->top && (options->output || !options->json);
}

static int attach(struct tool *tool, pid_t pid)
{
	struct session *session = &tool->session;
	const struct counters *watch;
	char comm[FORMAT_MAX];
	int err = session_watch(session, pid, false);

	if (err)
		return err;
	watch = &session->watches[session->n - 1];
	err = intake_open(&tool->run.intake, watch->id);
	if (err)
		say("cannot look at process %u: %s; see: sudo dmesg", watch->pid, strerror(-err));
	else if (is_talkative(&tool->options))
		say("watching %u (%s)", watch->pid, format_comm(comm, watch->comm));
	return err;
}

static int attach_system(struct tool *tool)
{
	struct session *session = &tool->session;
	int err = session_watch_all(session);
	size_t i;

	for (i = 0; i < session->n && !err; i++) {
		err = intake_open(&tool->run.intake, session->watches[i].id);
		if (err)
			say("cannot look at process %u: %s; see: sudo dmesg",
			    session->watches[i].pid, strerror(-err));
	}
	if (!err && is_talkative(&tool->options))
		say("watching %zu processes and those to come", session->n);
	return err;
}

static int attach_all(struct tool *tool)
{
	const struct pidlist *pids = &tool->options.pids;
	size_t i;

	if (tool->options.system)
		return attach_system(tool);
	/* Some of a list may have gone meanwhile; those that are there count. */
	for (i = 0; i < pids->n; i++)
		attach(tool, pids->v[i]);
	return tool->session.n || tool->options.command ? 0 : -ESRCH;
}

/* Before it runs, so that its first call meets the limit. */
static int limit_data(const struct tool *tool)
{
	const struct rlimit limit = { tool->options.data_limit, tool->options.data_limit };
	int err;

	if (!tool->options.data_limit || !prlimit(tool->launch.pid, RLIMIT_DATA, &limit, NULL))
		return 0;
	err = -errno;
	say("--limit-data: cannot set the limit: %s; it may not be above that of: ulimit -H -d",
	    strerror(-err));
	return err;
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
	if (tool->run.hold) {
		err = hold_begin(&tool->hold, tool->launch.pid);
		if (err) {
			say("cannot hold '%s' at its exit: %s; use --check -p", name,
			    strerror(-err));
			return err;
		}
	}
	err = limit_data(tool);
	if (err)
		return err;
	err = launch_release(&tool->launch);
	if (err)
		say("cannot run '%s': %s; check %s", name, strerror(-err),
		    err == -ENOENT ? "its name and PATH" : "what it is: ls -l, file");
	return err;
}

/*
 * A reader that has to wait for the CPU loses events. What was launched keeps the priority
 * that it was started with; without the right to it, so does the reader.
 */
static void hurry(void)
{
	setpriority(PRIO_PROCESS, 0, READER_NICE);
}

/* Each file that somebody's code is in is open for as long as that is known to run. */
static void open_more_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int watch(struct tool *tool)
{
	const struct options *options = &tool->options;
	int err;

	if (options->command) {
		err = launch_hold(&tool->launch, options->command, options->top);
		if (err) {
			say("cannot start a process: %s; end some others", strerror(-err));
			return err;
		}
	}
	hurry();
	if (tool->sink.stacks)
		open_more_files();
	err = begin(tool);
	if (!err && status_is_disarmed())
		say("all kprobes are disarmed, so no call will be seen; run: "
		    "echo 1 | sudo tee " KPROBES_ENABLED);
	if (!err)
		err = attach_all(tool);
	if (!err)
		err = start_command(tool);
	if (err)
		return err;
	tool->sink.stamp.began = tool->session.began;
	tool->sink.many = tool->session.n > 1 || options->system;
	return run(&tool->run);
}

static int watch_again(struct tool *tool)
{
	int err = session_replay(&tool->session, tool->replay, tool->capture.meta.began,
				 tool->run.capture);

	if (err)
		return err;
	if (tool->sink.stacks && !tool->session.state.stack_bytes) {
		say("'%s' has no stacks; make it with -k -w", tool->options.replay);
		return -ENODATA;
	}
	if (tool->sink.stacks)
		open_more_files();
	tool->sink.stamp.began = tool->session.began;
	return rerun(&tool->run, tool->replay);
}

/* The module notes files for so many processes at a time. */
static void say_images(const struct tool *tool)
{
	uint64_t lost = tool->session.state.lost_image;

	if (tool->sink.stacks && lost)
		say("%" PRIu64 " times files that were mapped could not be noted: their functions "
		    "have no names; watch fewer processes at a time",
		    lost);
}

static void tear_down(struct tool *tool)
{
	/* The session has it, if there is one. */
	if (!tool->session.channel)
		replay_close(tool->replay);
	session_end(&tool->session);
	ledger_free(&tool->ledger);
	plot_free(&tool->plot);
	html_free(&tool->html);
	sites_free(&tool->sink.sites);
	top_close(&tool->top);
	normalizer_free(&tool->normalizer);
	hold_free(&tool->hold);
	pidlist_free(&tool->options.pids);
}

/* No signal kills the first process of a container: say what a shell would. */
static int die(int sig)
{
	signals_die(sig);
	return 128 + sig;
}

static bool has_lost(const struct tool *tool)
{
	const struct losses losses = intake_losses(&tool->run.intake);

	return losses_sum(&losses);
}

/* End as CMD did, or by the signal that ended us, unless we have worse to say. */
static int end(const struct tool *tool)
{
	int status = tool->run.status;

	if (tool->signals.deadly)
		return die(tool->signals.deadly);
	if (tool->check.differences)
		return STATUS_DIFFERS;
	if (tool->options.strict && has_lost(tool))
		return STATUS_LOST;
	if (!tool->options.command)
		return EXIT_SUCCESS;
	return WIFSIGNALED(status) ? die(WTERMSIG(status)) : WEXITSTATUS(status);
}

/* From here on a signal is something to see to, and so is a full disk. */
static int work_live(struct tool *tool)
{
	const struct options *options = &tool->options;
	int err = signals_open(&tool->signals, options->check || options->map);

	if (err) {
		say("cannot set up signals: %s; see: ulimit -a", strerror(-err));
		return err;
	}
	return watch(tool);
}

static int work(struct tool *tool)
{
	int err = tool->replay ? watch_again(tool) : work_live(tool);
	int capture_err = capture_close(&tool->capture);
	int close_err;

	if (!err)
		say_images(tool);
	if (capture_err && !err) {
		run_say_error(&tool->run, capture_err);
		err = capture_err;
	}
	close_err = output_close(tool->sink.out, tool->options.output);
	/* Like an output that was closed earlier, a broken pipe speaks for itself. */
	if (close_err && !err && close_err != -EPIPE)
		say("cannot write: %s; choose another file with -o", strerror(-close_err));
	return err ? err : close_err;
}

int main(int argc, char **argv)
{
	struct tool tool = { 0 };
	int status = options_parse(&tool.options, argc, argv);
	int err;

	if (status != OPTIONS_GO_ON)
		return status;
	if (tool.options.status)
		return status_show();
	if (tool.options.mark) {
		err = mark_all(&tool.options.pids, tool.options.mark);
		pidlist_free(&tool.options.pids);
		return err ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	/* The output first: to open it may take as long as a pipe has no reader. */
	err = set_up(&tool);
	if (!err)
		err = work(&tool);
	status = err ? EXIT_FAILURE : end(&tool);
	tear_down(&tool);
	return status;
}
