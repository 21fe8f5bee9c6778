/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much of what calls got they still hold. Each call that got memory has a number, which the
 * tags of that memory carry, whatever splits or moves it. Calls with the same stack share a site.
 * Pure: no input, no output, no clock.
 */
#ifndef BRKWATCH_HOLDINGS_H
#define BRKWATCH_HOLDINGS_H

#include <stdbool.h>
#include <stdint.h>

/* So many calls that hold memory have numbers of their own; later ones share one, the rest. */
#define HOLDINGS_MAX 65536

/* Numbers lie in chunks, which stay where they are; there are more than HOLDINGS_MAX. */
#define HOLDINGS_CHUNKS 128

/**
 * struct site - what the calls from one place in a program hold
 * @held: bytes that they got and that are still mapped, or were when their process ended
 * @peak: the most that @held was after an event
 * @old: the part of @held that is old enough, after holdings_weigh()
 * @age: ns since a call got the oldest part of @old, after holdings_weigh(); up to the end of
 *	its process if that has ended
 * @kept: the part of @old that is of processes that have ended
 * @kept_age: @age, as far as it is about @kept
 * @number: the view's own number of it, not 0 if it has one
 * @dropped: holdings_forget() forgets it
 */
struct site {
	uint64_t held;
	uint64_t peak;
	uint64_t old;
	uint64_t age;
	uint64_t kept;
	uint64_t kept_age;
	uint32_t number;
	bool dropped;
};

struct holding;

/**
 * struct holdings - what all calls of a session hold
 * @wanted: a view asks for it; set before the first event
 * @min_age: ns for which memory must have been held to be old enough
 * @chunks: the calls, by the lower bits of their numbers
 * @n: how many of these there are, including those without a call
 * @used: how many hold something
 * @touched: calls that the event in hand is about
 * @free: calls that held nothing after an event, those longest ago first; some hold something again
 * @free_last: the last of them
 * @free_n: how many
 *
 * All zero but for @wanted and @min_age is the empty set.
 */
struct holdings {
	bool wanted;
	uint64_t min_age;
	struct holding *chunks[HOLDINGS_CHUNKS];
	uint32_t n;
	uint32_t used;
	struct holding *touched;
	struct holding *free;
	struct holding *free_last;
	uint32_t free_n;
};

/**
 * holdings_new() - number a call that gets memory
 * @holdings: the holdings
 * @rest: number of the calls of its address space beyond HOLDINGS_MAX, 0 without any; updated
 * @time: when it gets it
 *
 * Return: its number, which stays its own until some time after it holds nothing; 0 without memory.
 */
uint32_t holdings_new(struct holdings *holdings, uint32_t *rest, uint64_t time);

/**
 * holdings_gain() - add to what a call holds
 * @holdings: the holdings
 * @call: its number; a number that is 0, or has a new call by now, is ignored
 * @bytes: how much
 */
void holdings_gain(struct holdings *holdings, uint32_t call, uint64_t bytes);

/**
 * holdings_lose() - take away from what a call holds
 * @holdings: the holdings
 * @call: as for holdings_gain()
 * @bytes: how much
 */
void holdings_lose(struct holdings *holdings, uint32_t call, uint64_t bytes);

/**
 * holdings_keep() - note that a process ended while a call held something
 * @holdings: the holdings
 * @call: as for holdings_gain()
 * @bytes: how much; the call's site goes on holding it
 * @end: time of that end
 */
void holdings_keep(struct holdings *holdings, uint32_t call, uint64_t bytes, uint64_t end);

/**
 * holdings_settle() - note peaks and free numbers after an event
 * @holdings: the holdings
 */
void holdings_settle(struct holdings *holdings);

/**
 * holdings_attach() - say which site a call belongs to
 * @holdings: the holdings
 * @call: its number, as for holdings_gain()
 * @site: the site, which must stay where it is until holdings_forget()
 */
void holdings_attach(struct holdings *holdings, uint32_t call, struct site *site);

/**
 * holdings_site() - find the site that a call belongs to
 * @holdings: the holdings
 * @call: its number, as for holdings_gain()
 *
 * Return: the site, or NULL without one.
 */
const struct site *holdings_site(const struct holdings *holdings, uint32_t call);

/**
 * holdings_is_rest() - check whether several calls share a number
 * @holdings: the holdings
 * @call: the number, as for holdings_gain()
 *
 * Return: whether they do, because there were too many; its time is then that of the last one.
 */
bool holdings_is_rest(const struct holdings *holdings, uint32_t call);

/**
 * holdings_time() - look up when a call got its memory
 * @holdings: the holdings
 * @call: its number, as for holdings_gain()
 *
 * Return: CLOCK_MONOTONIC in ns, 0 if there is no such call, or if several share the number.
 */
uint64_t holdings_time(const struct holdings *holdings, uint32_t call);

/**
 * holdings_weigh() - sum up what is old enough
 * @holdings: the holdings
 * @now: time to which memory is held, in ns; before, @old and @age of each site must be @kept and
 *	@kept_age
 */
void holdings_weigh(const struct holdings *holdings, uint64_t now);

/**
 * holdings_forget() - forget sites
 * @holdings: the holdings, in which no call belongs to a dropped site any more
 */
void holdings_forget(struct holdings *holdings);

/**
 * holdings_free() - release the memory
 * @holdings: the holdings
 */
void holdings_free(struct holdings *holdings);

#endif
