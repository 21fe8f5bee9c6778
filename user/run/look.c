// SPDX-License-Identifier: GPL-2.0
/* A look at a running process, with what /proc says of its mappings. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run/look.h"
#include "run/proc_maps.h"
#include "view/mapped.h"
#include "wire/fact.h"

/* The digits of a watch and a terminating zero. */
#define KEY_MAX 16

static int put_text(struct channel *channel, const char *key, const char *text)
{
	size_t len = strlen(text), part;
	int err = 0;

	for (; len && !err; text += part, len -= part) {
		part = len < FACT_MAX ? len : FACT_MAX;
		err = fact_put(channel, FACT_MAPS, key, text, part);
	}
	return err;
}

/* Nothing is known of a process that is gone, or that the tool may not read. */
static int read_text(struct channel *channel, const char *key, pid_t pid, uint64_t time,
		     char **text)
{
	int err = proc_maps_text(pid, time, text);

	if (err)
		return err == -ENOMEM ? err : 0;
	return put_text(channel, key, *text);
}

static int take_text(struct channel *channel, const char *key, char **text)
{
	struct fact *fact;
	size_t len = 0;

	while ((fact = fact_take(channel, FACT_MAPS, key))) {
		char *longer = realloc(*text, len + fact->len + 1);

		if (longer) {
			*text = longer;
			memcpy(longer + len, fact->value, fact->len);
			len += fact->len;
			longer[len] = '\0';
		}
		free(fact);
		if (!longer)
			return -ENOMEM;
	}
	return 0;
}

static int find_areas(struct channel *channel, const struct counters *watch, uint64_t time,
		      char **text, struct mapped *mapped)
{
	char key[KEY_MAX];
	int err;

	snprintf(key, sizeof(key), "%" PRIu32, watch->id);
	err = channel_replays(channel) ? take_text(channel, key, text) :
					 read_text(channel, key, watch->pid, time, text);
	return err || !*text ? err : proc_maps_areas(*text, mapped);
}

int pipeline_look(struct pipeline *in, const struct counters *watch, uint64_t time)
{
	struct mapped mapped = { 0 };
	char *text = NULL;
	int err = 0;

	/* A process that keeps its memory locked would keep a reader of /proc/PID/smaps waiting. */
	if (in->view->type->mapped && !put_off_has(&in->put_off, watch->id))
		err = find_areas(in->session->channel, watch, time, &text, &mapped);
	in->view->mapped = text ? &mapped : NULL;
	if (!err)
		err = in->view->type->look(in->view, watch);
	in->view->mapped = NULL;
	mapped_free(&mapped);
	free(text);
	return err;
}
