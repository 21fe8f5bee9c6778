// SPDX-License-Identifier: GPL-2.0
/* A session over the processes that the user asks for, now or as it was stored. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <linux/seccomp.h>

#include "cli/streams.h"
#include "lib/format.h"
#include "ledger/ledger.h"
#include "wire/capture_read.h"
#include "wire/fact_system.h"
#include "run/proc_system.h"
#include "run/replay.h"
#include "lib/say.h"
#include "status.h"
#include "setup.h"

/* Copy so much of a stack by default, because most have less between main() and a call. */
#define STACK_BYTES 2048

#define RING_BYTES (8U << 20)
#define RING_CPUS 32

/* This is the highest priority below real time. */
#define READER_NICE (-20)

static uint32_t stack_bytes(const struct options *options)
{
	return options_stacks(options) ? options->stack_bytes ?: STACK_BYTES : 0;
}

/*
 * Who asked and limits take as much room in the ring as an event, and while the tool reads files it
 * drains no events, so give the ring twice the module's default, unless there are many CPUs.
 */
static uint32_t ring_bytes(const struct options *options, const struct session_request *request)
{
	bool twice = (request->askers || request->limits) &&
		     sysconf(_SC_NPROCESSORS_CONF) <= RING_CPUS;

	return options->ring_bytes ?: twice ? RING_BYTES : 0;
}

static int begin(struct tool *tool)
{
	const struct options *options = &tool->options;
	struct session_request request = {
		.stack_bytes = stack_bytes(options),
		.follow = options->follow,
		.delta = true,
		.huge_page = tool->capture.meta.huge,
		.filter = options->filter,
	};

	if (!request.filter.events)
		request.filter.events = options->capture ? ALL_EVENTS : tool->view->type->events;
	/* The callers come with calls, and what lies where comes with lifecycle events. */
	if (tool->view->stacks && !options->filter.events)
		request.filter.events |= LEDGER_EVENTS;
	if (request.filter.events == SUMMARY_EVENTS)
		tool->view->filtered = tool->view->uncounted = true;
	/* The ledger tells by durations which calls overlapped; totals show them. */
	request.latencies = request.filter.events != SUMMARY_EVENTS || !tool->view->normalize;
	request.limits = request.filter.events & CALL_EVENTS;
	/* No view would look at them. */
	if (tool->view->filtered && !options->filter.events)
		request.filter.events &= ~(1U << BRKWATCH_EVENT_KIND_SNAPSHOT);
	/* Any view may read the capture. */
	request.askers = options->capture ||
			 (tool->view->type->origins && request.filter.events & CALL_EVENTS);
	request.ring_bytes = ring_bytes(options, &request);
	if (request.limits || options->capture)
		proc_system_read(&tool->machine);
	return session_begin(&tool->session, &request, tool->run.capture);
}

/* A message would be in the way in a stream of JSON. */
static bool is_talkative(const struct options *options)
{
	if (options->quiet || options->traits & VIEW_SCREEN)
		return false;
	return streams_output(options) || !(options->traits & VIEW_STREAM);
}

static void say_attached(const struct counters *watch)
{
	char comm[FORMAT_MAX];

	say("watching %u (%s)", watch->pid, format_comm(comm, watch->comm));
	if (watch->seccomp == SECCOMP_MODE_FILTER)
		say("process %u has a seccomp filter: calls that it denies never reach brkwatch",
		    watch->pid);
}

static int attach(struct tool *tool, pid_t pid)
{
	struct session *session = &tool->session;
	const struct counters *watch;
	int err = session_watch(session, pid, false);

	if (err)
		return err;
	watch = &session->watches[session->n - 1];
	err = pipeline_open(&tool->run.pipeline, watch->id);
	if (err)
		say("cannot look at process %u: %s; see: sudo dmesg", watch->pid, strerror(-err));
	else if (is_talkative(&tool->options))
		say_attached(watch);
	return err;
}

static void say_attached_system(const struct session *session)
{
	size_t filters = 0, i;

	for (i = 0; i < session->n; i++)
		filters += session->watches[i].seccomp == SECCOMP_MODE_FILTER;
	say("watching %zu processes and those to come", session->n);
	if (filters)
		say("a seccomp filter is installed in %zu of them: calls that it denies never reach "
		    "brkwatch",
		    filters);
}

static int attach_system(struct tool *tool)
{
	struct session *session = &tool->session;
	int err = session_watch_all(session);
	size_t i;

	tool->view->system = true;
	for (i = 0; i < session->n && !err; i++) {
		err = pipeline_open(&tool->run.pipeline, session->watches[i].id);
		if (err)
			say("cannot look at process %u: %s; see: sudo dmesg",
			    session->watches[i].pid, strerror(-err));
	}
	if (!err && is_talkative(&tool->options))
		say_attached_system(session);
	return err;
}

