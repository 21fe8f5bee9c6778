// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "client.h"
#include "run.h"
#include "say.h"

/* Notes can be dropped, so look now and then without one. */
#define POLL_MS 1000
#define BATCH_MIN 256

static int wait_for_news(struct run *run)
{
	struct pollfd fds[] = {
		{ .fd = channel_fd(run->session->channel), .events = POLLIN },
		{ .fd = run->signals->fd, .events = POLLIN },
	};

	if (channel_take_note(run->session->channel))
		return 0;
	if (poll(fds, 2, POLL_MS) < 0)
		return errno == EINTR ? 0 : -errno;
	if (!fds[0].revents)
		return 0;
	/* Off with the note: one that comes during the drain asks for another. */
	if (channel_receive(run->session->channel))
		return -EIO;
	channel_take_note(run->session->channel);
	return 0;
}

static void reap(struct run *run, int flags)
{
	if (run->child && waitpid(run->child, &run->status, flags) == run->child)
		run->child = 0;
}

/* ^C went to the launched program too: the end comes with it. */
static bool is_over(const struct run *run)
{
	return !run->session->state.live || run->signals->deadly ||
	       (run->signals->interrupted && !run->child);
}

static int keep(const struct event *ev, void *arg)
{
	struct run *run = arg;

	if (run->batch.n == run->batch.cap) {
		size_t cap = run->batch.cap ? 2 * run->batch.cap : BATCH_MIN;
		struct event *v = reallocarray(run->batch.v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		run->batch.v = v;
		run->batch.cap = cap;
	}
	run->batch.v[run->batch.n++] = *ev;
	return 0;
}

static int show(struct run *run, const struct event *ev)
{
	struct step step = { .ev = ev };
	int err;

	step.process = ledger_apply(run->sink->ledger, ev, &step.change);
	if (!step.process)
		return -ENOMEM;
	err = normalize(run->normalizer, ev, &step.places);
	if (!err)
		err = run->sink->ops->event(run->sink, &step);
	if (!err && ferror(run->sink->out))
		err = -errno;
	return err;
}

/*
 * Events are held until the module has said what was lost up to their end:
 * then none is shown with a figure that rests on one that is missing.
 */
static int drain(struct run *run)
{
	struct session_state *state = &run->session->state;
	uint64_t before = state->lost_ring + state->lost_probe;
	size_t i;
	int err;

	run->batch.n = 0;
	err = client_drain(run->session->channel, keep, run);
	if (!err)
		err = client_session_get(run->session->channel, state);
	if (err)
		return err;
	run->received += run->batch.n;
	/* It was said after the batch's last moment: the loss may be the next one's. */
	ledger_lossy(run->sink->ledger, state->lost_ring + state->lost_probe > run->lost);
	run->lost = before;
	for (i = 0; i < run->batch.n && !err; i++)
		err = show(run, &run->batch.v[i]);
	if (!err && fflush(run->sink->out))
		err = -errno;
	return err;
}

static int report(struct run *run)
{
	const struct session_state *state = &run->session->state;
	struct report report = {
		.events = run->received,
		.losses.ring = state->lost_ring,
		.losses.probe = state->lost_probe,
		.losses.socket = state->delivered - run->received,
		.counters = run->session->watches,
		.n = run->session->n,
	};
	int err = run->sink->ops->end(run->sink, &report);

	if (!err && (fflush(run->sink->out) || ferror(run->sink->out)))
		err = -errno;
	return err;
}

static int loop(struct run *run)
{
	bool over;
	int err;

	do {
		err = run->session->state.live ? wait_for_news(run) : 0;
		if (err)
			return err;
		signals_take(run->signals);
		reap(run, WNOHANG);
		over = is_over(run);
		/* Watches first: then what is drained is the rest. */
		if (over)
			err = session_stop(run->session);
		if (!err)
			err = drain(run);
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
		if (ferror(run->sink->out))
			say("cannot write: %s; choose another file with -o", strerror(-err));
		else
			say("cannot read events: %s; see: sudo dmesg",
			    channel_reason(run->session->channel, err));
		break;
	}
}

int run(struct run *run)
{
	int err;

	run->session->state.live = run->session->n;
	err = loop(run);
	free(run->batch.v);
	/* Like strace: what ends the tool ends the program that it started. */
	if (run->child && run->signals->deadly)
		kill(run->child, run->signals->deadly);
	if (err)
		say_error(run, err);
	else if (!run->signals->deadly)
		reap(run, 0);
	return err;
}
