// SPDX-License-Identifier: GPL-2.0
/* Events on their way from a drain through the ledger to the view. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "run/loading.h"
#include "run/pipeline.h"
#include "run/skim.h"

#define BATCH_MIN 256
/* The module may have to keep dead watches for this many drains and exits. */
#define IDLE_MAX 64
/* Overlapping calls can make each snapshot ask for the next one, so limit the tries. */
#define SETTLE_MAX 8

/* Copy the stack, because it lies in a message that will be gone. */
static int keep_stack(struct event_stack *stack)
{
	size_t registers = EVENT_REGISTERS * sizeof(uint64_t);
	char *copy;

	if (!stack->registers)
		return 0;
	copy = malloc(registers + stack->len);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, stack->registers, registers);
	memcpy(copy + registers, stack->bytes, stack->len);
	stack->registers = copy;
	stack->bytes = copy + registers;
	return 0;
}

static int keep_event(const struct event *ev, void *arg)
{
	struct pipeline *in = arg;
	struct event *v =
		array_room(in->batch.v, in->batch.n, &in->batch.cap, sizeof(*v), BATCH_MIN);

	if (!v)
		return -ENOMEM;
	in->batch.v = v;
	v = &in->batch.v[in->batch.n];
	*v = *ev;
	if (!in->view->stacks)
		memset(&v->stack, 0, sizeof(v->stack));
	else if (keep_stack(&v->stack))
		return -ENOMEM;
	in->batch.n++;
	return 0;
}

static void drop_stacks(struct pipeline *in)
{
	size_t i;

	for (i = 0; i < in->batch.n; i++)
		free((void *)in->batch.v[i].stack.registers);
	in->batch.n = 0;
}

/* A watch is learned from its own events too: a filter or a loss may take the clone event. */
int pipeline_learn(struct pipeline *in, const struct event *ev)
{
	struct ledger *ledger = in->view->ledger;
	bool known = ev->watch == in->known || session_find(in->session, ev->watch);
	bool lossy = ledger->lossy;
	int err = known ? 0 : session_learn(in->session, ev->watch, ev->pid, ev->comm);

	if (!known && !in->view->filtered) {
		in->orphans = true;
		ledger_lossy(ledger, true);
		ledger_lossy(ledger, lossy);
	}
	if (!err && ev->kind == BRKWATCH_EVENT_KIND_CLONE && ev->clone.watch &&
	    ev->clone.kind != BRKWATCH_CLONE_KIND_THREAD)
		err = session_learn(in->session, ev->clone.watch, ev->clone.child, ev->comm);
	if (in->session->n > 1)
		in->view->many = true;
	in->known = err ? 0 : ev->watch;
	return err;
}

static bool is_end(const struct event *ev)
{
	return ev->kind == BRKWATCH_EVENT_KIND_EXIT || ev->kind == BRKWATCH_EVENT_KIND_LEAVE;
}

/* A late view shows only marks. It names places only so that later ones get the same names. */
static int name_places(struct pipeline *in, const struct event *ev, struct places *places)
{
	if (in->view->type->late && !in->normalizer->on) {
		memset(places, 0, sizeof(*places));
		return 0;
	}
	return normalize(in->normalizer, ev, places);
}

bool pipeline_knows_code(const struct pipeline *in)
{
	const struct session *session = in->session;

	return in->view->stacks ||
	       (in->view->type->origins && session->askers && session->state.has_images);
}

/* If the clone was lost, the initial mappings of the child are unknown: ask for them. */
static int know_code(struct pipeline *in, const struct event *ev)
{
	int err;

	if (!pipeline_knows_code(in))
		return 0;
	err = stacks_event(&in->stacks, ev);
	if (!err && (ev->stack.registers || ev->asker.ip) && stacks_wants(&in->stacks, ev->watch))
		err = ask_images(in, ev->watch);
	if (event_is_call(ev->kind))
		in->view->ledger->asker = origin_needs_asker(ev) ?
						  stacks_asker(&in->stacks, ev) :
						  (struct asker){ .owner = OWNER_UNKNOWN };
	return err;
}

static int show(struct pipeline *in, const struct event *ev)
{
	const struct process_facts *facts = newcomers_of_event(&in->newcomers, ev);
	struct places places;
	struct step step;
	int err = pipeline_learn(in, ev);

	if (!err)
		err = know_code(in, ev);
	if (!err && in->tally)
		err = tally_event(in->tally, ev, session_find(in->session, ev->watch));
	if (!err)
		err = load_older(in, ev->time);
	if (err)
		return err;
	step.ev = ev;
	step.places = &places;
	step.process = ledger_apply(in->view->ledger, ev, &step.change);
	if (!step.process)
		return -ENOMEM;
	step.asked = in->view->ledger->asked;
	if (ev->kind == BRKWATCH_EVENT_KIND_SNAPSHOT)
		err = load_exec(in, ev);
	if (err || (in->filter && !filter_matches(in->filter, ev)))
		return err;
	err = name_places(in, ev, &places);
	if (!err)
		err = in->view->type->event(in->view, &step);
	if (!err && facts && in->view->type->process)
		err = in->view->type->process(in->view, facts);
	if (!err && ferror_unlocked(in->view->out))
		err = -errno;
	return err;
}

