/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An address space: what is mapped in it, where that came from, and how far the tool knows it.
 * Pure: no input, no output, no clock.
 */
#ifndef BRKWATCH_ADDRESS_SPACE_H
#define BRKWATCH_ADDRESS_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "ledger/holdings.h"
#include "ledger/overlap.h"
#include "ledger/origin.h"
#include "ledger/ranges.h"
#include "ledger/shares.h"
#include "ledger/tag.h"

/**
 * struct total - a sum that changes
 * @now: what it is
 * @peak: the most it was after an event
 */
struct total {
	uint64_t now;
	uint64_t peak;
};

/* An address space remembers where so many of its last changes were. */
#define CHANGES_KEPT 16

/**
 * struct span - some addresses
 * @start: first address
 * @end: first address after
 */
struct span {
	uint64_t start;
	uint64_t end;
};

/**
 * struct address_space - an address space
 * @ranges: what is mapped; tag.h says what the tags mean
 * @heap_start: where the heap begins, 0 when not known
 * @brk: program break, 0 when not known
 * @reserved: bytes of the set, that is of class anonymous
 * @committed: reserved bytes that may be read, written or executed
 * @by_origin: committed bytes by where they came from; all zero with @no_totals
 * @given_back: reserved bytes that madvise(2) returned and nothing has renewed since
 * @counted: bytes tagged TAG_COUNTED
 * @inherited: bytes tagged TAG_INHERITED
 * @grown: bytes tagged TAG_GREW
 * @uncertain: bytes tagged TAG_UNCERTAIN
 * @exact: @ranges equals what the kernel has
 * @whole: @ranges equals it except for @uncertain
 * @heap_moved: something else than brk(2) has moved the heap since the last snapshot
 * @by_guest: a process that lives in it as a guest has made a call about its mappings
 * @asked: a snapshot is under way, or cannot be had
 * @from_exec: the tool has seen all of its life
 * @inexact_since: time from which it was not exact, the last time
 * @inexact_until: time at which it was exact again, the last time
 * @episodes: times that it was not exact; the wait for its first snapshot is none
 * @doubts: events that left something uncertain
 * @snapshots: snapshots loaded
 * @snapshot_time: time of the last snapshot, or of the beginning of the space
 * @latest: return of the last call
 * @latest_tid: thread that made the last call
 * @brk_moved: return of the last call that moved the break
 * @brk_low: lowest break of moves that overlap in time
 * @brk_high: highest break of these moves
 * @users: processes that live in it
 * @holders: accounts that point to it, and views that show it after its end
 * @holdings: what its calls hold, NULL if no view asks for it, or after address_space_end()
 * @no_totals: as in struct ledger
 * @rest: number of its calls beyond the limit of @holdings, 0 if there was none
 * @changes: how often something in @ranges may have changed
 * @changed: where the last of these changes were, by their numbers modulo CHANGES_KEPT
 * @overlap: its recent calls
 */
struct address_space {
	struct ranges ranges;
	uint64_t heap_start;
	uint64_t brk;
	struct total reserved;
	struct total committed;
	struct shares by_origin;
	struct total given_back;
	uint64_t counted;
	uint64_t inherited;
	uint64_t grown;
	uint64_t uncertain;
	bool exact;
	bool whole;
	bool heap_moved;
	bool by_guest;
	bool asked;
	bool from_exec;
	uint64_t inexact_since;
	uint64_t inexact_until;
	uint32_t episodes;
	uint32_t doubts;
	uint32_t snapshots;
	uint64_t snapshot_time;
	uint64_t latest;
	uint32_t latest_tid;
	uint64_t brk_moved;
	uint64_t brk_low;
	uint64_t brk_high;
	unsigned int users;
	unsigned int holders;
	struct holdings *holdings;
	bool no_totals;
	uint32_t rest;
	uint64_t changes;
	struct span changed[CHANGES_KEPT];
	struct overlap overlap;
};

/**
 * struct sums - bytes of some addresses
 * @reserved: of class anonymous
 * @committed: reserved bytes that may be read, written or executed
 * @given_back: reserved bytes that madvise(2) returned
 * @counted: tagged TAG_COUNTED
 * @inherited: tagged TAG_INHERITED
 * @grown: tagged TAG_GREW
 * @other: of class anonymous and not counted, or grown
 * @file: neither
 * @uncertain: tagged TAG_UNCERTAIN
 */
struct sums {
	uint64_t reserved;
	uint64_t committed;
	uint64_t given_back;
	uint64_t counted;
	uint64_t inherited;
	uint64_t grown;
	uint64_t other;
	uint64_t file;
	uint64_t uncertain;
};

/**
 * address_space_new() - begin an address space about which nothing is known
 * @time: time of its beginning
 * @holdings: what its calls hold, NULL if no view asks for it
 *
 * Return: the space with one user and one holder, or NULL without memory.
 */
struct address_space *address_space_new(uint64_t time, struct holdings *holdings);

/**
 * address_space_hold() - take one more reference to an address space
 * @space: the space; once no process lives in it, nothing changes it any more
 *
 * Return: @space, with one more holder.
 */
struct address_space *address_space_hold(struct address_space *space);

/**
 * address_space_release() - drop a reference to an address space
 * @space: the space, which is freed with its last holder
 */
void address_space_release(struct address_space *space);

/**
 * address_space_end() - account for what its calls held when its last process left it
 * @space: the space, which gets no more events
 * @time: end of that process, which held all of it until then; 0 if it left by an exec, so that
 *	nothing is held any more
 */
void address_space_end(struct address_space *space, uint64_t time);

