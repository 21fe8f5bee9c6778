/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The account of every watched process, kept from its events: what is mapped
 * now, and what an event changed. Pure: no input, no output, no clock.
 */
#ifndef BRKWATCH_LEDGER_H
#define BRKWATCH_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/change.h"
#include "event/event.h"
#include "event/geometry.h"
#include "ledger/holdings.h"
#include "ledger/makers.h"
#include "ledger/origin.h"
#include "ledger/ranges.h"
#include "ledger/shares.h"

struct address_space;

/**
 * struct served - the private memory that a process could use when that was most
 * @committed: bytes that could be read, written or executed, the heap included
 * @by_origin: these bytes by where they came from
 * @unusable: bytes of addresses that could not (PROT_NONE), at the same moment
 */
struct served {
	uint64_t committed;
	struct shares by_origin;
	uint64_t unusable;
};

/**
 * struct process - the account of one watch
 * @watch: id of the watch
 * @from_exec: the tool has seen all of its life since an exec
 * @unknown: events were lost since, so do not trust figures that rest on events
 * @threads: the tool has seen more than one thread since its last exec
 * @gone: it has ended, or left the session
 * @guest: it lives in the address space of the process that made it
 * @mingled: others mapped or unmapped in its address space, or it in theirs
 * @space: its address space, see address_space.h; its last one when it is @gone, NULL
 *	after ledger_drop()
 * @remapped: bytes that mremap(2) added to anonymous memory, over the whole watch
 * @unmapped: bytes that it had mapped itself as anonymous and that are gone, likewise
 * @anonymous: process_anonymous() when @space was dropped
 * @inherited: process_inherited() at that time
 * @grown: process_grown() at that time
 * @served: its memory at the peak since its last exec
 * @unusable: bytes of addresses that cannot be used, after its last event
 * @makers: who asked for memory most often; for the heap, since its last exec
 * @lost: count of lost events in its last event
 * @time: time of its last event
 */
struct process {
	uint32_t watch;
	bool from_exec;
	bool unknown;
	bool threads;
	bool gone;
	bool guest;
	bool mingled;
	struct address_space *space;
	uint64_t remapped;
	uint64_t unmapped;
	uint64_t anonymous;
	uint64_t inherited;
	uint64_t grown;
	struct served served;
	uint64_t unusable;
	struct makers makers;
	uint32_t lost;
	uint64_t time;
};

/**
 * struct ledger - the accounts of a session
 *
 * All zero but for @geometry, @no_totals and the settings of @holdings is the empty ledger.
 *
 * @geometry: see struct geometry
 * @no_totals: no view shows totals by who asked for memory, so that those of @served and @makers of
 *	struct process are not kept
 * @lossy: events were lost around the ones being applied; see ledger_lossy()
 * @wanting: ledger_wants() may find something
 * @lost: missing events, by the counts in the events around them
 * @time: latest time of an event
 * @holdings: what calls hold, if a view asks for it
 * @asker: who made the call that is applied next; whoever applies it says so, and all zero stands
 *	for not known
 * @asked: who asked for memory in the event that was applied last, see struct asked
 * @files: names of files that asked, the first of which has number 1
 * @files_n: how many
 * @files_cap: room in @files
 * @processes: the accounts, by rising watch
 * @n: how many
 * @cap: room in @processes
 * @latest: the account that ledger_process() returned last, NULL if it is gone
 */
struct ledger {
	struct geometry geometry;
	bool no_totals;
	bool lossy;
	bool wanting;
	uint64_t lost;
	uint64_t time;
	struct holdings holdings;
	struct asker asker;
	struct asked asked;
	char **files;
	size_t files_n;
	size_t files_cap;
	struct process **processes;
	size_t n;
	size_t cap;
	struct process *latest;
};

/**
 * ledger_find() - find the account of a watch
 * @ledger: the ledger
 * @watch: id of the watch
 *
 * Return: the account, which stays where it is, or NULL when there is none.
 */
struct process *ledger_find(const struct ledger *ledger, uint32_t watch);

/**
 * ledger_process() - find the account of a watch, open it if there is none
 * @ledger: the ledger
 * @watch: id of the watch
 *
 * A new account knows nothing of its address space and wants a snapshot of it.
 *
 * Return: the account, which stays where it is, or NULL without memory.
 */
struct process *ledger_process(struct ledger *ledger, uint32_t watch);

/**
 * ledger_open() - open the account of a watch that has none
 * @ledger: the ledger
 * @watch: id of the watch
 * @space: its address space, which the account then owns
 *
 * Return: the account, or NULL without memory.
 */
struct process *ledger_open(struct ledger *ledger, uint32_t watch, struct address_space *space);

/* A tag has room for so many names of files; the last one stands for all further files. */
#define LEDGER_FILES_MAX 4095
#define LEDGER_FILE_OTHER "another file"

