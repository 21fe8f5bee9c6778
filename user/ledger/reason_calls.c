// SPDX-License-Identifier: GPL-2.0
/* Why the kernel refused a call: the rules of each call but brk. */
#include <errno.h>
#include <linux/mman.h>
#include <sys/mman.h>

#include "ledger/reason_rules.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

/* Only the kernel may map so low: see vm.mmap_min_addr. */
#define LOWEST (1ULL << 16)
/* mremap(2) demands that so many mappings more may be made, since it may split what it moves. */
#define ROOM_TO_MOVE 4
#define ROOM_TO_PLACE 6

static void no_figures(struct rules *rules, enum reason_what what)
{
	rules_add(rules, what, REASON_NO_FIGURE, REASON_NO_FIGURE);
}

static bool is_shared(const struct event *ev)
{
	uint64_t type = ev->map.flags & MAP_TYPE;

	return type == MAP_SHARED || type == MAP_SHARED_VALIDATE;
}

static bool is_data(const struct event *ev)
{
	return !is_shared(ev) && ev->map.prot & PROT_WRITE && !(ev->map.flags & MAP_GROWSDOWN);
}

/* Does the kernel count a mapping among its promises? */
static bool is_promised(const struct rules *rules)
{
	const struct event *ev = rules->ev;
	uint64_t type = ev->map.flags & MAP_TYPE;

	if (ev->map.flags & MAP_HUGETLB || (type != MAP_PRIVATE && !is_shared(ev)))
		return false;
	if (ev->map.flags & MAP_NORESERVE && rules->system->overcommit != OVERCOMMIT_NEVER)
		return false;
	return is_shared(ev) ? ev->map.flags & MAP_ANONYMOUS : ev->map.prot & PROT_WRITE;
}

/* With MAP_FIXED the kernel does not count what the mapping replaces. */
static void mmap_memory(struct rules *rules, uint64_t length)
{
	const struct event *ev = rules->ev;
	bool replaces = ev->map.flags & MAP_FIXED && !(ev->map.flags & MAP_FIXED_NOREPLACE);
	bool exact = !replaces || rules->covered->known;
	uint64_t replaced = replaces ? rules->covered->mapped : 0;
	uint64_t more = exact && length > replaced ? length - replaced : 0;

	rules_mappings(rules, 0);
	rules_as(rules, more, exact);
	if (is_data(ev))
		rules_data(rules, more, exact);
	if (is_promised(rules))
		rules_overcommit(rules, length, true);
}

static bool mmap_is_out_of_reach(const struct rules *rules, uint64_t length)
{
	const struct event *ev = rules->ev;
	uint64_t end = rules_end(rules);

	if (!length)
		return ev->map.length;
	if (length > end)
		return true;
	return ev->map.flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) && ev->map.addr > end - length;
}

/* Without the right to lock memory, a limit of 0 forbids MAP_LOCKED altogether. */
static void mmap_permission(struct rules *rules, uint64_t length)
{
	const struct event *ev = rules->ev;
	const uint64_t fixed = MAP_FIXED | MAP_ANONYMOUS;

	if (ev->map.flags & MAP_LOCKED && !ev->limits.limit_memlock)
		rules_memlock(rules, length, true);
	else if ((ev->map.flags & fixed) == fixed && ev->map.addr >= LOWEST &&
		 rules->covered->known && rules->covered->mapped)
		no_figures(rules, REASON_SEALED);
}

/* The kernel replaces nothing with MAP_FIXED_NOREPLACE. Of several mappings it names the first. */
static void what_lies_there(struct rules *rules, uint64_t length)
{
	uint64_t addr = rules->ev->map.addr;
	const struct range *first = rules_range(rules, addr);

	if (first && (first->start < addr || first->start - addr < length))
		rules_occupied(rules, first, addr, REASON_NO_FIGURE, REASON_NO_FIGURE);
	else
		no_figures(rules, REASON_OCCUPIED);
}

