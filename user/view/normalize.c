// SPDX-License-Identifier: GPL-2.0
/* Addresses as text, or as places that two runs have in common. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <linux/mman.h>

#include "lib/text_buffer.h"
#include "view/normalize.h"

/* Nothing is mapped below vm.mmap_min_addr, which is 64 KiB wherever it is set. */
#define LITERAL_BELOW (1ULL << 16)
/* User addresses have 48 bits on the machines we run on, and 57 only on request. */
#define LITERAL_FROM (1ULL << 57)
/* No heap reaches so far up, and the distance of an address so far down is random. */
#define HEAP_ABOVE (16ULL << 40)
#define HEAP_BELOW (1ULL << 20)
/* A program that misses the heap by more did not mean the heap. */
#define FAULT_ABOVE (1ULL << 30)

bool is_literal(uint64_t addr)
{
	return addr < LITERAL_BELOW || addr >= LITERAL_FROM;
}

bool is_out_of_reach(const struct event *ev, uint64_t addr)
{
	return is_literal(addr) || addr + HEAP_BELOW < ev->heap_start ||
	       addr > ev->heap_start + HEAP_ABOVE;
}

bool is_near_heap(const struct event *ev)
{
	uint64_t addr = ev->fault.addr;

	return !is_out_of_reach(ev, addr) && (addr < ev->brk || addr - ev->brk <= FAULT_ABOVE);
}

static void relative(char to[PLACE_MAX], const char *base, uint64_t from, uint64_t addr)
{
	if (addr == from)
		snprintf(to, PLACE_MAX, "%s", base);
	else if (addr > from)
		snprintf(to, PLACE_MAX, "%s+0x%" PRIx64, base, addr - from);
	else
		snprintf(to, PLACE_MAX, "%s-0x%" PRIx64, base, from - addr);
}

static int other_place(struct place_names *names, char to[PLACE_MAX], uint64_t addr)
{
	uint32_t number = place_names_other(names, addr);

	if (!number)
		return -ENOMEM;
	snprintf(to, PLACE_MAX, "<addr%" PRIu32 ">", number);
	return 0;
}

static void heap_place(char to[PLACE_MAX], const struct event *ev, uint64_t addr)
{
	if (is_literal(addr))
		text_hex(to, addr);
	else
		relative(to, "heap", ev->heap_start, addr);
}

/* Name the place that a call on mappings or a fault is about. */
static int map_place(struct place_names *names, char to[PLACE_MAX], const struct event *ev,
		     uint64_t addr)
{
	char name[PLACE_MAX];
	uint64_t base;
	uint32_t map;

	map = is_literal(addr) ? 0 : place_names_map(names, addr, &base);
	if (is_literal(addr)) {
		text_hex(to, addr);
	} else if (map) {
		snprintf(name, sizeof(name), "<map%" PRIu32 ">", map);
		relative(to, name, base, addr);
	} else if (addr >= ev->heap_start && addr < ev->brk) {
		relative(to, "heap", ev->heap_start, addr);
	} else {
		return other_place(names, to, addr);
	}
	return 0;
}

static int normalize_fault(struct place_names *names, const struct event *ev, struct places *places)
{
	uint64_t addr = ev->fault.addr, base;

	if (!is_near_heap(ev) || place_names_map(names, addr, &base))
		return map_place(names, places->addr, ev, addr);
	heap_place(places->addr, ev, addr);
	return 0;
}

static int normalize_brk(struct place_names *names, const struct event *ev, struct places *places)
{
	heap_place(places->before, ev, ev->move.before);
	heap_place(places->after, ev, ev->move.after);
	if (!is_literal(ev->move.requested) && is_out_of_reach(ev, ev->move.requested))
		return other_place(names, places->requested, ev->move.requested);
	heap_place(places->requested, ev, ev->move.requested);
	return 0;
}

/* A register that the call does not read may hold anything. */
static bool has_new_addr(const struct event *ev)
{
	return ev->kind == BRKWATCH_EVENT_KIND_MREMAP &&
	       ev->map.flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
}

bool returns_place(const struct event *ev)
{
	return !ev->error &&
	       (ev->kind == BRKWATCH_EVENT_KIND_MMAP || ev->kind == BRKWATCH_EVENT_KIND_MREMAP ||
		ev->kind == BRKWATCH_EVENT_KIND_SHMAT);
}

