// SPDX-License-Identifier: GPL-2.0
/* How much of what calls got they still hold. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/holdings.h"

/* A number says in its lower bits where its call lies, and above how many have lain there. */
#define SLOT_BITS 17
#define SLOT_MASK ((1U << SLOT_BITS) - 1)
#define CHUNK ((1U << SLOT_BITS) / HOLDINGS_CHUNKS)

/* The number 0 stands for no call. */
#define FIRST 1

/*
 * Calls that overlap in time may be reported in an order in which a call seems to hold nothing for
 * a while. So a number waits until so many others are free before a new call gets it.
 */
#define WAITING 1024

/**
 * struct holding - a call, or the rest of an address space
 * @site: where it belongs, NULL if nobody has said so
 * @bytes: what it holds
 * @time: when it got it; the last of several calls
 * @next_touched: the next one that the event in hand is about
 * @next_free: the next one in the list of free ones
 * @call: its number
 * @rest: several calls share the number
 * @touched: it is in the list of touched ones
 * @listed: it is in the list of free ones
 */
struct holding {
	struct site *site;
	uint64_t bytes;
	uint64_t time;
	struct holding *next_touched;
	struct holding *next_free;
	uint32_t call;
	bool rest;
	bool touched;
	bool listed;
};

static struct holding *at(const struct holdings *holdings, uint32_t slot)
{
	return &holdings->chunks[slot / CHUNK][slot % CHUNK];
}

static struct holding *find(const struct holdings *holdings, uint32_t call)
{
	uint32_t slot = call & SLOT_MASK;
	struct holding *holding;

	if (!call || slot >= holdings->n)
		return NULL;
	holding = at(holdings, slot);
	return holding->call == call ? holding : NULL;
}

static void touch(struct holdings *holdings, struct holding *holding)
{
	if (holding->touched)
		return;
	holding->touched = true;
	holding->next_touched = holdings->touched;
	holdings->touched = holding;
}

static void list_free(struct holdings *holdings, struct holding *holding)
{
	if (holding->listed)
		return;
	holding->listed = true;
	holding->next_free = NULL;
	if (holdings->free_n++)
		holdings->free_last->next_free = holding;
	else
		holdings->free = holding;
	holdings->free_last = holding;
}

/* Returns NULL if all free numbers have to wait. */
static struct holding *take_free(struct holdings *holdings)
{
	while (holdings->free_n > WAITING) {
		struct holding *holding = holdings->free;

		holdings->free = holding->next_free;
		holdings->free_n--;
		holding->listed = false;
		if (!holding->bytes)
			return holding;
	}
	return NULL;
}

/* Returns NULL if memory runs out, or slots do. */
static struct holding *take_new(struct holdings *holdings)
{
	uint32_t slot = holdings->n ?: FIRST;
	struct holding **chunk;

	if (slot > SLOT_MASK)
		return NULL;
	chunk = &holdings->chunks[slot / CHUNK];
	*chunk = *chunk ?: calloc(CHUNK, sizeof(**chunk));
	if (!*chunk)
		return NULL;
	holdings->n = slot + 1;
	at(holdings, slot)->call = slot;
	return at(holdings, slot);
}

uint32_t holdings_new(struct holdings *holdings, uint32_t *rest, uint64_t time)
{
	bool full = holdings->used >= HOLDINGS_MAX;
	struct holding *holding = full ? find(holdings, *rest) : NULL;

	if (!holding) {
		holding = take_free(holdings) ?: take_new(holdings);
		if (!holding)
			return 0;
		holding->call += 1U << SLOT_BITS;
		holding->site = NULL;
		holding->rest = full;
	}
	holding->time = time;
	*rest = full ? holding->call : *rest;
	touch(holdings, holding);
	return holding->call;
}

/* Adding the complement takes away. */
static void add(struct holdings *holdings, struct holding *holding, uint64_t bytes)
{
	holdings->used -= !!holding->bytes;
	holding->bytes += bytes;
	holdings->used += !!holding->bytes;
	touch(holdings, holding);
}

void holdings_gain(struct holdings *holdings, uint32_t call, uint64_t bytes)
{
	struct holding *holding = find(holdings, call);

	if (!holding)
		return;
	add(holdings, holding, bytes);
	if (holding->site)
		holding->site->held += bytes;
}

void holdings_lose(struct holdings *holdings, uint32_t call, uint64_t bytes)
{
	holdings_gain(holdings, call, -bytes);
}

static uint64_t age_of(const struct holding *holding, uint64_t now)
{
	return now > holding->time ? now - holding->time : 0;
}

void holdings_keep(struct holdings *holdings, uint32_t call, uint64_t bytes, uint64_t end)
{
	struct holding *holding = find(holdings, call);
	struct site *site = holding ? holding->site : NULL;

	if (!holding)
		return;
	add(holdings, holding, -bytes);
	if (!site || age_of(holding, end) < holdings->min_age)
		return;
	site->kept += bytes;
	if (site->kept_age < age_of(holding, end))
		site->kept_age = age_of(holding, end);
}

static void note_peak(struct site *site)
{
	if (site->peak < site->held)
		site->peak = site->held;
}

void holdings_settle(struct holdings *holdings)
{
	while (holdings->touched) {
		struct holding *holding = holdings->touched;

		holdings->touched = holding->next_touched;
		holding->touched = false;
		if (holding->site)
			note_peak(holding->site);
		if (!holding->bytes)
			list_free(holdings, holding);
	}
}

void holdings_attach(struct holdings *holdings, uint32_t call, struct site *site)
{
	struct holding *holding = find(holdings, call);

	if (!holding || holding->site)
		return;
	holding->site = site;
	site->held += holding->bytes;
	note_peak(site);
}

const struct site *holdings_site(const struct holdings *holdings, uint32_t call)
{
	const struct holding *holding = find(holdings, call);

	return holding ? holding->site : NULL;
}

bool holdings_is_rest(const struct holdings *holdings, uint32_t call)
{
	const struct holding *holding = find(holdings, call);

	return holding && holding->rest;
}

uint64_t holdings_time(const struct holdings *holdings, uint32_t call)
{
	const struct holding *holding = find(holdings, call);

	return holding && !holding->rest ? holding->time : 0;
}

void holdings_weigh(const struct holdings *holdings, uint64_t now)
{
	uint32_t slot;

	for (slot = FIRST; slot < holdings->n; slot++) {
		const struct holding *holding = at(holdings, slot);
		struct site *site = holding->site;
		uint64_t age = age_of(holding, now);

		if (!site || !holding->bytes || age < holdings->min_age)
			continue;
		site->old += holding->bytes;
		site->age = site->age < age ? age : site->age;
	}
}

void holdings_forget(struct holdings *holdings)
{
	uint32_t slot;

	for (slot = FIRST; slot < holdings->n; slot++) {
		struct holding *holding = at(holdings, slot);

		if (holding->site && holding->site->dropped)
			holding->site = NULL;
	}
}

void holdings_free(struct holdings *holdings)
{
	size_t i;

	for (i = 0; i < HOLDINGS_CHUNKS; i++)
		free(holdings->chunks[i]);
	memset(holdings, 0, sizeof(*holdings));
}
