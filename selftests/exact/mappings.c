// SPDX-License-Identifier: GPL-2.0
/* Makes random calls of mmap. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "player.h"
#include "raw.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MAP_SHARED_VALIDATE
#define MAP_SHARED_VALIDATE 3
#endif
#ifndef MAP_SYNC
#define MAP_SYNC 0x80000
#endif
#define MAP_DROPPABLE_TYPE 8
#define HUGE_SHIFT 26

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* The arguments of an mmap before its place is chosen. */
struct mapping {
	struct range at;
	long prot;
	long flags;
	long fd;
	long offset;
	size_t unit;
};

static long some_prot(struct player *p)
{
	static const long prots[] = {
		PROT_READ | PROT_WRITE,
		PROT_READ | PROT_WRITE,
		PROT_READ | PROT_WRITE,
		PROT_READ,
		PROT_NONE,
		PROT_READ | PROT_EXEC,
		PROT_WRITE,
		PROT_EXEC,
		PROT_READ | PROT_WRITE | PROT_EXEC,
	};

	return prots[below(p, sizeof(prots) / sizeof(*prots))];
}

/* Only small mappings are filled at once, because enough memory must stay free. */
static void some_flags(struct player *p, struct mapping *m)
{
	if (one_in(p, 4))
		m->flags |= MAP_NORESERVE;
	if (one_in(p, 8))
		m->flags |= MAP_STACK;
	if (one_in(p, 8))
		m->flags |= MAP_32BIT;
	if (one_in(p, 16))
		m->flags |= MAP_DENYWRITE | MAP_EXECUTABLE;
	if (m->at.len > 16 * PAGE)
		return;
	if (one_in(p, 8))
		m->flags |= MAP_POPULATE;
	if (one_in(p, 32))
		m->flags |= MAP_LOCKED;
	if (one_in(p, 16))
		m->flags |= MAP_NONBLOCK;
}

static void some_file(struct player *p, struct mapping *m)
{
	unsigned int file = below(p, 8);

	if (file < 3) {
		m->fd = p->fds[0];
		m->flags = one_in(p, 2) ? MAP_SHARED : MAP_PRIVATE;
		m->offset = below(p, 4) * PAGE;
	} else if (file < 5) {
		m->fd = p->fds[1];
		m->flags = MAP_PRIVATE;
	} else if (file < 7) {
		m->fd = p->fds[2];
		m->flags = one_in(p, 4) ? MAP_SHARED : MAP_PRIVATE;
	} else {
		/* These descriptors cannot be mapped, or not with these arguments. */
		m->fd = below(p, 2) ? p->fds[3] : 9999;
		m->flags = MAP_PRIVATE;
		m->offset = below(p, 3);
	}
}

static void odd_kind(struct player *p, struct mapping *m)
{
	switch (below(p, 6)) {
	case 0:
		m->flags = MAP_ANONYMOUS;
		break;
	case 1:
		m->flags = MAP_SHARED_VALIDATE | MAP_SYNC | MAP_ANONYMOUS;
		break;
	case 2:
		m->flags = MAP_SHARED_VALIDATE;
		m->fd = p->fds[0];
		break;
	case 3:
		m->flags = MAP_DROPPABLE_TYPE | MAP_ANONYMOUS;
		break;
	case 4:
		m->flags = ANON | 1L << (21 + below(p, 5));
		break;
	default:
		m->fd = below(p, 10);
		m->flags = ANON;
		break;
	}
}

static void choose_kind(struct player *p, struct mapping *m)
{
	unsigned int die = below(p, 32);

	m->fd = -1;
	m->offset = 0;
	m->prot = some_prot(p);
	m->unit = PAGE;
	if (die < 16)
		m->flags = ANON;
	else if (die < 19)
		m->flags = MAP_SHARED | MAP_ANONYMOUS;
	else if (die < 25)
		some_file(p, m);
	else if (die < 27)
		m->flags = ANON | MAP_GROWSDOWN;
	else if (die < 29)
		odd_kind(p, m);
	else
		m->flags = ANON;
	some_flags(p, m);
}

static void choose_place(struct player *p, struct mapping *m)
{
	unsigned int die = below(p, 24);
	struct range free = pick_arena(p, 0);

	m->at = free;
	if (die < 11) {
		m->at.start = 0;
	} else if (die < 13) {
		/* A hint may lie at a page or not. */
		m->at.start += below(p, 2);
	} else if (die < 21) {
		m->at = pick(p);
		m->flags = MAP_FIXED;
	} else if (die < 22) {
		m->flags = MAP_FIXED_NOREPLACE;
	} else if (die < 23) {
		m->at.start = 1UL << 60;
	} else {
		m->flags = MAP_FIXED;
		m->at.start = one_in(p, 2) ? m->at.start + 1 : 1UL << 63;
	}
}

static void place(struct player *p, struct mapping *m)
{
	long result =
		player_call(p, MMAP, m->at.start, m->at.len, m->prot, m->flags, m->fd, m->offset);

	if (!raw_failed(result)) {
		if (!(m->flags & MAP_FIXED))
			slots_add(p, result, round_to(m->at.len, m->unit), m->unit, 0);
		else if (m->at.slot)
			/* Huge pages can be replaced only as a whole. */
			m->at.slot->unit = PAGE;
	} else if (m->at.slot && result == -ENOMEM && m->at.len <= m->at.slot->len) {
		/* The failed call may have unmapped what was there. */
		slots_forget(p, m->at.start, round_to(m->at.len, PAGE));
	}
}

/* The kernel places these, or they are fixed in a zone without other fixed mappings. */
static void huge_pages(struct player *p)
{
	struct mapping m = { .prot = some_prot(p), .fd = -1, .unit = HUGE_PAGE };
	unsigned int bits = one_in(p, 4) ? 12 + below(p, 20) : 21;

	m.at.len = 1 + below(p, 2 * HUGE_PAGE);
	m.flags = (one_in(p, 4) ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS | MAP_HUGETLB |
		  (one_in(p, 4) ? 0 : MAP_NORESERVE);
	if (one_in(p, 3)) {
		m.flags |= MAP_FIXED;
		m.at.start = p->arena + HUGE_ZONE;
	} else if (one_in(p, 2)) {
		m.flags |= (long)bits << HUGE_SHIFT;
		m.unit = 1UL << bits;
	}
	place(p, &m);
}

/* Reserves memory like malloc for an arena, or a database for all that it may ever want. */
static void reservation(struct player *p)
{
	struct mapping m = { .flags = ANON | MAP_NORESERVE, .fd = -1, .unit = PAGE };

	m.at.len = (1UL << (24 + below(p, 8))) + below(p, 3) - 1;
	place(p, &m);
}

void step_mmap(struct player *p)
{
	struct mapping m = {};
	long where;

	slots_room(p, 2);
	switch (below(p, 24)) {
	case 0:
		return huge_pages(p);
	case 1:
		return reservation(p);
	}
	choose_place(p, &m);
	where = m.flags;
	choose_kind(p, &m);
	m.flags |= where;
	spoil(p, &m.at);
	if (one_in(p, 64))
		m.at.len = 1UL << (57 + below(p, 7));
	place(p, &m);
}
