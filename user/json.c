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
	static const char *const events[] = {
		[BRKWATCH_EVENT_KIND_BRK] = "brk",	 [BRKWATCH_EVENT_KIND_MMAP] = "mmap",
		[BRKWATCH_EVENT_KIND_MUNMAP] = "munmap", [BRKWATCH_EVENT_KIND_EXEC] = "exec",
		[BRKWATCH_EVENT_KIND_EXIT] = "exit",
	};
	char buf[NAMES_MAX];

	add_string(line, "event", events[ev->kind]);
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
	add(line, "anonymous", json_object_new_boolean(!!(ev->map.flags & MAP_ANONYMOUS)));
	add_place(line, "result", step->places.result);
}

static void add_munmap(struct line *line, const struct step *step)
{
	add_place(line, "addr", step->places.addr);
	add_u64(line, "length", step->ev->map.length);
	if (step->ev->error)
		add_null(line, "result");
	else
		add_u64(line, "result", step->ev->map.result);
}

static void add_exit(struct line *line, const struct event *ev)
{
	int status = ev->exit_code;
	char buf[NAMES_MAX];

	if (WIFSIGNALED(status)) {
		add_null(line, "code");
		add_string(line, "signal", names_signal(buf, WTERMSIG(status)));
	} else {
		add(line, "code", json_object_new_int(WEXITSTATUS(status)));
		add_null(line, "signal");
	}
	add(line, "core_dumped", json_object_new_boolean(WIFSIGNALED(status) && WCOREDUMP(status)));
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

static int json_event(struct sink *sink, const struct step *step)
{
	struct line line = { json_object_new_object(), 0 };

	if (!line.object)
		return -ENOMEM;
	add_head(&line, sink, step->ev);
	switch (step->ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		add_brk(&line, step);
		break;
	case BRKWATCH_EVENT_KIND_MMAP:
		add_mmap(&line, step);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
		add_munmap(&line, step);
		break;
	case BRKWATCH_EVENT_KIND_EXIT:
		add_exit(&line, step->ev);
		break;
	default:
		break;
	}
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
