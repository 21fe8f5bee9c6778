// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"
#include "say.h"

/* Notes can be dropped, so look now and then without one. */
#define POLL_MS 1000
#define NSEC_PER_SEC 1000000000ULL

static struct channel *channel_of(const struct run *run)
{
	return run->intake.session->channel;
}

static int set_timer(struct run *run)
{
	const struct itimerspec when = {
		.it_value.tv_sec = run->duration / NSEC_PER_SEC,
		.it_value.tv_nsec = run->duration % NSEC_PER_SEC,
	};

	run->timer = -1;
	if (!run->duration)
		return 0;
	run->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (run->timer < 0 || timerfd_settime(run->timer, 0, &when, NULL)) {
		say("cannot set a timer: %s; leave --duration out", strerror(errno));
		return -errno;
	}
	return 0;
}

static int wait_for_news(struct run *run)
{
	struct pollfd fds[] = {
		{ .fd = channel_fd(channel_of(run)), .events = POLLIN },
		{ .fd = run->signals->fd, .events = POLLIN },
		{ .fd = run->timer, .events = POLLIN },
	};

	if (channel_take_note(channel_of(run)))
		return 0;
	if (poll(fds, 3, POLL_MS) < 0)
		return errno == EINTR ? 0 : -errno;
	if (!fds[0].revents)
		return 0;
	/* Off with the note: one that comes during the drain asks for another. */
	if (channel_receive(channel_of(run)))
		return -EIO;
	channel_take_note(channel_of(run));
	return 0;
}

/* What has come besides events. */
static int take_news(struct run *run)
{
	uint64_t times;
	int err = 0;

	signals_take(run->signals);
	if (run->timer >= 0 && read(run->timer, &times, sizeof(times)) == sizeof(times))
		run->expired = true;
	if (run->hold) {
		err = hold_serve(run->hold);
		run->status = run->hold->status;
		if (run->hold->ended)
			run->child = 0;
	} else if (run->child && waitpid(run->child, &run->status, WNOHANG) == run->child) {
		run->child = 0;
	}
	return err;
}

static bool is_busy(const struct run *run)
{
	return run->intake.session->state.live || (run->hold && run->hold->n);
}

/* ^C went to the launched program too: the end comes with it. */
static bool is_over(const struct run *run)
{
	return !is_busy(run) || run->once || run->expired || run->signals->deadly ||
	       (run->signals->interrupted && !run->child);
}

static int look(struct run *run)
{
	struct session *session = run->intake.session;
	size_t i;
	int err = intake_settle(&run->intake);

	/* For the names, which an exec may have changed. */
	if (!err)
		err = session_refresh(session);
	for (i = 0; i < session->n && !err; i++)
		if (!session->watches[i].exited)
			err = run->look(run->arg, &session->watches[i]);
	return err;
}

/* What is held is looked at when it ends, not when the user has had enough. */
static bool is_looked_at(const struct run *run, bool over)
{
	return run->look && (run->signals->look || (over && !run->hold && is_busy(run)));
}

static int report(struct run *run)
{
	struct sink *sink = run->intake.sink;
	struct report report = {
		.events = run->intake.received,
		.losses = intake_losses(&run->intake),
		.counters = run->intake.session->watches,
		.n = run->intake.session->n,
	};
	int err = sink->ops->end(sink, &report);

	if (!err && (fflush(sink->out) || ferror(sink->out)))
		err = -errno;
	return err;
}

static int loop(struct run *run)
{
	bool over;
	int err;

	do {
		err = is_busy(run) && !run->once ? wait_for_news(run) : 0;
		if (!err)
			err = take_news(run);
		if (err)
			return err;
		over = is_over(run);
		if (is_looked_at(run, over))
			err = look(run);
		/* Watches first: then what is drained is the rest. */
		if (over && !err)
			err = session_stop(run->intake.session);
		if (!err)
			err = intake_drain(&run->intake);
		if (err)
			return err;
	} while (!over);
	return report(run);
}

static void say_error(const struct run *run, int err)
{
	switch (err) {
	case -EPIPE:
		/* Whoever read the output has gone and wants to hear no more. */
		break;
	case -EBADMSG:
	case -ENOMSG:
		say("the module sent what this tool does not know; install both from one source");
		break;
	case -ENOMEM:
		say("no memory left; try a smaller --buffer");
		break;
	default:
		if (ferror(run->intake.sink->out))
			say("cannot write: %s; choose another file with -o", strerror(-err));
		else
			say("cannot read events: %s; see: sudo dmesg",
			    channel_reason(channel_of(run), err));
		break;
	}
}

/* Nothing is watched any more, but signals still are. */
static int wait_for_child(struct run *run)
{
	struct pollfd fd = { .fd = run->signals->fd, .events = POLLIN };
	int err = 0;

	while (!err && run->child && !run->signals->deadly) {
		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			return -errno;
		err = take_news(run);
	}
	return err;
}

int run(struct run *run)
{
	int err = set_timer(run);

	if (err)
		return err;
	run->intake.session->state.live = run->intake.session->n;
	err = loop(run);
	if (!err)
		err = wait_for_child(run);
	intake_free(&run->intake);
	if (run->timer >= 0)
		close(run->timer);
	/* Like strace: what ends the tool ends the program that it started. */
	if (run->child && run->signals->deadly)
		kill(run->child, run->signals->deadly);
	if (err)
		say_error(run, err);
	return err;
}
