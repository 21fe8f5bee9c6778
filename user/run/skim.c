// SPDX-License-Identifier: GPL-2.0
/* Events that the pipeline lets pass unread, because only the capture needs them. */
#include <errno.h>

#include "run/loading.h"
#include "run/pipeline.h"
#include "run/skim.h"

/*
 * A blind view shows no events and the capture already gets them. They need no account as long
 * as a replay needs no snapshot that the capture lacks. That holds for processes with one
 * thread, if their calls succeed.
 */
bool skim_suffices(const struct pipeline *in)
{
	return in->view->type->blind && !channel_replays(in->session->channel) &&
	       (in->view->filtered || !in->accounts);
}

/* A replay needs a snapshot after shmat and shmdt, because no event contains the segment's size. */
#define PASSING_EVENTS (CALL_EVENTS & ~(EVENT_BIT(SHMAT) | EVENT_BIT(SHMDT)))

bool skim_passes(const struct glance *glance, void *arg)
{
	struct pipeline *in = arg;

	if (!event_is_one_of(glance->kind, PASSING_EVENTS) || glance->error ||
	    glance->tid != glance->pid)
		return false;
	if (glance->watch != in->watch && !session_find(in->session, glance->watch))
		return false;
	in->watch = glance->watch;
	return true;
}

int skim(struct pipeline *in, const struct event *ev)
{
	int err = pipeline_learn(in, ev);

	if (event_is_call(ev->kind))
		in->accounts = true;
	else if (ev->kind == BRKWATCH_EVENT_KIND_CLONE)
		in->accounts |= ev->clone.kind != BRKWATCH_CLONE_KIND_COPY;
	else if (ev->kind == BRKWATCH_EVENT_KIND_SNAPSHOT && !err)
		err = load_exec(in, ev);
	return err;
}

/*
 * The pipeline keeps accounts from the next drain on, beginning with a snapshot of each
 * process. After a loss it asks for the snapshots alone, because a tool that cannot keep up
 * must not do more work.
 */
int skim_end(struct pipeline *in)
{
	const struct session *session = in->session;
	uint64_t lost = in->lost + session->state.lost_ring;
	bool lost_more = lost > in->skimmed_lost;
	size_t i;

	in->skimmed_lost = lost;
	if (in->view->filtered || (!in->accounts && !lost_more))
		return 0;
	for (i = 0; i < session->n; i++)
		if (!session->watches[i].exited &&
		    !ledger_process(in->view->ledger, session->watches[i].id))
			return -ENOMEM;
	ledger_lossy(in->view->ledger, true);
	ledger_lossy(in->view->ledger, false);
	return ask_all(in);
}
