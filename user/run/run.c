// SPDX-License-Identifier: GPL-2.0
/* The main loop: waits for news, drains, and ends. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/look.h"
#include "run/run.h"
#include "lib/say.h"
#include "lib/timestamp.h"

/* Notes can be dropped, so look now and then without one. */
#define POLL_MS 1000
#define NSEC_PER_SEC 1000000000ULL

static struct channel *channel_of(const struct run *run)
{
	return run->pipeline.session->channel;
}

static const struct view_type *type_of(const struct run *run)
{
	return run->pipeline.view->type;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };
}

/* The timer is readable after first ns, then every next ns. There is none if first is 0. */
static int make_timer(int *fd, uint64_t first, uint64_t next, const char *option)
{
	const struct itimerspec when = { timespec_of(next), timespec_of(first) };

	*fd = -1;
	if (!first)
		return 0;
	*fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (*fd < 0 || timerfd_settime(*fd, 0, &when, NULL)) {
		say("cannot set a timer: %s; leave %s out", strerror(errno), option);
		return -errno;
	}
	return 0;
}

static int set_timers(struct run *run)
{
	int err = make_timer(&run->timer, run->duration, 0, "--duration");

	return err ?: make_timer(&run->ticker, run->interval, run->interval, "--interval");
}

static bool is_due(int timer)
{
	uint64_t times;

	return timer >= 0 && read(timer, &times, sizeof(times)) == sizeof(times);
}

static int wait_for_news(struct run *run)
{
	struct pollfd fds[] = {
		{ .fd = channel_fd(channel_of(run)), .events = POLLIN },
		{ .fd = run->signals->fd, .events = POLLIN },
		{ .fd = run->timer, .events = POLLIN },
		{ .fd = run->ticker, .events = POLLIN },
		{ .fd = type_of(run)->keys ? STDIN_FILENO : -1, .events = POLLIN },
	};

	if (channel_take_note(channel_of(run)))
		return 0;
	if (poll(fds, sizeof(fds) / sizeof(*fds), POLL_MS) < 0)
		return errno == EINTR ? 0 : -errno;
	if (!fds[0].revents)
		return 0;
	/* Clear the note now, so that one that arrives during the drain asks for another drain. */
	if (channel_receive(channel_of(run)))
		return -EIO;
	channel_take_note(channel_of(run));
	return 0;
}

/* Handle what has arrived besides events. */
static int take_news(struct run *run)
{
	int err = 0;

	signals_take(run->signals);
	run->expired |= is_due(run->timer);
	run->ticked |= is_due(run->ticker);
	if (type_of(run)->keys && type_of(run)->keys(run->pipeline.view))
		run->expired = true;
	if (run->exit_stop) {
		err = exit_stop_serve(run->exit_stop);
		run->status = run->exit_stop->status;
		if (run->exit_stop->ended)
			run->child = 0;
	} else if (run->child && waitpid(run->child, &run->status, WNOHANG) == run->child) {
		run->child = 0;
	}
	return err;
}

static bool is_busy(const struct run *run)
{
	return run->pipeline.session->state.live || (run->exit_stop && run->exit_stop->n);
}

/* There is no reason to wait for more. */
static bool is_enough(const struct run *run)
{
	return !is_busy(run) || run->once || view_is_full(run->pipeline.view);
}

/* The launched program got the ^C too, so the run ends when the program does. */
static bool is_over(const struct run *run)
{
	return is_enough(run) || run->expired || run->signals->deadly ||
	       (run->signals->interrupted && !run->child);
}

static int look(struct run *run)
{
	struct session *session = run->pipeline.session;
	size_t i;
	int err = pipeline_settle(&run->pipeline);
	/* A process that has not ended by the module's answer is there now. */
	uint64_t time = timestamp_now();

	/* Refresh the names, because an exec may have changed them. */
	if (!err)
		err = session_refresh(session);
	for (i = 0; i < session->n && !err; i++)
		if (!session->watches[i].exited)
			err = pipeline_look(&run->pipeline, &session->watches[i], time);
	return err;
}

/* The view looks at held processes when they end, not when the user stops the run. */
static bool is_looked_at(const struct run *run, bool over)
{
	return type_of(run)->look &&
	       (run->signals->look || (over && !run->exit_stop && is_busy(run)));
}

/* Of a capture without the time of its end the last event is the end. */
static uint64_t end_of(const struct run *run)
{
	return run->stopped ?: run->pipeline.seen;
}

