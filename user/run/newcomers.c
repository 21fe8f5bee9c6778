// SPDX-License-Identifier: GPL-2.0
/* Processes that the tool has just learned of, and what /proc says of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/timestamp.h"
#include "run/newcomers.h"
#include "run/pipeline.h"
#include "run/proc_facts.h"
#include "wire/fact_process.h"

#define NEWCOMERS_MIN 8

/* A capture gets the facts whatever the view is, because another view may read it. */
static bool is_wanted(const struct pipeline *in)
{
	const struct channel *channel = in->session->channel;

	return in->view->type->process || (!channel_replays(channel) && channel_is_tapped(channel));
}

static int fill(struct channel *channel, struct process_facts *facts, uint64_t time)
{
	if (channel_replays(channel))
		return fact_take_process(channel, facts);
	proc_facts_read(facts, time);
	return fact_put_process(channel, facts);
}

/* The process was there at @time, CLOCK_MONOTONIC in ns. */
static int take_down(struct pipeline *in, uint32_t watch, uint32_t pid, uint64_t time)
{
	struct newcomers *set = &in->newcomers;
	struct process_facts facts = { .watch = watch, .pid = pid };
	struct process_facts *v;
	int err = fill(in->session->channel, &facts, time);

	v = err ? NULL : array_room(set->v, set->n, &set->cap, sizeof(*v), NEWCOMERS_MIN);
	if (!v) {
		process_facts_free(&facts);
		return err ?: -ENOMEM;
	}
	set->v = v;
	set->v[set->n++] = facts;
	return 0;
}

int newcomers_attach(struct pipeline *in, uint32_t watch)
{
	const struct counters *process = session_find(in->session, watch);

	if (!process || !is_wanted(in))
		return 0;
	return take_down(in, watch, process->pid, timestamp_now());
}

static bool is_of_followed_process(const struct event *ev)
{
	return ev->kind == BRKWATCH_EVENT_KIND_CLONE && ev->clone.watch &&
	       ev->clone.kind != BRKWATCH_CLONE_KIND_THREAD;
}

static int take_down_of(struct pipeline *in, const struct event *ev)
{
	if (ev->kind == BRKWATCH_EVENT_KIND_EXEC)
		return take_down(in, ev->watch, ev->pid, ev->time);
	if (is_of_followed_process(ev))
		return take_down(in, ev->clone.watch, ev->clone.child, ev->time);
	return 0;
}

int newcomers_of_batch(struct pipeline *in)
{
	size_t i;
	int err = 0;

	if (!is_wanted(in))
		return 0;
	for (i = 0; i < in->batch.n && !err; i++)
		err = take_down_of(in, &in->batch.v[i]);
	return err;
}

int newcomers_show_attached(struct pipeline *in)
{
	struct newcomers *set = &in->newcomers;
	int err = 0;

	while (in->view->type->process && set->next < set->n && !err)
		err = in->view->type->process(in->view, &set->v[set->next++]);
	newcomers_clear(set);
	return err;
}

const struct process_facts *newcomers_of_event(struct newcomers *set, const struct event *ev)
{
	if (ev->kind != BRKWATCH_EVENT_KIND_EXEC && !is_of_followed_process(ev))
		return NULL;
	return set->next < set->n ? &set->v[set->next++] : NULL;
}

void newcomers_clear(struct newcomers *set)
{
	while (set->n)
		process_facts_free(&set->v[--set->n]);
	set->next = 0;
}

void newcomers_free(struct newcomers *set)
{
	newcomers_clear(set);
	free(set->v);
	memset(set, 0, sizeof(*set));
}