static void rules_mmap(struct rules *rules)
{
	const struct event *ev = rules->ev;
	uint64_t length = event_length(ev, rules->geometry);

	switch (ev->error) {
	case ENOMEM:
		if (mmap_is_out_of_reach(rules, length))
			no_figures(rules, REASON_OUT_OF_REACH);
		else
			mmap_memory(rules, length);
		break;
	case EAGAIN:
		if (ev->limits.lock_future || ev->map.flags & MAP_LOCKED)
			rules_memlock(rules, length, true);
		break;
	case EPERM:
		mmap_permission(rules, length);
		break;
	case EEXIST:
		what_lies_there(rules, length);
		break;
	default:
		break;
	}
}

static void rules_munmap(struct rules *rules)
{
	if (rules->ev->error == EPERM)
		no_figures(rules, REASON_SEALED);
	else if (rules->ev->error == ENOMEM)
		rules_mappings(rules, 1);
}

/* The range cannot grow in its place, because a mapping begins behind it. */
static void what_stands_behind(struct rules *rules, uint64_t end, uint64_t more)
{
	const struct range *next = rules_range(rules, end);
	uint64_t begin;

	if (!next)
		return;
	begin = next->start > end ? next->start : end;
	if (begin - end < more)
		rules_occupied(rules, next, end, begin - end, more);
}

static void mremap_memory(struct rules *rules, uint64_t old, uint64_t new)
{
	const struct event *ev = rules->ev;
	bool keeps = ev->map.flags & MREMAP_DONTUNMAP;
	bool may_move = ev->map.flags & MREMAP_MAYMOVE;
	uint64_t more = keeps ? new : new > old ? new - old : 0;
	bool is_data = old && rules->covered->known && rules->covered->writable == old;

	if (ev->map.flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		rules_mappings(rules, ROOM_TO_PLACE);
	else if (more && may_move)
		rules_mappings(rules, ROOM_TO_MOVE);
	else if (!more)
		rules_mappings(rules, 1);
	rules_as(rules, more, true);
	if (is_data)
		rules_data(rules, more, true);
	if (more && !may_move)
		what_stands_behind(rules, ev->map.addr + old, more);
	/* Strict accounting counts all that is writable and private, other memory perhaps. */
	rules_overcommit(rules, more, is_data && rules->system->overcommit == OVERCOMMIT_NEVER);
}

static void rules_mremap(struct rules *rules)
{
	const struct event *ev = rules->ev;
	uint64_t old = rules_up(rules, ev->map.length);
	uint64_t new = rules_up(rules, ev->map.new_length);
	uint64_t end = rules_end(rules);
	bool fixed = ev->map.flags & MREMAP_FIXED;

	switch (ev->error) {
	case ENOMEM:
		if (new > end)
			no_figures(rules, REASON_OUT_OF_REACH);
		else
			mremap_memory(rules, old, new);
		break;
	case EAGAIN:
		/* The kernel says so only if the memory is locked. */
		rules_memlock(rules, new > old ? new - old : 0, true);
		break;
	case EPERM:
		if (!fixed || ev->map.new_addr >= LOWEST)
			no_figures(rules, REASON_SEALED);
		break;
	case EINVAL:
		if (fixed && (new > end || ev->map.new_addr > end - new))
			no_figures(rules, REASON_OUT_OF_REACH);
		break;
	default:
		break;
	}
}

/*
 * The kernel changes mapping by mapping, and counts each that becomes writable. Several ranges of
 * the account are several mappings, of which the first ones may have succeeded: then only one page
 * more is certain. It does not refuse where RLIMIT_AS would forbid a new mapping of that size.
 */
static void mprotect_data(struct rules *rules)
{
	const struct covered *covered = rules->covered;
	bool exact = covered->ranges == 1;
	uint64_t more = exact ? covered->readonly : rules->page;

	if (covered->known && covered->readonly && !rules_as_would_fail(rules, more))
		rules_data(rules, more, exact);
}

static void mprotect_memory(struct rules *rules)
{
	const struct event *ev = rules->ev;
	const struct covered *covered = rules->covered;
	uint64_t length = rules_up(rules, ev->map.length);
	uint64_t end = ev->map.addr + length;

	if (end <= ev->map.addr || end > rules_end(rules)) {
		no_figures(rules, REASON_OUT_OF_REACH);
		return;
	}
	/* With a hole in the range the kernel says the same, and has no limit in mind. */
	if (covered->known && covered->mapped < length)
		return;
	if (ev->map.prot & PROT_WRITE)
		mprotect_data(rules);
	rules_mappings(rules, 1);
	/* It has counted memory that was writable before. */
	if (ev->map.prot & PROT_WRITE && covered->known && covered->readonly)
		rules_overcommit(rules, covered->readonly, false);
}

static void rules_mprotect(struct rules *rules)
{
	const struct event *ev = rules->ev;

	if (ev->error == ENOMEM && !(ev->map.prot & PROT_GROWSDOWN))
		mprotect_memory(rules);
	/* A policy of the kernel's can forbid to execute a file. */
	else if (ev->error == EPERM && !(ev->map.prot & PROT_EXEC))
		no_figures(rules, REASON_SEALED);
}

enum advice_kind {
	ADVICE_OTHER,
	ADVICE_DISCARD,
	ADVICE_RECLAIM,
	ADVICE_FLAG,
	ADVICE_POPULATE,
	ADVICE_COLLAPSE,
};

/* What an advice does: discard or reclaim pages, set a flag of the mapping, or bring pages. */
static enum advice_kind advice_kind(int32_t advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_FREE:
		return ADVICE_DISCARD;
	case MADV_COLD:
	case MADV_PAGEOUT:
		return ADVICE_RECLAIM;
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
		return ADVICE_FLAG;
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return ADVICE_POPULATE;
	case MADV_COLLAPSE:
		return ADVICE_COLLAPSE;
	default:
		return ADVICE_OTHER;
	}
}