static int put_report(struct run *run, const struct tally *tally, uint64_t time)
{
	struct view *view = run->pipeline.view;
	struct report report = {
		.events = run->pipeline.received,
		.losses = pipeline_losses(&run->pipeline),
		.counters = tally ? tally->v : run->pipeline.session->watches,
		.n = tally ? tally->n : run->pipeline.session->n,
		.time = time,
		.now = time ?: end_of(run),
		.counted_here = tally,
	};
	int err = view->type->end(view, &report);

	if (!err && (fflush(view->out) || ferror(view->out)))
		err = -errno;
	return err;
}

int run_report(struct run *run, const struct tally *tally)
{
	return put_report(run, tally, 0);
}

static bool repeats(const struct run *run)
{
	return type_of(run)->traits & VIEW_REPEATS;
}

static void note_moment(const struct run *run, uint8_t command, uint64_t time)
{
	if (run->capture)
		capture_moment(run->capture, channel_family(channel_of(run)), command, time);
}

int run_sum_up(struct run *run, uint8_t command, uint64_t time)
{
	bool shows = command == CAPTURE_CMD_LOOK ? repeats(run) : run->interval;
	int err;

	note_moment(run, command, time);
	err = session_refresh(run->pipeline.session);
	return err || !shows ? err : put_report(run, NULL, time);
}

void run_note_stop(struct run *run, uint64_t time)
{
	run->stopped = time;
	note_moment(run, CAPTURE_CMD_STOP, time);
}

/* Stop the watches before the last drain, so that it takes the rest. */
static int stop(struct run *run)
{
	run_note_stop(run, timestamp_now());
	return session_stop(run->pipeline.session);
}

/* SIGUSR1 came, and the view can show its figures so far. */
static bool is_asked(const struct run *run)
{
	return run->signals->look && repeats(run);
}

static int loop(struct run *run)
{
	bool over;
	int err;

	do {
		err = is_enough(run) ? 0 : wait_for_news(run);
		if (!err)
			err = take_news(run);
		if (err)
			return err;
		over = is_over(run);
		if (is_looked_at(run, over))
			err = look(run);
		if (over && !err)
			err = stop(run);
		if (!err)
			err = pipeline_drain(&run->pipeline);
		if (!err && !over && (run->ticked || is_asked(run)))
			err = run_sum_up(run, run->ticked ? CAPTURE_CMD_TICK : CAPTURE_CMD_LOOK,
					 timestamp_now());
		run->ticked = false;
		if (!err && run->capture)
			err = capture_flush(run->capture);
		if (err)
			return err;
	} while (!over);
	return run_report(run, NULL);
}

void run_say_error(const struct run *run, int err)
{
	if (run->capture && run->capture->err) {
		say("cannot write '%s': %s; choose another file with -w", run->capture->path,
		    strerror(-run->capture->err));
		return;
	}
	switch (err) {
	case -EPIPE:
		/* The reader of the output has gone and wants no message. */
		break;
	case -ECANCELED:
		/* The tool reported it where it happened. */
		break;
	case -EBADMSG:
	case -ENOMSG:
		say("the module sent what this tool does not know; install both from one source");
		break;
	case -ENOMEM:
		say("no memory left; try a smaller --buffer");
		break;
	default:
		if (ferror(run->pipeline.view->out))
			say("cannot write: %s; choose another file with -o", strerror(-err));
		else
			say("cannot read events: %s; see: sudo dmesg",
			    channel_reason(channel_of(run), err));
		break;
	}
}

/* The tool watches no process any more, but still handles signals. */
static int wait_for_child(struct run *run)
{
	struct pollfd fd = { .fd = run->signals->fd, .events = POLLIN };
	/* A view that waited for its user may have emptied the eventfd: look before polling. */
	int err = take_news(run);

	while (!err && run->child && !run->signals->deadly) {
		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			return -errno;
		err = take_news(run);
	}
	return err;
}

int run(struct run *run)
{
	int err = set_timers(run);

	if (err)
		return err;
	run->pipeline.session->state.live = run->pipeline.session->n;
	err = loop(run);
	if (!err)
		err = wait_for_child(run);
	pipeline_free(&run->pipeline);
	if (run->timer >= 0)
		close(run->timer);
	if (run->ticker >= 0)
		close(run->ticker);
	/* As with strace, a signal that ends the tool ends the program that it started. */
	if (run->child && run->signals->deadly)
		kill(run->child, run->signals->deadly);
	if (err)
		run_say_error(run, err);
	return err;
}
