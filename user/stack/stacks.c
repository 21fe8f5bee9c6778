// SPDX-License-Identifier: GPL-2.0
/* The callers, for all processes of a session. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "lib/array.h"
#include "stack/asker.h"
#include "stack/exec_map.h"
#include "stack/stacks.h"

#define PROCESSES_MIN 8
#define IMAGES_MIN 16

/**
 * struct stacks_process - what a process has mapped
 * @watch: id of its watch
 * @asked: the tool has asked the module for what it has mapped
 * @unwinder: what was there at the last event
 * @images: images that came later, by rising time; the structure owns their paths
 * @n: how many
 * @cap: room in @images
 */
struct stacks_process {
	uint32_t watch;
	bool asked;
	struct unwinder *unwinder;
	struct image *images;
	size_t n;
	size_t cap;
};

static size_t place_of(const struct stacks *stacks, uint32_t watch)
{
	return array_place(stacks->v, stacks->n, sizeof(*stacks->v),
			   offsetof(struct stacks_process, watch), watch);
}

static struct stacks_process *find(const struct stacks *stacks, uint32_t watch)
{
	size_t at = place_of(stacks, watch);

	return at < stacks->n && stacks->v[at].watch == watch ? &stacks->v[at] : NULL;
}

static struct stacks_process *make(struct stacks *stacks, uint32_t watch)
{
	struct unwinder *unwinder = unwind_new();
	size_t at = place_of(stacks, watch);
	struct stacks_process *v;

	if (!unwinder)
		return NULL;
	v = array_insert(stacks->v, &stacks->n, &stacks->cap, sizeof(*v), PROCESSES_MIN, at);
	if (!v) {
		unwind_free(unwinder);
		return NULL;
	}
	stacks->v = v;
	stacks->v[at].watch = watch;
	stacks->v[at].unwinder = unwinder;
	return &stacks->v[at];
}

static struct stacks_process *find_or_make(struct stacks *stacks, uint32_t watch)
{
	/* Most events are of the process of the event before. */
	if (!stacks->latest || stacks->latest->watch != watch)
		stacks->latest = find(stacks, watch) ?: make(stacks, watch);
	return stacks->latest;
}

int stacks_image(struct stacks *stacks, const struct image *image)
{
	struct stacks_process *process = find_or_make(stacks, image->watch);
	struct image *v;
	char *path;

	if (!process)
		return -ENOMEM;
	v = array_room(process->images, process->n, &process->cap, sizeof(*v), IMAGES_MIN);
	if (!v)
		return -ENOMEM;
	process->images = v;
	path = strdup(image->path);
	if (!path)
		return -ENOMEM;
	v[process->n] = *image;
	v[process->n++].path = path;
	return 0;
}

int stacks_now(struct stacks *stacks, const struct image *image)
{
	struct stacks_process *process = find_or_make(stacks, image->watch);

	return process ? unwind_image(process->unwinder, image) : -ENOMEM;
}

/* An image noted before a moment was mapped at that moment. */
static int advance(struct stacks_process *process, uint64_t time)
{
	size_t i = 0;
	int err = 0;

	for (; i < process->n && !err && process->images[i].time < time; i++) {
		err = unwind_image(process->unwinder, &process->images[i]);
		free((char *)process->images[i].path);
	}
	if (!i)
		return 0;
	process->n -= i;
	memmove(process->images, process->images + i, process->n * sizeof(*process->images));
	return err;
}

/* A child begins with the mapped code of its parent. */
static int inherit(struct stacks *stacks, const struct event *ev)
{
	struct stacks_process *child = find_or_make(stacks, ev->clone.watch);
	struct stacks_process *parent = find(stacks, ev->watch);

	return child && parent ? unwind_copy(child->unwinder, parent->unwinder) : -ENOMEM;
}

/* A call that had to place a mapping at @addr may have unmapped what was there before it failed. */
static void cover_new(struct exec_maps *maps, const struct event *ev, bool fixed, uint64_t addr,
		      uint64_t length)
{
	uint64_t start = ev->error ? addr : ev->map.result;
	uint64_t end = length > UINT64_MAX - start ? UINT64_MAX : start + length;

	if (!ev->error || fixed)
		exec_maps_cover(maps, start, end, ev->time);
}

