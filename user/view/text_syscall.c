// SPDX-License-Identifier: GPL-2.0
/* A call as strace writes it. */
#include <string.h>
#include <sys/mman.h>

#include "lib/names.h"
#include "view/text.h"

/* An address has a name only with --normalize. */
static void add_address(struct text_buffer *text, uint64_t addr, const char *place)
{
	if (*place)
		text_add(text, place);
	else
		text_add_hex(text, addr);
}

static void add_pointer(struct text_buffer *text, uint64_t addr, const char *place)
{
	if (addr)
		add_address(text, addr, place);
	else
		text_add(text, "NULL");
}

static void add_number(struct text_buffer *text, uint64_t value)
{
	text_add(text, ", ");
	text_add_u64(text, value);
}

static void add_name(struct text_buffer *text, const char *name)
{
	text_add(text, ", ");
	text_add(text, name);
}

/* The address and the length, with which most calls begin. */
static void add_range(struct text_buffer *text, const struct event *ev, const struct places *places)
{
	add_pointer(text, ev->map.addr, places->addr);
	add_number(text, ev->map.length);
}

static void add_mmap(struct text_buffer *text, const struct event *ev, const struct places *places)
{
	char name[NAMES_MAX];

	add_range(text, ev, places);
	add_name(text, names_prot(name, ev->map.prot));
	add_name(text, names_flags(name, ev->map.flags));
	text_add(text, ", ");
	text_add_i32(text, ev->map.fd);
	text_add(text, ", ");
	if (ev->map.offset)
		text_add_hex(text, ev->map.offset);
	else
		text_add_char(text, '0');
}

/* Do as strace, which shows the new address only if the call demands it. */
static void add_mremap(struct text_buffer *text, const struct event *ev,
		       const struct places *places)
{
	const uint64_t demand = MREMAP_MAYMOVE | MREMAP_FIXED;
	char name[NAMES_MAX];

	add_range(text, ev, places);
	add_number(text, ev->map.new_length);
	add_name(text, names_mremap(name, ev->map.flags));
	if ((ev->map.flags & demand) != demand)
		return;
	text_add(text, ", ");
	add_pointer(text, ev->map.new_addr, places->new_addr);
}

static void add_mprotect(struct text_buffer *text, const struct event *ev,
			 const struct places *places)
{
	char name[NAMES_MAX];

	add_range(text, ev, places);
	add_name(text, names_prot(name, ev->map.prot));
	if (ev->kind == BRKWATCH_EVENT_KIND_PKEY_MPROTECT) {
		text_add(text, ", ");
		text_add_i32(text, ev->map.pkey);
	}
}

static void add_madvise(struct text_buffer *text, const struct event *ev,
			const struct places *places)
{
	char name[NAMES_MAX];

	add_range(text, ev, places);
	add_name(text, names_advice(name, ev->map.advice));
}

static void add_shmat(struct text_buffer *text, const struct view *view, const struct event *ev,
		      const struct places *places)
{
	char name[NAMES_MAX];

	/* The id differs from run to run, because the kernel counts all segments it ever made. */
	if (view->normalize)
		text_add(text, "<shm>");
	else
		text_add_i32(text, ev->map.shmid);
	text_add(text, ", ");
	add_pointer(text, ev->map.addr, places->addr);
	add_name(text, names_shmat(name, ev->map.flags));
}

static void add_arguments(struct text_buffer *text, const struct view *view, const struct event *ev,
			  const struct places *places)
{
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		add_pointer(text, ev->move.requested, places->requested);
		break;
	case BRKWATCH_EVENT_KIND_MMAP:
		add_mmap(text, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_MREMAP:
		add_mremap(text, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
		add_mprotect(text, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_MADVISE:
		add_madvise(text, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_SHMAT:
		add_shmat(text, view, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_SHMDT:
		add_pointer(text, ev->map.addr, places->addr);
		break;
	default:
		add_range(text, ev, places);
		break;
	}
}

void add_call(struct text_buffer *text, const struct view *view, const struct step *step)
{
	text_add(text, names_event(step->ev->kind));
	text_add_char(text, '(');
	add_arguments(text, view, step->ev, step->places);
	text_add_char(text, ')');
}

static void add_error(struct text_buffer *text, uint32_t error)
{
	const char *meaning = strerrordesc_np(error);
	char name[NAMES_MAX];

	text_add(text, "-1 ");
	if (meaning) {
		text_add(text, names_errno(name, error));
		text_add(text, " (");
		text_add(text, meaning);
	} else {
		text_add(text, "(errno ");
		text_add_u64(text, error);
	}
	text_add_char(text, ')');
}

void add_result(struct text_buffer *text, const struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	const struct places *places = step->places;

	text_add(text, " = ");
	if (ev->kind == BRKWATCH_EVENT_KIND_BRK)
		add_address(text, ev->move.after, places->after);
	else if (ev->error)
		add_error(text, ev->error);
	else if (ev->map.result && returns_place(ev))
		add_address(text, ev->map.result, places->result);
	else
		text_add_char(text, '0');
	if (!view->durations)
		return;
	text_add(text, " <");
	timestamp_add_seconds(text, 0, ev->duration);
	text_add_char(text, '>');
}

void put_call(struct view *view, const struct step *step)
{
	char buf[TEXT_LINE_MAX];
	struct text_buffer text = text_in(buf, sizeof(buf));

	add_call(&text, view, step);
	add_result(&text, view, step);
	text_put(&text, view->out);
}
