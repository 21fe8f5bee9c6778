// SPDX-License-Identifier: GPL-2.0
/* What the user's words for a filter mean, and what is wrong with them. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "cli/filter_options.h"
#include "lib/names.h"
#include "lib/say.h"
#include "lib/size.h"
#include "lib/user.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
#define STRACE_QUALIFIER "trace="

static void say_kinds(const char *bad, int len)
{
	char list[256] = "";
	const char *name;
	uint32_t kind;
	size_t at = 0;

	for (kind = 0; (name = names_event(kind)); kind++)
		at += snprintf(list + at, sizeof(list) - at, "%s%s", kind ? "," : "", name);
	say("--event: '%.*s' is no event; choose from %s", len, bad, list);
}

/* The user may write "-" as well where the name has "_", because the protocol does so. */
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

/* Returns the bits of the kinds in a list, or 0 after reporting which kinds there are. */
static uint32_t read_kinds(const char *text)
{
	uint32_t kinds = 0, kind;
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		if (!find_kind(text, len, &kind)) {
			say_kinds(text, len);
			return 0;
		}
		kinds |= 1U << kind;
		if (!text[len])
			return kinds;
	}
}

/* As with strace, the list may have "trace=" before it, and then "!" if it excludes kinds. */
int filter_events(struct filter *filter, const char *text)
{
	size_t prefix = strlen(STRACE_QUALIFIER);
	uint32_t kinds;
	bool out;

	if (!strncmp(text, STRACE_QUALIFIER, prefix))
		text += prefix;
	out = *text == '!';
	kinds = read_kinds(text + out);
	if (!kinds)
		return -EINVAL;
	if (out)
		kinds = (filter->events ?: ALL_EVENTS) & ~kinds;
	else
		kinds |= filter->events;
	if (!kinds) {
		say("--event: '%s' leaves no event; leave fewer out", text);
		return -EINVAL;
	}
	filter->events = kinds;
	return 0;
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

	filter->by_uid = true;
	if (user) {
		filter->uid = user->pw_uid;
	} else if (!user_number(&filter->uid, text)) {
		say("--uid: there is no user '%s'; give a name or number, see: getent passwd",
		    text);
		return -EINVAL;
	}
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
	/* If the user gave CGROUP_ROOT alone, nothing is left of it: the path is then "/". */
	filter->cgroup = *text ? text : "/";
	if (*filter->cgroup == '/' && strlen(text) <= FILTER_CGROUP_MAX)
		return 0;
	say("--cgroup: '%.64s' is not a path; give one from " CGROUP_ROOT ", as in: %s", text,
	    "--cgroup /system.slice");
	return -EINVAL;
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
