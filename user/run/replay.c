// SPDX-License-Identifier: GPL-2.0
/* Run once more what is in a capture. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <netlink/genl/genl.h>

#include "wire/attrs.h"
#include "run/loading.h"
#include "run/look.h"
#include "run/replay.h"
#include "lib/say.h"

/**
 * struct replay - a run out of a capture
 * @run: everything
 * @reader: the capture
 * @tally: counters, for the case that the file has no end; of no process if the view shows none
 * @looked: the view has looked at the processes that were running
 * @stopped: the file has the kernel's last counters
 * @ended: the file has the drain after them as well
 * @told: per cent that were printed last
 */
struct replay {
	struct run *run;
	struct capture_reader *reader;
	struct tally tally;
	bool looked;
	bool stopped;
	bool ended;
	int told;
};

static int look(struct replay *re)
{
	const struct session *session = re->run->pipeline.session;
	struct view *view = re->run->pipeline.view;
	size_t i;
	int err = 0;

	re->looked = true;
	for (i = 0; view->type->look && i < session->n && !err; i++)
		if (!session->watches[i].exited)
			err = pipeline_look(&re->run->pipeline, &session->watches[i], 0);
	return err;
}

/* The last watch belongs to the request. */
static int attach(struct replay *re, const struct nlmsghdr *hdr)
{
	const struct nlattr *tb[BRKWATCH_A_WATCH_MAX + 1];
	struct session *session = re->run->pipeline.session;
	bool on_exec;
	int err;

	if (attrs_parse(hdr, tb, BRKWATCH_A_WATCH_MAX) || !tb[BRKWATCH_A_WATCH_PID] ||
	    nla_len(tb[BRKWATCH_A_WATCH_PID]) != sizeof(uint32_t)) {
		capture_read_spoil(re->reader, "a request cannot be read");
		return 0;
	}
	on_exec = tb[BRKWATCH_A_WATCH_ON_EXEC];
	err = session_watch(session, nla_get_u32((struct nlattr *)tb[BRKWATCH_A_WATCH_PID]),
			    on_exec);
	/* The tool said so at that time too, and watched the other processes all the same. */
	if (err || on_exec || !session->n)
		return err == -ENOMEM ? err : 0;
	return pipeline_open(&re->run->pipeline, session->watches[session->n - 1].id);
}

static int attach_system(struct replay *re)
{
	struct session *session = re->run->pipeline.session;
	int err = session_watch_all(session);
	size_t i;

	re->run->pipeline.view->many = re->run->pipeline.view->system = true;
	for (i = 0; i < session->n && !err; i++)
		err = pipeline_open(&re->run->pipeline, session->watches[i].id);
	return err;
}

static int take_counters(struct replay *re, const struct nlmsghdr *hdr)
{
	const struct nlattr *tb[BRKWATCH_A_WATCH_MAX + 1];
	struct session *session = re->run->pipeline.session;
	int err;

	if (attrs_parse(hdr, tb, BRKWATCH_A_WATCH_MAX)) {
		capture_read_spoil(re->reader, "a request cannot be read");
		return 0;
	}
	if (tb[BRKWATCH_A_WATCH_STOP]) {
		err = session_stop(session);
		re->stopped = !capture_read_is_cut(re->reader);
	} else if (tb[BRKWATCH_A_WATCH_GONE]) {
		err = session_collect(session);
	} else {
		err = session_refresh(session);
		if (!err)
			err = look(re);
	}
	return err;
}

/* The tool noted when it printed the totals, and when it stopped watching. */
static int moment(struct replay *re, const struct nlmsghdr *hdr)
{
	uint8_t command = genlmsg_hdr((struct nlmsghdr *)hdr)->cmd;
	const struct nlattr *tb[CAPTURE_A_MAX + 1];
	uint64_t time;

	if (attrs_parse(hdr, tb, CAPTURE_A_MAX) || !tb[CAPTURE_A_TIME] ||
	    nla_len(tb[CAPTURE_A_TIME]) != sizeof(uint64_t)) {
		capture_read_spoil(re->reader, "the time of a report cannot be read");
		return 0;
	}
	time = nla_get_u64((struct nlattr *)tb[CAPTURE_A_TIME]);
	capture_read_skip(re->reader);
	if (command != CAPTURE_CMD_STOP)
		return run_sum_up(re->run, command, time);
	run_note_stop(re->run, time);
	return 0;
}