/* Call this when all snapshots of the batch are loaded, because one may be of a shared space. */
static void drop_ended(struct pipeline *in)
{
	size_t i;

	for (i = 0; i < in->batch.n; i++) {
		if (!is_end(&in->batch.v[i]))
			continue;
		in->idle++;
		snapshots_forget(&in->execs, in->batch.v[i].watch);
		stacks_drop(&in->stacks, in->batch.v[i].watch);
		ledger_drop(in->view->ledger, in->batch.v[i].watch);
	}
}

static int part(const struct counters *last, void *arg)
{
	struct pipeline *in = arg;
	const struct losses losses = pipeline_losses(in);
	const struct view_type *type = in->view->type;
	int err = type->ended ? type->ended(in->view, last, &losses) : 0;

	if (err)
		return err;
	in->known = 0;
	snapshots_forget(&in->execs, last->id);
	put_off_drop(&in->put_off, last->id);
	stacks_drop(&in->stacks, last->id);
	ledger_forget(in->view->ledger, last->id);
	normalizer_forget(in->normalizer, last->id);
	if (in->tally)
		tally_forget(in->tally, last->id);
	return 0;
}

/*
 * If a process ended before a drain began, this drain and those before it hold all its events,
 * because the kernel reports a process as gone only when its last event is in the ring.
 */
static int part_ended(struct pipeline *in)
{
	return session_part(in->session, part, in);
}

static void note_time(struct pipeline *in)
{
	if (in->batch.n && in->batch.v[in->batch.n - 1].time > in->seen)
		in->seen = in->batch.v[in->batch.n - 1].time;
}

/* The module keeps dead watches until the tool reads their last counters. */
static int collect(struct pipeline *in)
{
	if (++in->idle < IDLE_MAX)
		return 0;
	in->idle = 0;
	return session_collect(in->session);
}

/*
 * This sum grows with each loss that no event reports, because its process is unknown. blind_to
 * grows as long as the probes are off.
 */
static uint64_t lost_anywhere(const struct pipeline *in)
{
	const struct losses losses = pipeline_losses(in);

	return losses.probe + losses.socket + losses.blind_to;
}

/*
 * A view that only stores events is full once enough are stored. The rest of the drain must be
 * booked all the same, because a capture holds whole messages and so has all of its events.
 */
static bool takes_more(const struct pipeline *in)
{
	return in->view->type->blind || !view_is_full(in->view);
}

static void count_stored(const struct pipeline *in)
{
	if (in->view->type->blind)
		in->view->shown += in->batch.n + in->passed;
}

/*
 * The pipeline holds events until the module has reported what was lost up to their end, so
 * that no event is shown with a figure that rests on a missing one.
 */
int pipeline_drain(struct pipeline *in)
{
	bool skims = skim_suffices(in);
	struct event_taker taker = {
		.pass = skims ? skim_passes : NULL,
		.take = keep_event,
		.arg = in,
	};
	uint64_t lost;
	size_t i;
	int err;

	drop_stacks(in);
	err = client_drain(in->session->channel, &taker);
	in->passed = taker.passed;
	if (!err)
		err = client_session_get(in->session->channel, &in->session->state);
	if (!err)
		err = fetch_images(in);
	if (!err)
		err = newcomers_show_attached(in);
	if (!err)
		err = newcomers_of_batch(in);
	if (err)
		return err;
	in->received += in->batch.n + in->passed;
	/* The module reports it after the batch's end, so the loss may be the next one's. */
	lost = lost_anywhere(in);
	ledger_lossy(in->view->ledger, lost > in->lost_before);
	in->lost_before = in->lost;
	in->lost = lost;
	for (i = 0; i < in->batch.n && !err && takes_more(in); i++)
		err = skims ? skim(in, &in->batch.v[i]) : show(in, &in->batch.v[i]);
	count_stored(in);
	newcomers_clear(&in->newcomers);
	/* The tool asked for these before the drain, so all later events are newer. */
	if (!err)
		err = load_older(in, UINT64_MAX);
	if (err)
		return err;
	drop_ended(in);
	note_time(in);
	if (skims)
		err = skim_end(in);
	else if (!in->view->filtered)
		err = ask_all(in);
	if (!err)
		err = ask_again(in);
	if (!err)
		err = part_ended(in);
	if (!err)
		err = collect(in);
	if (!err && fflush(in->view->out))
		err = -errno;
	return err;
}

int pipeline_settle(struct pipeline *in)
{
	int tries = SETTLE_MAX;
	int err;

	do {
		err = pipeline_drain(in);
	} while (!err && in->asked.n && --tries);
	return err;
}

int pipeline_open(struct pipeline *in, uint32_t watch)
{
	int err = newcomers_attach(in, watch);

	if (!err)
		err = ask_images(in, watch);
	if (err || in->view->filtered)
		return err;
	if (!ledger_process(in->view->ledger, watch))
		return -ENOMEM;
	return ask_all(in);
}

struct losses pipeline_losses(const struct pipeline *in)
{
	const struct session_state *state = &in->session->state;

	return (struct losses){
		.ring = state->lost_ring,
		.probe = state->lost_probe,
		.watch = state->lost_watch,
		/* A capture may end before the module reports what it delivered. */
		.socket = state->delivered > in->received ? state->delivered - in->received : 0,
		.blind_from = state->blind_from,
		.blind_to = state->blind_to,
	};
}

void pipeline_free(struct pipeline *in)
{
	snapshots_free(&in->execs);
	snapshots_free(&in->asked);
	put_off_free(&in->put_off);
	newcomers_free(&in->newcomers);
	drop_stacks(in);
	stacks_free(&in->stacks);
	free(in->batch.v);
	memset(&in->batch, 0, sizeof(in->batch));
}