/* If less than the range is not locked in the whole process, a part of the range is locked. */
static bool is_locked(const struct rules *rules)
{
	const struct event_limits *limits = &rules->ev->limits;
	const struct covered *covered = rules->covered;

	return covered->known && !(rules->ev->map.addr & (rules->page - 1)) &&
	       covered->readonly + covered->writable == covered->mapped &&
	       limits->as - limits->locked < covered->mapped;
}

static void rules_madvise(struct rules *rules)
{
	enum advice_kind kind = advice_kind(rules->ev->map.advice);

	switch (rules->ev->error) {
	case EINVAL:
		if ((kind == ADVICE_DISCARD || kind == ADVICE_RECLAIM) && is_locked(rules))
			no_figures(rules, REASON_LOCKED);
		break;
	case EPERM:
		if (kind == ADVICE_DISCARD)
			no_figures(rules, REASON_SEALED);
		break;
	case EAGAIN:
		if (kind == ADVICE_FLAG)
			rules_mappings(rules, 1);
		break;
	case ENOMEM:
	case EBUSY:
		if (kind == (rules->ev->error == EBUSY ? ADVICE_COLLAPSE : ADVICE_POPULATE)) {
			no_figures(rules, REASON_CGROUP);
			rules->list[rules->n - 1].guess = true;
		}
		break;
	default:
		break;
	}
}

/* The size of the segment is not known, but it has a page at least. */
static void rules_shmat(struct rules *rules)
{
	if (rules->ev->error == ENOMEM) {
		rules_mappings(rules, 0);
		rules_as(rules, rules->page, false);
	} else if (rules->ev->error == EAGAIN && rules->ev->limits.lock_future) {
		rules_memlock(rules, rules->page, false);
	}
}

void rules_of_mapping(struct rules *rules)
{
	switch (rules->ev->kind) {
	case BRKWATCH_EVENT_KIND_MMAP:
		rules_mmap(rules);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
		rules_munmap(rules);
		break;
	case BRKWATCH_EVENT_KIND_MREMAP:
		rules_mremap(rules);
		break;
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
		rules_mprotect(rules);
		break;
	case BRKWATCH_EVENT_KIND_MADVISE:
		rules_madvise(rules);
		break;
	case BRKWATCH_EVENT_KIND_SHMAT:
		rules_shmat(rules);
		break;
	default:
		break;
	}
}
