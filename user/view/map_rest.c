// SPDX-License-Identifier: GPL-2.0
/* --map: the rows of what has a file or belongs to the kernel, each with its name. */
#include <stdlib.h>

#include "lib/format.h"
#include "view/map.h"
#include "view/mapped.h"

/* Rows without a name differ in one of these bits. */
#define TAG_SHOWN_REST (TAG_CLASS | TAG_PROT | TAG_UNCERTAIN)

const char *map_prot(char buf[PROT_NAME_MAX], uint64_t tag)
{
	int prot = tag_prot(tag);

	buf[0] = prot & PROT_BIT_READ ? 'r' : '-';
	buf[1] = prot & PROT_BIT_WRITE ? 'w' : '-';
	buf[2] = prot & PROT_BIT_EXEC ? 'x' : '-';
	buf[3] = '\0';
	return buf;
}

/* What is uncertain stands in the table of the set. */
static bool is_of_rest(uint64_t tag)
{
	return tag_class(tag) != CLASS_NONE && tag_class(tag) != CLASS_ANONYMOUS &&
	       !tag_is_apart(tag) && !tag_is_uncertain(tag);
}

static const char *name_of(uint64_t tag)
{
	switch (tag_class(tag)) {
	case CLASS_FILE:
		return "file";
	case CLASS_GROWS_DOWN:
		return "stack";
	default:
		return "the kernel's own";
	}
}

static int put_part(const struct range *part, const char *name, void *arg)
{
	char *safe = name ? format_safe(name) : NULL;
	struct view *view = arg;

	map_put_range(view, part);
	fprintf(view->out, "%s\n", safe ?: name_of(part->tag));
	free(safe);
	return 0;
}

static int add_part(const struct range *part, const char *name, void *arg)
{
	uint64_t *bytes = arg;

	(void)name;
	*bytes += part->end - part->start;
	return 0;
}

/* pmap -x has this sum as well. */
static void put_sum(const struct view *view)
{
	const struct range all = { .end = UINT64_MAX };
	char in_memory[FORMAT_MAX], written[FORMAT_MAX];
	uint64_t resident, dirty;

	if (mapped_resident(view->mapped, &all, &resident, &dirty))
		fprintf(view->out, "in memory:  %s of all mappings, dirty %s\n",
			format_whole(in_memory, resident, view->page),
			format_whole(written, dirty, view->page));
}

void map_put_rest(struct view *view, const struct address_space *space)
{
	struct mapped_parts parts = {
		.is_seen = is_of_rest,
		.differ = TAG_SHOWN_REST,
		.page = view->page,
		.put = add_part,
	};
	char size[FORMAT_MAX];
	uint64_t bytes = 0;

	mapped_walk(space, view->mapped, &parts, &bytes);
	if (bytes) {
		fprintf(view->out, "the rest:   %s, in none of these totals\n",
			format_whole(size, bytes, view->page));
		parts.put = put_part;
		mapped_walk(space, view->mapped, &parts, view);
	}
	put_sum(view);
}
