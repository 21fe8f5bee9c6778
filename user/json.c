// SPDX-License-Identifier: GPL-2.0
/* JSON lines, one object an event; the man page lists the fields. */
#include <errno.h>
#include <json-c/json.h>
#include <sys/wait.h>
#include <linux/mman.h>

#include "format.h"
#include "names.h"
#include "sink.h"

/* A line in the making. The first error sticks, so that it is looked at once. */
struct line {
	json_object *object;
	int err;
};

static void add(struct line *line, const char *key, json_object *value)
{
	if (!value || json_object_object_add(line->object, key, value)) {
		json_object_put(value);
		line->err = -ENOMEM;
	}
}

static void add_null(struct line *line, const char *key)
{
	if (json_object_object_add(line->object, key, NULL))
		line->err = -ENOMEM;
}

static void add_string(struct line *line, const char *key, const char *value)
{
	add(line, key, json_object_new_string(value));
}

/* An address; an event that has none of this name says null. */
static void add_place(struct line *line, const char *key, const char *place)
{
	if (*place)
		add_string(line, key, place);
	else
		add_null(line, key);
}

static void add_u64(struct line *line, const char *key, uint64_t value)
{
	add(line, key, json_object_new_uint64(value));
}

static void add_bool(struct line *line, const char *key, bool value)
{
	add(line, key, json_object_new_boolean(value));
}

/* What differs from run to run is null when two runs shall compare equal. */
static void add_varying(struct line *line, const struct sink *sink, const char *key, uint64_t value)
{
	if (sink->normalize)
		add_null(line, key);
	else
		add_u64(line, key, value);
}

static void add_head(struct line *line, const struct sink *sink, const struct event *ev)
{
	char buf[NAMES_MAX];

	add_string(line, "event", names_event(ev->kind));
	add_varying(line, sink, "time_ns", ev->time);
	add_varying(line, sink, "duration_ns", ev->duration);
	add_varying(line, sink, "pid", ev->pid);
	add_varying(line, sink, "tid", ev->tid);
	/* Something must tell processes apart where their PIDs may not. */
	if (sink->normalize && sink->many)
		add_u64(line, "watch", ev->watch);
	add_string(line, "comm", format_comm(buf, ev->comm));
	if (ev->error)
		add_string(line, "error", names_errno(buf, ev->error));
	else
		add_null(line, "error");
	add_bool(line, "compat", ev->traits & BRKWATCH_TRAIT_COMPAT);
}

static void add_brk(struct line *line, const struct step *step)
{
	static const char *const kinds[] = {
		[BRKWATCH_BRK_KIND_QUERY] = "query",
		[BRKWATCH_BRK_KIND_GROW] = "grow",
		[BRKWATCH_BRK_KIND_SHRINK] = "shrink",
		[BRKWATCH_BRK_KIND_REFUSED] = "refused",
	};
	const struct event *ev = step->ev;

	add_string(line, "kind", kinds[ev->move.kind]);
	add_place(line, "requested", step->places.requested);
	add_place(line, "before", step->places.before);
	add_place(line, "after", step->places.after);
	add(line, "delta", json_object_new_int64(ev->move.after - ev->move.before));
}

static void add_mmap(struct line *line, const struct step *step)
{
	const struct event *ev = step->ev;
	char buf[NAMES_MAX];

	add_place(line, "addr", step->places.addr);
	add_u64(line, "length", ev->map.length);
	add_string(line, "prot", names_prot(buf, ev->map.prot));
	add_string(line, "flags", names_flags(buf, ev->map.flags));
	add(line, "fd", json_object_new_int(ev->map.fd));
	add_u64(line, "offset", ev->map.offset);
	add_bool(line, "anonymous", ev->map.flags & MAP_ANONYMOUS);
	add_place(line, "result", step->places.result);
}

static void add_mremap(struct line *line, const struct step *step)
{
	char buf[NAMES_MAX];

	add_place(line, "addr", step->places.addr);
	add_u64(line, "length", step->ev->map.length);
	add_u64(line, "new_length", step->ev->map.new_length);
	add_string(line, "flags", names_mremap(buf, step->ev->map.flags));
	add_place(line, "new_addr", step->places.new_addr);
	add_place(line, "result", step->places.result);
}

/* Of a call that returns no address. */
static void add_done(struct line *line, const struct event *ev)
{
	if (ev->error)
		add_null(line, "result");
	else
		add_u64(line, "result", ev->map.result);
}

/* munmap, mprotect, pkey_mprotect, madvise: what is done to a range. */
static void add_range(struct line *line, const struct step *step)
{
	const struct event *ev = step->ev;
	char buf[NAMES_MAX];

	add_place(line, "addr", step->places.addr);
	add_u64(line, "length", ev->map.length);
	if (ev->kind == BRKWATCH_EVENT_KIND_MADVISE)
		add_string(line, "advice", names_advice(buf, ev->map.advice));
	else if (ev->kind != BRKWATCH_EVENT_KIND_MUNMAP)
		add_string(line, "prot", names_prot(buf, ev->map.prot));
	if (ev->kind == BRKWATCH_EVENT_KIND_PKEY_MPROTECT)
		add(line, "pkey", json_object_new_int(ev->map.pkey));
	add_done(line, ev);
}

