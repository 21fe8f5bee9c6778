/* SPDX-License-Identifier: GPL-2.0 */
/* Calls as events, for tests of the ledger. */
#ifndef UNIT_CALLS_H
#define UNIT_CALLS_H

#include <sys/mman.h>

#include "ledger/ledger.h"
#include "ledger/address_space.h"

#define PAGE 4096ULL
#define HEAP 0x555500000000ULL
#define AT(page) (0x7fff00000000ULL + (page)*PAGE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

static inline struct event an_event(uint32_t kind)
{
	return (struct event){
		.kind = kind,
		.watch = 1,
		.pid = 42,
		.tid = 43,
		.heap_start = HEAP,
		.brk = HEAP,
		.has_heap = true,
	};
}

static inline struct event a_brk(uint64_t before, uint64_t requested, uint64_t after)
{
	struct event ev = an_event(BRKWATCH_EVENT_KIND_BRK);

	ev.move.before = before;
	ev.move.requested = requested;
	ev.move.after = after;
	ev.brk = after;
	return ev;
}

static inline struct event a_mmap(uint64_t result, uint64_t pages, uint64_t prot, uint64_t flags)
{
	struct event ev = an_event(BRKWATCH_EVENT_KIND_MMAP);

	ev.map.addr = flags & MAP_FIXED ? result : 0;
	ev.map.length = pages * PAGE;
	ev.map.prot = prot;
	ev.map.flags = flags;
	ev.map.fd = flags & MAP_ANONYMOUS ? -1 : 3;
	ev.map.result = result;
	return ev;
}

static inline struct event a_munmap(uint64_t addr, uint64_t pages)
{
	struct event ev = an_event(BRKWATCH_EVENT_KIND_MUNMAP);

	ev.map.addr = addr;
	ev.map.length = pages * PAGE;
	return ev;
}

static inline struct event an_mprotect(uint64_t addr, uint64_t pages, uint64_t prot)
{
	struct event ev = an_event(BRKWATCH_EVENT_KIND_MPROTECT);

	ev.map.addr = addr;
	ev.map.length = pages * PAGE;
	ev.map.prot = prot;
	return ev;
}

static inline struct event an_madvise(uint64_t addr, uint64_t pages, int advice)
{
	struct event ev = an_event(BRKWATCH_EVENT_KIND_MADVISE);

	ev.map.addr = addr;
	ev.map.length = pages * PAGE;
	ev.map.advice = advice;
	return ev;
}

static inline struct event an_mremap(uint64_t addr, uint64_t pages, uint64_t wanted, uint64_t flags,
				     uint64_t result)
{
	struct event ev = an_event(BRKWATCH_EVENT_KIND_MREMAP);

	ev.map.addr = addr;
	ev.map.length = pages * PAGE;
	ev.map.new_length = wanted * PAGE;
	ev.map.flags = flags;
	ev.map.new_addr = flags & MREMAP_FIXED ? result : 0;
	ev.map.result = result;
	return ev;
}

static inline struct event a_clone(uint32_t kind, uint32_t watch)
{
	struct event ev = an_event(BRKWATCH_EVENT_KIND_CLONE);

	ev.clone.kind = kind;
	ev.clone.child = 100 + watch;
	ev.clone.watch = watch;
	return ev;
}

static inline struct event an_error(struct event ev, uint32_t error)
{
	ev.error = error;
	ev.map.result = -(uint64_t)error;
	return ev;
}

/* A call of a thread, with the times of its entry and its return. */
static inline struct event by(struct event ev, uint32_t tid, uint64_t began, uint64_t ended)
{
	ev.tid = tid;
	ev.time = ended;
	ev.duration = ended - began;
	return ev;
}

static inline struct event of_watch(struct event ev, uint32_t watch)
{
	ev.watch = watch;
	return ev;
}

/* A ledger and the last event's effect; each event comes a little later than the one before. */
struct account {
	struct ledger ledger;
	struct change change;
	struct process *p;
	uint64_t time;
};

static inline void account_begin(struct account *account)
{
	account->ledger.geometry = (struct geometry){ PAGE, 512 * PAGE };
	account->time = 1000;
}

/* An event without a time gets one. */
static inline void book(struct account *account, struct event ev)
{
	if (!ev.time) {
		account->time += 100;
		ev.time = account->time;
		ev.duration = 10;
	}
	account->time = ev.time > account->time ? ev.time : account->time;
	account->p = ledger_apply(&account->ledger, &ev, &account->change);
	if (!account->p)
		abort();
}

static inline void load(struct account *account, uint32_t watch, uint64_t time,
			const struct area *areas, size_t n)
{
	struct snapshot snapshot = {
		.watch = watch,
		.time = time,
		.heap_start = HEAP,
		.brk = HEAP,
		.areas = (struct area *)areas,
		.n = n,
	};

	account->time = time > account->time ? time : account->time;
	if (ledger_snapshot(&account->ledger, &snapshot))
		abort();
}

/* An exec and the snapshot of an address space with nothing in it. */
static inline void start(struct account *account)
{
	account_begin(account);
	book(account, an_event(BRKWATCH_EVENT_KIND_EXEC));
	load(account, 1, account->time + 1, NULL, 0);
}

/* The tag of a page, 0 for nothing. */
static inline uint64_t tag_at(const struct account *account, uint32_t watch, uint64_t addr)
{
	const struct process *p = ledger_find(&account->ledger, watch);
	const struct range *range = ranges_find(&p->space->ranges, addr);

	return range ? range->tag : 0;
}

#endif