static int attach_all(struct tool *tool)
{
	const struct pidlist *pids = &tool->options.pids;
	size_t i;

	if (tool->options.system)
		return attach_system(tool);
	/* Processes in the list that no longer exist are reported and skipped. */
	for (i = 0; i < pids->n; i++)
		attach(tool, pids->v[i]);
	return tool->session.n || tool->options.command ? 0 : -ESRCH;
}

/* Set it before the command runs, so that its first call meets the limit. */
static int limit_data(const struct tool *tool)
{
	const struct rlimit limit = { tool->options.data_limit, tool->options.data_limit };
	int err;

	if (!tool->options.data_limit || !prlimit(tool->launch.pid, RLIMIT_DATA, &limit, NULL))
		return 0;
	err = -errno;
	say("--limit-data: cannot set the limit: %s; it cannot exceed: ulimit -H -d",
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
	if (tool->run.exit_stop) {
		err = exit_stop_begin(&tool->exit_stop, tool->launch.pid);
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
	if (err && tool->launch.no_user)
		say("cannot run '%s' as %s: %s; %s", name, tool->options.user.name, strerror(-err),
		    err == -EPERM ? "run as root: sudo brkwatch ..." : "choose another user");
	else if (err)
		say("cannot run '%s': %s; check %s", name, strerror(-err),
		    err == -ENOENT ? "its name and PATH" : "what it is: ls -l, file");
	return err;
}

static int hold_command(struct tool *tool)
{
	const struct options *options = &tool->options;
	const struct launch_order order = {
		.argv = options->command,
		.user = &options->user,
		.environment = options->environment,
		.environment_n = options->environment_n,
		.quiet = options->traits & VIEW_SCREEN,
	};
	int err = options->command ? launch_hold(&tool->launch, &order) : 0;

	if (err)
		say("cannot start a process: %s; end some others", strerror(-err));
	return err;
}

/*
 * A reader that must wait for the CPU loses events. The launched process keeps its priority,
 * and so does the reader if it has no right to raise it.
 */
static void hurry(void)
{
	setpriority(PRIO_PROCESS, 0, READER_NICE);
}

static int store_system(struct tool *tool)
{
	int err = fact_put_system(tool->session.channel, &tool->machine);

	if (err)
		say("no memory left; end some other programs");
	return err;
}

/* The tool keeps each file with code open as long as that code is known to run. */
static void open_more_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int begin_view(struct tool *tool)
{
	struct view *view = tool->view;
	int err = view->type->begin ? view->type->begin(view) : 0;

	if (err)
		say("no memory left; end some other programs");
	return err;
}

/**
 * tool_watch() - watch what the user asks for until it ends or the user stops it
 * @tool: set up, with its signals open
 *
 * Return: 0 or a negative errno that has already been reported.
 */
int tool_watch(struct tool *tool)
{
	int err = hold_command(tool);

	if (err)
		return err;
	hurry();
	if (tool->view->stacks)
		open_more_files();
	err = begin(tool);
	if (!err)
		err = store_system(tool);
	/* Ask the module too, because hooks of other kinds see calls all the same. */
	if (!err && tool->session.state.blind_to && status_is_disarmed())
		say("all kprobes are disarmed, so calls will be missed; run: "
		    "echo 1 | sudo tee " KPROBES_ENABLED);
	if (!err)
		err = attach_all(tool);
	if (!err)
		err = start_command(tool);
	if (err)
		return err;
	tool->view->timestamp.began = tool->session.began;
	tool->view->many = tool->session.n > 1 || tool->options.system;
	err = begin_view(tool);
	return err ?: run(&tool->run);
}

/**
 * tool_watch_again() - replay a capture as if it happened now
 * @tool: set up, with a capture to read
 *
 * Return: 0 or a negative errno that has already been reported.
 */
int tool_watch_again(struct tool *tool)
{
	int err = session_replay(&tool->session, tool->reader, tool->capture.meta.began,
				 tool->run.capture);

	if (err)
		return err;
	fact_take_system(tool->session.channel, &tool->machine);
	if (tool->view->stacks && !tool->session.state.stack_bytes) {
		say("'%s' has no stacks; make it with -k -w", tool->options.replay);
		return -ENODATA;
	}
	if (tool->view->filtered && tool->options.folded != FOLDED_GOT) {
		say("'%s' lacks events that a filter withheld; try --stacks=folded",
		    tool->options.replay);
		return -ENODATA;
	}
	if (tool->view->stacks)
		open_more_files();
	tool->view->timestamp.began = tool->session.began;
	err = begin_view(tool);
	return err ?: replay(&tool->run, tool->reader);
}
