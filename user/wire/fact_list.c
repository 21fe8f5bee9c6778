// SPDX-License-Identifier: GPL-2.0
/* Facts of a capture until somebody takes them. */
#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/attr.h>

#include "wire/attrs.h"
#include "wire/capture.h"
#include "wire/fact.h"

/* The queue of a fact, the node of the tree, and what malloc keeps of each of the three. */
#define FACT_OVERHEAD 128

/**
 * struct fact_queue - facts of one kind and key, in their order
 * @first: the first one; the tree compares its kind and key
 * @last: the last one
 */
struct fact_queue {
	struct fact *first;
	struct fact *last;
};

static int compare(const void *a, const void *b)
{
	const struct fact *x = ((const struct fact_queue *)a)->first;
	const struct fact *y = ((const struct fact_queue *)b)->first;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->key, y->key);
}

static struct fact_list *list_of(struct facts *facts, const struct fact *fact)
{
	return fact->kind == FACT_FILE ? &facts->files : &facts->others;
}

static uint64_t bytes_of(const struct fact *fact)
{
	return sizeof(*fact) + FACT_OVERHEAD + fact->len + strlen(fact->key);
}

static void append(struct fact_list *list, struct fact *fact)
{
	fact->before = list->last;
	*(list->last ? &list->last->next : &list->first) = fact;
	list->last = fact;
	list->n++;
	list->bytes += bytes_of(fact);
}

static void unlink_fact(struct fact_list *list, const struct fact *fact)
{
	*(fact->before ? &fact->before->next : &list->first) = fact->next;
	*(fact->next ? &fact->next->before : &list->last) = fact->before;
	list->n--;
	list->bytes -= bytes_of(fact);
}

static struct fact_queue *find_queue(const struct facts *facts, uint32_t kind, const char *key)
{
	struct fact sought = { .kind = kind, .key = key };
	const struct fact_queue like = { .first = &sought };
	struct fact_queue *const *node = tfind(&like, &facts->tree, compare);

	return node ? *node : NULL;
}

static int enqueue(struct facts *facts, struct fact *fact)
{
	struct fact_queue *queue = find_queue(facts, fact->kind, fact->key);

	if (queue) {
		queue->last->behind = fact;
		queue->last = fact;
		return 0;
	}
	queue = malloc(sizeof(*queue));
	if (!queue)
		return -ENOMEM;
	*queue = (struct fact_queue){ .first = fact, .last = fact };
	if (tsearch(queue, &facts->tree, compare))
		return 0;
	free(queue);
	return -ENOMEM;
}

static struct fact *take_first(struct facts *facts, struct fact_queue *queue)
{
	struct fact *fact = queue->first;

	unlink_fact(list_of(facts, fact), fact);
	if (fact->behind) {
		queue->first = fact->behind;
	} else {
		tdelete(queue, &facts->tree, compare);
		free(queue);
	}
	return fact;
}

/* The oldest fact of a list is also the first one of its queue. */
static void drop_oldest(struct facts *facts, const struct fact_list *list)
{
	free(take_first(facts, find_queue(facts, list->first->kind, list->first->key)));
}

static void make_room(struct facts *facts)
{
	if (facts->files.n > FACT_FILES_MAX)
		drop_oldest(facts, &facts->files);
	while (facts->others.bytes > facts->room && facts->others.n > 1) {
		drop_oldest(facts, &facts->others);
		facts->dropped++;
	}
}

static bool is_text(const struct nlattr *nla)
{
	size_t len = nla_len(nla);

	return len && strnlen(nla_data(nla), len) == len - 1;
}

int facts_add(struct facts *facts, const struct nlmsghdr *hdr)
{
	const struct nlattr *tb[CAPTURE_A_MAX + 1], *key, *value;
	struct fact *fact;

	if (attrs_parse(hdr, tb, CAPTURE_A_MAX))
		return -EBADMSG;
	key = tb[CAPTURE_A_KEY];
	value = tb[CAPTURE_A_VALUE];
	if (!tb[CAPTURE_A_KIND] || nla_len(tb[CAPTURE_A_KIND]) != sizeof(uint32_t) || !key ||
	    !is_text(key) || !value)
		return -EBADMSG;
	fact = malloc(sizeof(*fact) + nla_len(value) + nla_len(key));
	if (!fact)
		return -ENOMEM;
	*fact = (struct fact){
		.kind = nla_get_u32((struct nlattr *)tb[CAPTURE_A_KIND]),
		.key = fact->value + nla_len(value),
		.len = nla_len(value),
	};
	memcpy(fact->value, nla_data(value), nla_len(value));
	memcpy(fact->value + nla_len(value), nla_data(key), nla_len(key));
	if (enqueue(facts, fact)) {
		free(fact);
		return -ENOMEM;
	}
	append(list_of(facts, fact), fact);
	make_room(facts);
	return 0;
}

struct fact *facts_take(struct facts *facts, enum fact_kind kind, const char *key)
{
	struct fact_queue *queue = find_queue(facts, kind, key);

	return queue ? take_first(facts, queue) : NULL;
}

void facts_pass(struct facts *facts)
{
	while (facts->others.n)
		drop_oldest(facts, &facts->others);
}

void facts_free(struct facts *facts)
{
	facts_pass(facts);
	while (facts->files.n)
		drop_oldest(facts, &facts->files);
}