/* This run may not want it, because the tool that wrote the file may have read fewer events. */
static int snapshot(struct replay *re, const struct nlmsghdr *hdr)
{
	const struct nlattr *tb[BRKWATCH_A_AREA_MAX + 1], *watch;

	if (attrs_parse(hdr, tb, BRKWATCH_A_AREA_MAX)) {
		capture_read_spoil(re->reader, "a request cannot be read");
		return 0;
	}
	watch = tb[BRKWATCH_A_AREA_WATCH];
	if (watch && nla_len(watch) == sizeof(uint32_t) && !re->run->pipeline.view->filtered)
		return pipeline_snapshot(&re->run->pipeline, nla_get_u32((struct nlattr *)watch));
	capture_read_skip(re->reader);
	return 0;
}

static int drain(struct replay *re)
{
	struct pipeline *in = &re->run->pipeline;
	int err;

	if (in->session->n > 1)
		in->view->many = true;
	err = pipeline_drain(in);
	re->ended = re->stopped && !capture_read_is_cut(re->reader);
	return err;
}

/* The requests in the file show what the tool did, and in which order. */
static int go_on(struct replay *re, const struct nlmsghdr *hdr)
{
	switch (genlmsg_hdr((struct nlmsghdr *)hdr)->cmd) {
	case BRKWATCH_CMD_WATCH_NEW:
		return attach(re, hdr);
	case BRKWATCH_CMD_WATCH_ALL:
		return attach_system(re);
	case BRKWATCH_CMD_WATCH_GET:
		return take_counters(re, hdr);
	case BRKWATCH_CMD_DRAIN:
		return drain(re);
	case BRKWATCH_CMD_SNAPSHOT_GET:
		return snapshot(re, hdr);
	case CAPTURE_CMD_TICK:
	case CAPTURE_CMD_LOOK:
	case CAPTURE_CMD_STOP:
		return moment(re, hdr);
	default:
		capture_read_skip(re->reader);
		return 0;
	}
}

/* Print it only at a terminal, because a user there sees nothing else. A mark overwrites it. */
static void tell_progress(struct replay *re)
{
	const struct view *view = re->run->pipeline.view;
	int percent = capture_read_progress(re->reader);

	if (percent < 0 || percent == re->told || !isatty(STDERR_FILENO) ||
	    (!view->type->late && isatty(fileno(view->out))))
		return;
	fprintf(stderr, "%d %% read\r", percent);
	re->told = percent;
}

static void end_progress(const struct replay *re)
{
	if (re->told >= 0)
		fprintf(stderr, "\033[K");
}

static int loop(struct replay *re)
{
	const struct nlmsghdr *hdr;
	int err = 0;

	while (!err && !view_is_full(re->run->pipeline.view) &&
	       (hdr = capture_read_peek(re->reader))) {
		err = go_on(re, hdr);
		if (!err && re->run->capture)
			err = capture_flush(re->run->capture);
		tell_progress(re);
	}
	/* The tool did not look when it made the capture, but the user asks for it now. */
	if (!err && !re->looked)
		err = look(re);
	end_progress(re);
	return err ?: run_report(re->run, re->stopped ? NULL : &re->tally);
}

static bool shows_counters(const struct view *view)
{
	return view->type->traits & (VIEW_TOTALS | VIEW_REPEATS);
}

int replay(struct run *run, struct capture_reader *reader)
{
	struct replay re = { .run = run, .reader = reader, .told = -1 };
	int err;

	re.tally.geometry = run->pipeline.view->ledger->geometry;
	if (shows_counters(run->pipeline.view))
		run->pipeline.tally = &re.tally;
	err = loop(&re);
	pipeline_free(&run->pipeline);
	tally_free(&re.tally);
	if (err) {
		run_say_error(run, err);
	} else if (capture_read_damage(reader)) {
		say("the capture is damaged: %s; what came before was shown",
		    capture_read_damage(reader));
		err = -EBADMSG;
	} else if (!re.ended && !view_is_full(run->pipeline.view)) {
		say("the capture has no end, because its writer was killed; everything in it was shown");
	}
	return err;
}
