// SPDX-License-Identifier: GPL-2.0
/* The objects of --json that are no events; the man page lists the fields. */
#include <errno.h>

#include "event/event.h"
#include "view/json_head.h"
#include "view/json_line.h"

int json_begin(struct view *view)
{
	struct line line;

	if (line_begin(&line))
		return -ENOMEM;
	line_string(&line, "event", "start");
	line_string(&line, "version", BRKWATCH_VERSION);
	line_u64(&line, "schema", JSON_SCHEMA);
	line_u64(&line, "page_size", view->page);
	line_known(&line, "epoch_ns", view->timestamp.epoch, !view->normalize);
	return line_put(&line, view->out);
}

int json_process(struct view *view, const struct process_facts *facts)
{
	/* A process may be gone before /proc can be read, in one run and not in the other. */
	bool varies = view->normalize;
	struct line line;

	if (line_begin(&line))
		return -ENOMEM;
	line_string(&line, "event", "process");
	line_known(&line, "pid", facts->pid, !varies);
	if (varies && view->many)
		line_u64(&line, "watch", facts->watch);
	line_safe(&line, "executable", varies ? NULL : facts->executable);
	line_safe(&line, "cgroup", varies ? NULL : facts->cgroup);
	line_known(&line, "uid", facts->uid, facts->has_uid && !varies);
	line_known(&line, "parent", facts->parent, facts->has_parent && !varies);
	line_known(&line, "start_ns", facts->start, facts->has_start && !varies);
	line_seccomp(&line, facts->has_seccomp && !varies ? facts->seccomp : SECCOMP_UNKNOWN);
	return line_put(&line, view->out);
}