/**
 * address_space_sums() - what is mapped in [start, end)
 * @space: the space
 * @start: first address
 * @end: first address after
 *
 * Return: the sums.
 */
struct sums address_space_sums(const struct address_space *space, uint64_t start, uint64_t end);

/**
 * address_space_changed() - find where a space may have changed since a view looked at it
 * @space: the space
 * @since: its @changes when the view looked at it
 * @spans: filled
 *
 * Return: how many spans, in the order of the changes; one of all addresses after too many changes.
 */
size_t address_space_changed(const struct address_space *space, uint64_t since,
			     struct span spans[CHANGES_KEPT]);

/**
 * address_space_change() - give other tags to what is mapped in [start, end)
 * @space: the space
 * @start: first address
 * @end: first address after
 * @change: makes the new tag of an old one
 * @arg: passed to @change
 *
 * Return: 0 or -ENOMEM.
 */
int address_space_change(struct address_space *space, uint64_t start, uint64_t end,
			 uint64_t (*change)(uint64_t tag, void *arg), void *arg);

/**
 * address_space_put() - put a tag in the place of what is in [start, end)
 * @space: the space
 * @start: first address
 * @end: first address after
 * @tag: the tag, 0 for nothing
 *
 * Return: 0 or -ENOMEM.
 */
int address_space_put(struct address_space *space, uint64_t start, uint64_t end, uint64_t tag);

/**
 * address_space_put_over() - the same where the caller knows what is there
 * @space: the space
 * @start: first address
 * @end: first address after, above @start
 * @tag: the tag, 0 for nothing
 * @before: what address_space_sums() says of [start, end)
 *
 * Return: 0 or -ENOMEM.
 */
int address_space_put_over(struct address_space *space, uint64_t start, uint64_t end, uint64_t tag,
			   const struct sums *before);

/**
 * address_space_doubt() - make [start, end) uncertain, mapped or not
 * @space: the space
 * @start: first address
 * @end: first address after
 *
 * Return: 0 or -ENOMEM.
 */
int address_space_doubt(struct address_space *space, uint64_t start, uint64_t end);

/**
 * address_space_doubt_mapped() - make what is mapped in [start, end) uncertain
 * @space: the space
 * @start: first address
 * @end: first address after
 *
 * Return: 0 or -ENOMEM.
 */
int address_space_doubt_mapped(struct address_space *space, uint64_t start, uint64_t end);

/**
 * address_space_doubt_moved() - doubt what mremap(2) moved when it may have been something else
 * @space: the space
 * @mine: an effect that was reported after the move, but may have happened before it
 *
 * Return: 0 or -ENOMEM.
 */
int address_space_doubt_moved(struct address_space *space, const struct recent *mine);

/**
 * address_space_book() - book one effect of a call
 * @space: the space
 * @moment: when the call was at work
 * @effect: the effect
 * @found: filled with what the call found there, if not NULL; to be freed
 * @gone: filled with what was mapped there, if the effect maps or unmaps something; else all 0
 *
 * Return: 0 or -ENOMEM.
 */
int address_space_book(struct address_space *space, const struct moment *moment,
		       const struct effect *effect, struct ranges *found, struct sums *gone);

/**
 * address_space_note() - remember an effect that did nothing, as far as is known
 * @space: the space
 * @moment: when the call was at work
 * @effect: what it would have done to what later events report
 *
 * Return: 0 or -ENOMEM.
 */
int address_space_note(struct address_space *space, const struct moment *moment,
		       const struct effect *effect);

/**
 * address_space_is_free() - was nothing mapped where a call was at work, as far as events say
 * @space: the space
 * @moment: when the call was at work
 * @effect: addresses at which the call was at work
 *
 * Return: true if nothing was mapped there.
 */
bool address_space_is_free(const struct address_space *space, const struct moment *moment,
			   const struct effect *effect);

/**
 * address_space_fork() - make the copy that a child gets
 * @parent: the space
 * @time: time of the clone
 *
 * Return: the copy, or NULL without memory.
 */
struct address_space *address_space_fork(const struct address_space *parent, uint64_t time);

/**
 * address_space_replace() - put other ranges in the place of the old ones
 * @space: the space
 * @ranges: the new ranges; on return the old ones, which the caller must free
 */
void address_space_replace(struct address_space *space, struct ranges *ranges);

/**
 * address_space_load() - put what the kernel has in place of what was known
 * @space: the space
 * @snapshot: what the kernel has
 * @page: bytes in a page
 *
 * Origins stay as far as they are still true.
 *
 * Return: 0 or -ENOMEM.
 */
int address_space_load(struct address_space *space, const struct snapshot *snapshot, uint64_t page);

/**
 * address_space_judge() - after an event, see whether a space is exact, and note peaks
 * @space: the space
 * @since: when it ceased to be exact, if it did
 * @now: time of the event
 */
void address_space_judge(struct address_space *space, uint64_t since, uint64_t now);

/**
 * address_space_compare() - hold the account against the kernel's own
 * @space: the account
 * @maps: what the kernel has of class anonymous; tags are bits of enum tag_prot, 0
 *	included
 * @differ: called for each range that differs, by rising address; neighbours that
 *	differ in the same way are one. @ours and @theirs are bits of enum
 *	tag_prot, or -1 where there is nothing. Returns non-zero to end early.
 * @arg: passed to @differ
 *
 * Return: how many ranges differ.
 */
int address_space_compare(const struct address_space *space, const struct ranges *maps,
			  int (*differ)(uint64_t start, uint64_t end, int ours, int theirs,
					void *arg),
			  void *arg);

#endif
