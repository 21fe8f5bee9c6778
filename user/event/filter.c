// SPDX-License-Identifier: GPL-2.0
/* Which events a filter lets pass. */
#include <errno.h>
#include <fnmatch.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/filter.h"
#include "lib/names.h"
#include "lib/say.h"
#include "lib/size.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

static int say_kinds(const char *bad, int len)
{
	char list[256] = "";
	const char *name;
	uint32_t kind;
	size_t at = 0;

	for (kind = 0; (name = names_event(kind)); kind++)
		at += snprintf(list + at, sizeof(list) - at, "%s%s", kind ? "," : "", name);
	say("--event: '%.*s' is no event; choose from %s", len, bad, list);
	return -EINVAL;
}

/* The protocol writes "-" where the call's own name has "_". */
static bool is_name(const char *name, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && name[i]; i++)
		if (name[i] != text[i] && !(name[i] == '_' && text[i] == '-'))
			return false;
	return i == len && !name[i];
}

static bool find_kind(const char *text, size_t len, uint32_t *kind)
{
	const char *name;

	for (*kind = 0; (name = names_event(*kind)); (*kind)++)
		if (is_name(name, text, len))
			return true;
	return false;
}

int filter_events(struct filter *filter, const char *text)
{
	uint32_t kind;
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		if (!find_kind(text, len, &kind))
			return say_kinds(text, len);
		filter->events |= 1U << kind;
		if (!text[len])
			return 0;
	}
}

int filter_min_size(struct filter *filter, const char *text)
{
	if (size_read(text, &filter->min_size) && filter->min_size)
		return 0;
	say("--min-size: '%s' is not a number of bytes from 1; try --min-size 64K", text);
	return -EINVAL;
}

int filter_uid(struct filter *filter, const char *text)
{
	const struct passwd *user = getpwnam(text);
	unsigned long uid;
	char *end;

	filter->by_uid = true;
	if (user) {
		filter->uid = user->pw_uid;
		return 0;
	}
	errno = 0;
	uid = strtoul(text, &end, 10);
	/* The largest number means "no user" to the kernel. */
	if (*text < '0' || *text > '9' || *end || errno || uid >= UINT32_MAX) {
		say("--uid: there is no user '%s'; give a name or number, see: getent passwd",
		    text);
		return -EINVAL;
	}
	filter->uid = uid;
	return 0;
}

int filter_comm(struct filter *filter, const char *text)
{
	filter->comm = text;
	if (*text && strlen(text) <= FILTER_COMM_MAX)
		return 0;
	say("--comm wants a pattern of 1 to %d bytes; try --comm 'python*'", FILTER_COMM_MAX);
	return -EINVAL;
}

int filter_cgroup(struct filter *filter, const char *text)
{
	size_t root = strlen(CGROUP_ROOT);

	if (!strncmp(text, CGROUP_ROOT, root) && (!text[root] || text[root] == '/'))
		text += root;
	/* That of everything is the empty path now. */
	filter->cgroup = *text ? text : "/";
	if (*filter->cgroup == '/' && strlen(text) <= FILTER_CGROUP_MAX)
		return 0;
	say("--cgroup: '%.64s' is not a path; give one from " CGROUP_ROOT ", as in: %s", text,
	    "--cgroup /system.slice");
	return -EINVAL;
}

/* What a call is about, in bytes; UINT64_MAX for what has no size. */
static uint64_t size_of(const struct event *ev)
{
	uint64_t before, after;

	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		before = ev->move.before;
		after = ev->move.requested;
		if (ev->move.kind == BRKWATCH_BRK_KIND_QUERY)
			return 0;
		return after > before ? after - before : before - after;
	case BRKWATCH_EVENT_KIND_MREMAP:
		return ev->map.length > ev->map.new_length ? ev->map.length : ev->map.new_length;
	case BRKWATCH_EVENT_KIND_MMAP:
	case BRKWATCH_EVENT_KIND_MUNMAP:
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
	case BRKWATCH_EVENT_KIND_MADVISE:
		return ev->map.length;
	default:
		return UINT64_MAX;
	}
}

/* Steps of life pass: without them nobody knows who failed. */
static bool has_failed(const struct event *ev)
{
	if (ev->kind > BRKWATCH_EVENT_KIND_SHMDT)
		return true;
	if (ev->kind == BRKWATCH_EVENT_KIND_BRK)
		return ev->move.kind == BRKWATCH_BRK_KIND_REFUSED;
	return ev->error;
}

bool filter_matches(const struct filter *filter, const struct event *ev)
{
	if (filter->events && !(filter->events & 1U << ev->kind))
		return false;
	/* As in the module, whose thread may be another one by then. */
	if (ev->kind == BRKWATCH_EVENT_KIND_LEAVE || ev->kind == BRKWATCH_EVENT_KIND_MARK)
		return true;
	if (filter->failed && !has_failed(ev))
		return false;
	if (filter->min_size && size_of(ev) < filter->min_size)
		return false;
	return !filter->comm || !fnmatch(filter->comm, ev->comm, 0);
}

const char *filter_option(const struct filter *filter)
{
	if (filter->events)
		return "--event";
	if (filter->min_size)
		return "--min-size";
	if (filter->failed)
		return "--failed";
	if (filter->by_uid)
		return "--uid";
	if (filter->comm)
		return "--comm";
	return filter->cgroup ? "--cgroup" : NULL;
}