/**
 * ledger_origin() - make tags of who asked for memory
 * @ledger: the ledger; it keeps the name of the file
 * @asked: who
 *
 * Return: the bits TAG_ORIGIN, TAG_GUESS and TAG_FILE; without the file if memory runs out.
 */
uint64_t ledger_origin(struct ledger *ledger, const struct asked *asked);

/**
 * asked_of_tag() - who asked for the memory that has a tag
 * @ledger: the ledger
 * @tag: the tag
 *
 * Return: who; its file lies in the ledger.
 */
struct asked asked_of_tag(const struct ledger *ledger, uint64_t tag);

/**
 * ledger_judge() - see whether an address space is exact after an event
 * @ledger: the ledger
 * @space: the space
 * @since: when it ceased to be exact, if it did
 * @now: time of the event
 */
void ledger_judge(struct ledger *ledger, struct address_space *space, uint64_t since, uint64_t now);

/**
 * ledger_apply() - book one event
 * @ledger: the ledger
 * @ev: the event
 * @change: filled with what it did
 *
 * A clone opens the account of a child that is followed.
 *
 * Return: the account in which the event was booked, or NULL without memory.
 */
struct process *ledger_apply(struct ledger *ledger, const struct event *ev, struct change *change);

/**
 * ledger_snapshot() - put what the kernel has in place of what was known
 * @ledger: the ledger
 * @snapshot: the kernel's account
 *
 * Call it after the last event, of any watch, up to the snapshot's time and before the first
 * later one; for the snapshot of an exec call it right after the event of that snapshot.
 *
 * Return: 0 or -ENOMEM.
 */
int ledger_snapshot(struct ledger *ledger, const struct snapshot *snapshot);

/**
 * ledger_wants() - find an account that a snapshot would make exact
 * @ledger: the ledger
 * @watch: filled with the id of the watch
 *
 * It finds each account once, and again only after a snapshot of it is loaded.
 *
 * Return: whether there is one.
 */
bool ledger_wants(struct ledger *ledger, uint32_t *watch);

/**
 * ledger_unwanted() - note that no snapshot can be had, since the process is gone or keeps it
 * @ledger: the ledger
 * @watch: id of the watch
 */
void ledger_unwanted(struct ledger *ledger, uint32_t watch);

/**
 * ledger_lossy() - say whether events were lost around the ones applied next
 * @ledger: the ledger
 * @lossy: whether events were lost
 *
 * The tool does not know which process lost them, nor where exactly they are missing. So even an
 * exec or a snapshot among these events does not make an account good again; one after them
 * does. The ledger sees losses that events themselves count without this call.
 */
void ledger_lossy(struct ledger *ledger, bool lossy);

/**
 * ledger_drop() - release the address space of a process that is gone
 * @ledger: the ledger
 * @watch: id of the watch
 *
 * The rest of the account stays.
 */
void ledger_drop(struct ledger *ledger, uint32_t watch);

/**
 * ledger_forget() - free the account of a process that is gone
 * @ledger: the ledger
 * @watch: id of the watch, which gets no more events
 */
void ledger_forget(struct ledger *ledger, uint32_t watch);

/**
 * ledger_free() - free the memory of all accounts
 * @ledger: the ledger
 */
void ledger_free(struct ledger *ledger);

/**
 * process_anonymous() - anonymous memory that was seen mapped and still is
 * @process: the account
 *
 * Return: bytes, shared and huge mappings included, the heap not.
 */
uint64_t process_anonymous(const struct process *process);

/**
 * process_inherited() - the part of it that a parent had mapped and a fork copied
 * @process: the account
 *
 * The rest is what its own calls mapped or mremap(2) added, and that is not unmapped yet: see
 * @remapped and @unmapped.
 *
 * Return: bytes.
 */
uint64_t process_inherited(const struct process *process);

/**
 * process_remapped() - what mremap(2) added to anonymous memory
 * @process: the account, NULL if it is not known
 * @c: the kernel's figures of the same process
 *
 * Return: bytes.
 */
static inline uint64_t process_remapped(const struct process *process, const struct counters *c)
{
	return process ? process->remapped : c->remapped_bytes;
}

/**
 * process_remaps_unknown() - calls that may have added memory that process_remapped() lacks
 * @process: the account, NULL if it is not known
 * @c: the kernel's figures of the same process
 *
 * Return: how many.
 */
static inline uint64_t process_remaps_unknown(const struct process *process,
					      const struct counters *c)
{
	return process ? 0 : c->remaps_unknown;
}

/**
 * process_is_shared() - whether process_anonymous() includes what other processes mapped
 * @process: the account
 *
 * Return: true if so; then no process's own figures add up to it.
 */
static inline bool process_is_shared(const struct process *process)
{
	return process->guest || process->mingled;
}

/**
 * process_grown() - what page faults added to mappings that grow downwards
 * @process: the account
 *
 * No call reports such growth, so this is what the last snapshot showed, or 0 without one.
 *
 * Return: bytes, none of which are among process_anonymous().
 */
uint64_t process_grown(const struct process *process);

#endif
