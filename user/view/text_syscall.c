// SPDX-License-Identifier: GPL-2.0
/* A call as strace writes it. */
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/names.h"
#include "view/text.h"

static void put_mmap(FILE *out, const struct event *ev, const struct places *places)
{
	char prot[NAMES_MAX], flags[NAMES_MAX];

	fprintf(out, "%s, %" PRIu64 ", %s, %s, %" PRId32 ", %#" PRIx64,
		pointer(ev->map.addr, places->addr), ev->map.length, names_prot(prot, ev->map.prot),
		names_flags(flags, ev->map.flags), ev->map.fd, ev->map.offset);
}

/* Do as strace, which shows the new address only if the call demands it. */
static void put_mremap(FILE *out, const struct event *ev, const struct places *places)
{
	const uint64_t demand = MREMAP_MAYMOVE | MREMAP_FIXED;
	char flags[NAMES_MAX];

	fprintf(out, "%s, %" PRIu64 ", %" PRIu64 ", %s", pointer(ev->map.addr, places->addr),
		ev->map.length, ev->map.new_length, names_mremap(flags, ev->map.flags));
	if ((ev->map.flags & demand) == demand)
		fprintf(out, ", %s", pointer(ev->map.new_addr, places->new_addr));
}

static void put_mprotect(FILE *out, const struct event *ev, const struct places *places)
{
	char prot[NAMES_MAX];

	fprintf(out, "%s, %" PRIu64 ", %s", pointer(ev->map.addr, places->addr), ev->map.length,
		names_prot(prot, ev->map.prot));
	if (ev->kind == BRKWATCH_EVENT_KIND_PKEY_MPROTECT)
		fprintf(out, ", %" PRId32, ev->map.pkey);
}

static void put_madvise(FILE *out, const struct event *ev, const struct places *places)
{
	char advice[NAMES_MAX];

	fprintf(out, "%s, %" PRIu64 ", %s", pointer(ev->map.addr, places->addr), ev->map.length,
		names_advice(advice, ev->map.advice));
}

static void put_shmat(const struct view *view, const struct event *ev, const struct places *places)
{
	char flags[NAMES_MAX];

	/* The id differs from run to run, because the kernel counts all segments it ever made. */
	if (view->normalize)
		fprintf(view->out, "<shm>");
	else
		fprintf(view->out, "%" PRId32, ev->map.shmid);
	fprintf(view->out, ", %s, %s", pointer(ev->map.addr, places->addr),
		names_shmat(flags, ev->map.flags));
}

static void put_arguments(struct view *view, const struct event *ev, const struct places *places)
{
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		fprintf(view->out, "%s", pointer(ev->move.requested, places->requested));
		break;
	case BRKWATCH_EVENT_KIND_MMAP:
		put_mmap(view->out, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_MREMAP:
		put_mremap(view->out, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
		put_mprotect(view->out, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_MADVISE:
		put_madvise(view->out, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_SHMAT:
		put_shmat(view, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_SHMDT:
		fprintf(view->out, "%s", pointer(ev->map.addr, places->addr));
		break;
	default:
		fprintf(view->out, "%s, %" PRIu64, pointer(ev->map.addr, places->addr),
			ev->map.length);
		break;
	}
}

void put_call(struct view *view, const struct step *step)
{
	fprintf(view->out, "%s(", names_event(step->ev->kind));
	put_arguments(view, step->ev, step->places);
	fprintf(view->out, ")");
}

void put_result(struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	const char *place = step->places->result;
	const char *meaning = strerrordesc_np(ev->error);
	char name[NAMES_MAX];

	if (ev->kind == BRKWATCH_EVENT_KIND_BRK)
		fprintf(view->out, " = %s", step->places->after);
	else if (!ev->error)
		fprintf(view->out, " = %s", ev->map.result && *place ? place : "0");
	else if (meaning)
		fprintf(view->out, " = -1 %s (%s)", names_errno(name, ev->error), meaning);
	else
		fprintf(view->out, " = -1 (errno %" PRIu32 ")", ev->error);
	if (!view->durations)
		return;
	fprintf(view->out, " <");
	timestamp_seconds(view->out, 0, ev->duration);
	fprintf(view->out, ">");
}
