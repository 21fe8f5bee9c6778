// SPDX-License-Identifier: GPL-2.0
/* Solving in which order overlapping calls took effect. */
#include "ledger/overlap.h"
#include "ledger/tag.h"

/* Limits of the effects to put in order at once, and of the ways to have done some of them. */
#define CLUSTER_MAX 256
#define WAYS_MAX 64

/* Some of a cluster's effects. */
struct some {
	uint64_t bits[CLUSTER_MAX / 64];
};

static bool has(const struct some *some, int i)
{
	return some->bits[i / 64] >> i % 64 & 1;
}

static void add(struct some *some, int i)
{
	some->bits[i / 64] |= 1ULL << i % 64;
}

static bool has_all(const struct some *some, const struct some *others)
{
	uint64_t missing = 0;
	size_t i;

	for (i = 0; i < CLUSTER_MAX / 64; i++)
		missing |= others->bits[i] & ~some->bits[i];
	return !missing;
}

/*
 * Effects on one address that the kernel may have done in another order. The caller wants to know
 * what one of them, the hand, found.
 */
struct cluster {
	const struct recent *v[CLUSTER_MAX];
	struct some before[CLUSTER_MAX];
	int n;
	const struct recent *hand;
};

/* What the kernel made if it did some of a cluster's effects. */
struct way {
	struct some done;
	uint64_t tag;
	uint64_t found;
};

struct ways {
	struct way v[WAYS_MAX];
	int n;
};

static bool touches(const struct recent *recent, uint64_t start, uint64_t end)
{
	return recent->effect.start < end && recent->effect.end > start;
}

/* Was @a surely done before @b? A thread's calls come in order, whatever the clock says. */
static bool precedes(const struct recent *a, const struct recent *b)
{
	bool before = a->moment.ended <= b->moment.began;
	bool after = b->moment.ended <= a->moment.began;

	if (before == after && a->moment.tid == b->moment.tid)
		return a->number < b->number;
	return before && (!after || a->number < b->number);
}

static uint64_t tag_at(const struct ranges *set, uint64_t at)
{
	const struct range *range = ranges_find(set, at);

	return range ? range->tag : 0;
}

/* The part of a tag that the account is about: two states with the same key are equal. */
static uint64_t key(uint64_t tag)
{
	if (tag & TAG_UNCERTAIN)
		return TAG_UNCERTAIN;
	if (tag_class(tag) == CLASS_ANONYMOUS)
		return tag & (TAG_CLASS | TAG_PROT | TAG_DONT_FORK);
	return tag & (TAG_CLASS | TAG_DONT_FORK);
}

/* The tool knows less about memory outside the set: stacks grow, and shmat(2) says no size. */
static bool agree(uint64_t tag, uint64_t state)
{
	if (tag & TAG_UNCERTAIN || key(tag) == key(state))
		return true;
	return tag_class(tag) != CLASS_ANONYMOUS && tag_class(state) != CLASS_ANONYMOUS;
}

uint64_t effect_apply(const struct effect *effect, uint64_t tag, bool *possible)
{
	*possible = tag & TAG_UNCERTAIN || effect->need == NEED_NOTHING ||
		    (effect->need == NEED_MAPPED) == !!tag;
	switch (effect->kind) {
	case EFFECT_SET:
		return effect->tag;
	case EFFECT_CLEAR:
		return 0;
	case EFFECT_CHANGE:
		return tag ? (tag & ~effect->mask) | effect->tag : 0;
	case EFFECT_MAY_CHANGE:
		if (tag_class(tag) == CLASS_ANONYMOUS && (tag & effect->mask) != effect->tag)
			return tag | TAG_UNCERTAIN;
		return tag;
	case EFFECT_DOUBT:
		return tag ? tag | TAG_UNCERTAIN : effect->tag;
	case EFFECT_STATE:
		break;
	}
	return tag;
}

static uint64_t apply(const struct recent *recent, uint64_t at, uint64_t tag, bool *possible)
{
	uint64_t state;

	if (recent->effect.kind != EFFECT_STATE)
		return effect_apply(&recent->effect, tag, possible);
	state = tag_at(&recent->state, at);
	*possible = agree(tag, state);
	return state ? tag_renew(tag, state) : 0;
}

/*
 * Calls back with each effect that touches [start, end) and was not surely before, directly or by
 * way of another, last first. Returns how far back in time these effects go.
 */
static uint64_t look_back(const struct overlap *overlap, uint64_t began, uint64_t start,
			  uint64_t end, void (*found)(const struct recent *recent, void *arg),
			  void *arg)
{
	size_t i;

	for (i = overlap->n; i-- > 0 && overlap->v[i].moment.ended > began;) {
		if (!touches(&overlap->v[i], start, end))
			continue;
		if (overlap->v[i].moment.began < began)
			began = overlap->v[i].moment.began;
		found(&overlap->v[i], arg);
	}
	return began;
}

bool overlap_concerns(const struct overlap *overlap, const struct recent *mine)
{
	size_t i;

	if (mine->moment.began < overlap->horizon)
		return true;
	for (i = overlap->n; i-- > 0 && overlap->v[i].moment.ended > mine->moment.began;)
		if (touches(&overlap->v[i], mine->effect.start, mine->effect.end) &&
		    !precedes(&overlap->v[i], mine))
			return true;
	return false;
}

/* An address and the nearest one behind it where something changes. */
struct edge {
	uint64_t at;
	uint64_t next;
};

static void come_nearer(struct edge *edge, uint64_t addr)
{
	if (addr > edge->at && addr < edge->next)
		edge->next = addr;
}

static void edge_of_set(struct edge *edge, const struct ranges *set)
{
	size_t i = ranges_after(set, edge->at);

	if (i == set->n)
		return;
	come_nearer(edge, set->v[i].start);
	come_nearer(edge, set->v[i].end);
}