static int learn(struct normalizer *normalizer, struct place_names *names, const struct event *ev)
{
	const uint64_t page = normalizer->geometry.page;
	uint64_t start, end;

	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_MMAP:
		if (!event_span(ev, &normalizer->geometry, &start, &end))
			return 0;
		return place_names_add(names, start, end);
	case BRKWATCH_EVENT_KIND_MUNMAP:
		if (!event_span(ev, &normalizer->geometry, &start, &end))
			return 0;
		return place_names_remove(names, start, end);
	case BRKWATCH_EVENT_KIND_MREMAP:
		return place_names_remap(names, ev, page);
	case BRKWATCH_EVENT_KIND_SHMAT:
		/* The event does not contain the size of the segment. */
		return place_names_add(names, ev->map.result, ev->map.result + page);
	case BRKWATCH_EVENT_KIND_SHMDT:
		return place_names_remove(names, ev->map.addr, ev->map.addr + page);
	default:
		return 0;
	}
}

static int normalize_map(struct normalizer *normalizer, struct place_names *names,
			 const struct event *ev, struct places *places)
{
	int err = map_place(names, places->addr, ev, ev->map.addr);

	if (!err && has_new_addr(ev))
		err = map_place(names, places->new_addr, ev, ev->map.new_addr);
	if (!err && !ev->error)
		err = learn(normalizer, names, ev);
	if (!err && returns_place(ev))
		err = map_place(names, places->result, ev, ev->map.result);
	return err;
}

static int write_names(struct normalizer *normalizer, const struct event *ev, struct places *places)
{
	struct place_names *names = place_names_all_get(&normalizer->names, ev->watch);

	if (!names)
		return -ENOMEM;
	if (ev->has_heap) {
		heap_place(places->heap_start, ev, ev->heap_start);
		heap_place(places->brk, ev, ev->brk);
	}
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		return normalize_brk(names, ev, places);
	case BRKWATCH_EVENT_KIND_FAULT:
		return normalize_fault(names, ev, places);
	case BRKWATCH_EVENT_KIND_CLONE:
		if (!ev->clone.watch)
			return 0;
		return place_names_all_copy(&normalizer->names, ev->watch, ev->clone.watch);
	case BRKWATCH_EVENT_KIND_EXEC:
		place_names_clear(names);
		return 0;
	case BRKWATCH_EVENT_KIND_EXIT:
		place_names_all_drop(&normalizer->names, ev->watch);
		return 0;
	default:
		if (!event_is_call(ev->kind))
			return 0;
		return normalize_map(normalizer, names, ev, places);
	}
}

static void write_raw_map(const struct event *ev, struct places *places)
{
	text_hex(places->addr, ev->map.addr);
	if (has_new_addr(ev))
		text_hex(places->new_addr, ev->map.new_addr);
	if (returns_place(ev))
		text_hex(places->result, ev->map.result);
}

static void write_raw(const struct event *ev, struct places *places)
{
	if (ev->has_heap) {
		text_hex(places->heap_start, ev->heap_start);
		text_hex(places->brk, ev->brk);
	}
	if (ev->kind == BRKWATCH_EVENT_KIND_BRK) {
		text_hex(places->requested, ev->move.requested);
		text_hex(places->before, ev->move.before);
		text_hex(places->after, ev->move.after);
	} else if (event_is_call(ev->kind)) {
		write_raw_map(ev, places);
	}
}

/* Only the first byte of each: all of them together take more than the names of most events. */
static void empty(struct places *places)
{
	places->heap_start[0] = '\0';
	places->brk[0] = '\0';
	places->requested[0] = '\0';
	places->before[0] = '\0';
	places->after[0] = '\0';
	places->addr[0] = '\0';
	places->new_addr[0] = '\0';
	places->result[0] = '\0';
}

int normalize(struct normalizer *normalizer, const struct event *ev, struct places *places)
{
	empty(places);
	if (normalizer->on)
		return write_names(normalizer, ev, places);
	if (ev->kind == BRKWATCH_EVENT_KIND_FAULT)
		text_hex(places->addr, ev->fault.addr);
	if (!normalizer->terse)
		write_raw(ev, places);
	return 0;
}

void normalizer_forget(struct normalizer *normalizer, uint32_t watch)
{
	place_names_all_drop(&normalizer->names, watch);
}

void normalizer_free(struct normalizer *normalizer)
{
	place_names_all_free(&normalizer->names);
}