/*
 * What is unmapped, or does not come to a child, is covered, too, because the kernel can put
 * another file there without a call that the module sees, such as the ring of io_setup(2). How
 * large a segment of shared memory is, its event does not say.
 */
static void cover(struct stacks_process *process, const struct event *ev)
{
	struct exec_maps *maps = unwind_maps(process->unwinder);
	uint64_t addr = ev->map.addr, end = addr + ev->map.length;

	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_MMAP:
		cover_new(maps, ev, ev->map.flags & MAP_FIXED, addr, ev->map.length);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
		exec_maps_cover(maps, addr, end, ev->time);
		break;
	case BRKWATCH_EVENT_KIND_MREMAP:
		exec_maps_cover(maps, addr, end, ev->time);
		cover_new(maps, ev, ev->map.flags & MREMAP_FIXED, ev->map.new_addr,
			  ev->map.new_length);
		break;
	case BRKWATCH_EVENT_KIND_SHMAT:
		cover_new(maps, ev, ev->map.flags & SHM_REMAP, addr, UINT64_MAX);
		break;
	case BRKWATCH_EVENT_KIND_MADVISE:
		if (ev->map.advice == MADV_DONTFORK)
			exec_maps_cover(maps, addr, end, ev->time);
		break;
	default:
		break;
	}
}

int stacks_event(struct stacks *stacks, const struct event *ev)
{
	struct stacks_process *process = find_or_make(stacks, ev->watch);
	int err = process ? advance(process, ev->time) : -ENOMEM;

	stacks->traced = false;
	if (!err)
		cover(process, ev);
	if (!err && ev->kind == BRKWATCH_EVENT_KIND_EXEC)
		unwind_forget(process->unwinder, ev->time);
	if (!err && ev->kind == BRKWATCH_EVENT_KIND_CLONE && ev->clone.watch &&
	    ev->clone.kind != BRKWATCH_CLONE_KIND_THREAD)
		err = inherit(stacks, ev);
	return err;
}

bool stacks_wants(struct stacks *stacks, uint32_t watch)
{
	struct stacks_process *process = find_or_make(stacks, watch);

	if (!process || process->asked || !unwind_is_empty(process->unwinder))
		return false;
	process->asked = true;
	return true;
}

const struct trace *stacks_trace(struct stacks *stacks, const struct event *ev)
{
	struct stacks_process *process = ev->stack.registers ? find(stacks, ev->watch) : NULL;

	if (!process)
		return NULL;
	if (!stacks->traced)
		stacks->traced = !unwind(process->unwinder, ev, &stacks->trace);
	return stacks->traced ? &stacks->trace : NULL;
}

struct asker stacks_asker(const struct stacks *stacks, const struct event *ev)
{
	const struct stacks_process *process = ev->asker.ip ? find(stacks, ev->watch) : NULL;
	struct asker asker = { .owner = OWNER_UNKNOWN };

	if (process)
		asker_find(&stacks->files, unwind_maps(process->unwinder), ev, &asker);
	return asker;
}

const char *stacks_file(const struct stacks *stacks, const struct event *ev, uint64_t addr)
{
	const struct stacks_process *process = find(stacks, ev->watch);
	const struct image *image =
		process ? exec_maps_file(unwind_maps(process->unwinder), addr, ev->time) : NULL;
	const struct elf_file *file = image ? elf_files_find(&stacks->files, image) : NULL;

	return file ? file->name : NULL;
}

static void free_process(struct stacks_process *process)
{
	while (process->n)
		free((char *)process->images[--process->n].path);
	free(process->images);
	unwind_free(process->unwinder);
}

void stacks_drop(struct stacks *stacks, uint32_t watch)
{
	struct stacks_process *process = find(stacks, watch);

	if (!process)
		return;
	free_process(process);
	stacks->latest = NULL;
	array_remove(stacks->v, &stacks->n, sizeof(*process), process - stacks->v);
}

void stacks_free(struct stacks *stacks)
{
	while (stacks->n)
		free_process(&stacks->v[--stacks->n]);
	free(stacks->v);
	elf_files_free(&stacks->files);
	memset(stacks, 0, sizeof(*stacks));
}