static void edge_of_recent(const struct recent *recent, void *arg)
{
	struct edge *edge = arg;

	come_nearer(edge, recent->effect.start);
	come_nearer(edge, recent->effect.end);
	edge_of_set(edge, &recent->before);
	edge_of_set(edge, &recent->state);
}

uint64_t overlap_edge(const struct overlap *overlap, const struct recent *mine, uint64_t at)
{
	struct edge edge = { at, mine->effect.end };

	edge_of_recent(mine, &edge);
	look_back(overlap, mine->moment.began, at, mine->effect.end, edge_of_recent, &edge);
	return edge.next;
}

static void collect(const struct recent *recent, void *arg)
{
	struct cluster *cluster = arg;

	if (cluster->n < CLUSTER_MAX)
		cluster->v[cluster->n] = recent;
	cluster->n++;
}

/* What was there before all effects of the cluster. */
static uint64_t base(const struct cluster *cluster, uint64_t at)
{
	const struct recent *first = cluster->v[0];
	uint64_t tag;
	int i;

	for (i = 1; i < cluster->n; i++)
		if (cluster->v[i]->number < first->number)
			first = cluster->v[i];
	tag = tag_at(&first->before, at);
	return !tag && first->blind ? TAG_UNCERTAIN : tag;
}

static void find_before(struct cluster *cluster)
{
	int i, j;

	for (i = 0; i < cluster->n; i++) {
		cluster->before[i] = (struct some){ 0 };
		for (j = 0; j < cluster->n; j++)
			if (precedes(cluster->v[j], cluster->v[i]))
				add(&cluster->before[i], j);
	}
}

/* All of @ways have done equally many effects. */
static bool add_way(struct ways *ways, const struct way *way)
{
	int i;

	for (i = 0; i < ways->n; i++)
		if (key(ways->v[i].tag) == key(way->tag) &&
		    key(ways->v[i].found) == key(way->found) &&
		    has_all(&ways->v[i].done, &way->done))
			return true;
	if (ways->n == WAYS_MAX)
		return false;
	ways->v[ways->n++] = *way;
	return true;
}

/* Goes from all ways to have done some effects to all with one more; false if too many. */
static bool go_on(const struct cluster *cluster, uint64_t at, const struct ways *from,
		  struct ways *to)
{
	int i, j;

	to->n = 0;
	for (i = 0; i < from->n; i++) {
		for (j = 0; j < cluster->n; j++) {
			const struct some *done = &from->v[i].done;
			struct way way;
			bool possible;

			if (has(done, j) || !has_all(done, &cluster->before[j]))
				continue;
			way = from->v[i];
			add(&way.done, j);
			if (cluster->v[j] == cluster->hand)
				way.found = way.tag;
			way.tag = apply(cluster->v[j], at, way.tag, &possible);
			if (possible && !add_way(to, &way))
				return false;
		}
	}
	return true;
}

static struct outcome outcome_of(const struct ways *ways)
{
	struct outcome outcome = { ways->v[0].tag, ways->v[0].found };
	int i;

	for (i = 1; i < ways->n; i++) {
		if (key(ways->v[i].tag) != key(outcome.tag))
			outcome.tag |= TAG_UNCERTAIN;
		if (key(ways->v[i].found) != key(outcome.found))
			outcome.found |= TAG_UNCERTAIN;
	}
	return outcome;
}

/* No way is known, but what mmap(2) returned is mapped in any case. */
static struct outcome guess(const struct recent *mine, uint64_t at, uint64_t now, bool sure)
{
	struct outcome outcome = { .found = now | TAG_UNCERTAIN };
	bool possible;

	outcome.tag = apply(mine, at, now, &possible);
	if (!sure || mine->effect.kind != EFFECT_SET || mine->effect.need != NEED_FREE)
		outcome.tag |= TAG_UNCERTAIN;
	return outcome;
}

/*
 * Returns all ways to have done @mine and the effects that touch an address and were not surely
 * before @began, or NULL if they are too many or too long ago.
 */
static const struct ways *explore(const struct overlap *overlap, struct cluster *cluster,
				  uint64_t began, const struct recent *mine, uint64_t at,
				  struct ways ways[2])
{
	int i;

	began = look_back(overlap, began, at, at + 1, collect, cluster);
	collect(mine, cluster);
	if (cluster->n > CLUSTER_MAX || began < overlap->horizon)
		return NULL;
	find_before(cluster);
	ways[0].n = 1;
	ways[0].v[0] = (struct way){ .tag = base(cluster, at) };
	for (i = 0; i < cluster->n; i++)
		if (!go_on(cluster, at, &ways[i % 2], &ways[(i + 1) % 2]))
			return NULL;
	return &ways[i % 2];
}

struct outcome overlap_resolve(const struct overlap *overlap, const struct recent *mine,
			       uint64_t at, uint64_t now)
{
	struct cluster cluster = { .hand = mine };
	struct ways ways[2];
	const struct ways *all = explore(overlap, &cluster, mine->moment.began, mine, at, ways);

	return all && all->n ? outcome_of(all) : guess(mine, at, now, all);
}

bool overlap_is_news(const struct overlap *overlap, const struct recent *mine,
		     const struct recent *other, uint64_t at)
{
	uint64_t began = other->moment.began < mine->moment.began ? other->moment.began :
								    mine->moment.began;
	struct cluster cluster = { .hand = other };
	struct ways ways[2];
	const struct ways *all = explore(overlap, &cluster, began, mine, at, ways);

	if (!all)
		return true;
	return all->n && key(outcome_of(all).found) != key(tag_at(&other->found, at));
}