static void add_shmat(struct line *line, const struct sink *sink, const struct step *step)
{
	char buf[NAMES_MAX];

	/* The kernel counts the segments that it ever made. */
	if (sink->normalize)
		add_null(line, "shmid");
	else
		add(line, "shmid", json_object_new_int(step->ev->map.shmid));
	add_place(line, "addr", step->places.addr);
	add_string(line, "flags", names_shmat(buf, step->ev->map.flags));
	add_place(line, "result", step->places.result);
}

static void add_clone(struct line *line, const struct sink *sink, const struct event *ev)
{
	static const char *const kinds[] = {
		[BRKWATCH_CLONE_KIND_COPY] = "copy",
		[BRKWATCH_CLONE_KIND_SHARED] = "shared",
		[BRKWATCH_CLONE_KIND_THREAD] = "thread",
	};

	add_string(line, "kind", kinds[ev->clone.kind]);
	add_varying(line, sink, "child", ev->clone.child);
	add_bool(line, "child_followed", ev->clone.watch);
	if (sink->normalize && sink->many)
		add_u64(line, "child_watch", ev->clone.watch);
}

static void add_exit(struct line *line, const struct sink *sink, const struct event *ev)
{
	int status = ev->exit.code;
	char buf[NAMES_MAX];

	if (WIFSIGNALED(status)) {
		add_null(line, "code");
		add_string(line, "signal", names_signal(buf, WTERMSIG(status)));
	} else {
		add(line, "code", json_object_new_int(WEXITSTATUS(status)));
		add_null(line, "signal");
	}
	add_bool(line, "core_dumped", WIFSIGNALED(status) && WCOREDUMP(status));
	add_varying(line, sink, "peak_rss_pages", ev->exit.peak_rss);
}

static void add_fault(struct line *line, const struct step *step)
{
	const struct event *ev = step->ev;
	char buf[NAMES_MAX];

	add_string(line, "signal", names_signal(buf, ev->fault.signal));
	add_string(line, "code", names_code(buf, ev->fault.signal, ev->fault.code));
	add_place(line, "addr", step->places.addr);
	if (is_near_heap(ev))
		add(line, "brk_distance", json_object_new_int64(ev->fault.addr - ev->brk));
	else
		add_null(line, "brk_distance");
}

static void add_state(struct line *line, const struct sink *sink, const struct step *step)
{
	add_place(line, "heap_start", step->places.heap_start);
	add_place(line, "brk", step->places.brk);
	if (step->ev->has_rss)
		add_varying(line, sink, "rss_pages", step->ev->rss);
	else
		add_null(line, "rss_pages");
}

static int put_line(struct sink *sink, struct line *line)
{
	const char *text = NULL;

	if (!line->err)
		text = json_object_to_json_string_ext(
			line->object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		fprintf(sink->out, "%s\n", text);
	json_object_put(line->object);
	return text ? 0 : -ENOMEM;
}

static void add_kind(struct line *line, const struct sink *sink, const struct step *step)
{
	switch (step->ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		add_brk(line, step);
		break;
	case BRKWATCH_EVENT_KIND_MMAP:
		add_mmap(line, step);
		break;
	case BRKWATCH_EVENT_KIND_MREMAP:
		add_mremap(line, step);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
	case BRKWATCH_EVENT_KIND_MADVISE:
		add_range(line, step);
		break;
	case BRKWATCH_EVENT_KIND_SHMAT:
		add_shmat(line, sink, step);
		break;
	case BRKWATCH_EVENT_KIND_SHMDT:
		add_place(line, "addr", step->places.addr);
		add_done(line, step->ev);
		break;
	case BRKWATCH_EVENT_KIND_CLONE:
		add_clone(line, sink, step->ev);
		break;
	case BRKWATCH_EVENT_KIND_EXIT:
		add_exit(line, sink, step->ev);
		break;
	case BRKWATCH_EVENT_KIND_FAULT:
		add_fault(line, step);
		break;
	case BRKWATCH_EVENT_KIND_LEAVE:
		add_string(line, "reason", "credentials");
		break;
	default:
		break;
	}
}

static int json_event(struct sink *sink, const struct step *step)
{
	struct line line = { json_object_new_object(), 0 };

	if (!line.object)
		return -ENOMEM;
	add_head(&line, sink, step->ev);
	add_kind(&line, sink, step);
	add_state(&line, sink, step);
	return put_line(sink, &line);
}

static int json_end(struct sink *sink, const struct report *report)
{
	struct line line = { json_object_new_object(), 0 };

	if (!line.object)
		return -ENOMEM;
	add_string(&line, "event", "lost");
	add_u64(&line, "ring", report->losses.ring);
	add_u64(&line, "probe", report->losses.probe);
	add_u64(&line, "watch", report->losses.watch);
	add_u64(&line, "socket", report->losses.socket);
	return put_line(sink, &line);
}

const struct sink_ops json_sink = {
	.events = ALL_EVENTS,
	.event = json_event,
	.end = json_end,
};
