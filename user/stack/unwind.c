// SPDX-License-Identifier: GPL-2.0
/* Unwinding one stack with libdwfl. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <elfutils/libdwfl.h>
#include <libiberty/demangle.h>

#include "stack/cut_files.h"
#include "stack/exec_map.h"
#include "lib/format.h"
#include "stack/lookups.h"
#include "stack/opener.h"
#include "stack/rules.h"
#include "stack/unwind.h"

/* DWARF gives the stack pointer this number. */
#define REGISTER_SP 7
/* 32-bit programs have these, in an order of their own. */
#define REGISTERS_32 9

/**
 * struct unwinder - a process
 * @maps: its mapped code
 * @dwfl: libdwfl's process, NULL before the first trace
 * @attached: it asks us for registers and memory
 * @is_32: a 32-bit program
 * @copied: bytes of the files that it has as copies
 * @frames: the frames looked up so far, a tree of tsearch(3)
 * @ev: event in hand
 * @beyond: libdwfl asked for memory behind the copy
 * @trace: trace in hand
 * @err: of it, 0 or -ENOMEM
 */
struct unwinder {
	struct exec_maps maps;
	Dwfl *dwfl;
	bool attached;
	bool is_32;
	uint64_t copied;
	void *frames;
	const struct event *ev;
	bool beyond;
	struct trace *trace;
	int err;
};

/* A frame in the tree. The innermost goes on at its address, all others behind a call. */
struct found {
	uint64_t address;
	bool innermost;
	struct frame frame;
};

static int compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->innermost - y->innermost;
}

static void free_found(void *node)
{
	struct found *found = node;

	free(found->frame.path);
	free(found->frame.function);
	free(found->frame.source);
	free(found);
}

struct unwinder *unwind_new(void)
{
	elf_version(EV_CURRENT);
	return calloc(1, sizeof(struct unwinder));
}

static void drop_frames(struct unwinder *u)
{
	tdestroy(u->frames, free_found);
	u->frames = NULL;
}

static void drop_files(struct unwinder *u)
{
	size_t i;

	drop_frames(u);
	if (u->dwfl)
		dwfl_end(u->dwfl);
	u->dwfl = NULL;
	opener_release(u->copied);
	u->copied = 0;
	u->attached = false;
	u->is_32 = false;
	for (i = 0; i < u->maps.n; i++)
		u->maps.v[i].told = false;
	u->maps.stale = false;
	u->maps.fresh = true;
}

int unwind_image(struct unwinder *u, const struct image *image)
{
	/* Drop the frames, because some may come from what lay there before. */
	drop_frames(u);
	return exec_maps_add(&u->maps, image);
}

void unwind_forget(struct unwinder *u, uint64_t time)
{
	exec_maps_forget(&u->maps, time);
}

int unwind_copy(struct unwinder *to, const struct unwinder *from)
{
	size_t i;
	int err = 0;

	for (i = 0; i < from->maps.n && !err; i++) {
		err = unwind_image(to, &from->maps.v[i].image);
		if (!err)
			to->maps.v[to->maps.n - 1].covered = from->maps.v[i].covered;
	}
	return err;
}

struct exec_maps *unwind_maps(struct unwinder *u)
{
	return &u->maps;
}

bool unwind_is_empty(const struct unwinder *u)
{
	return !u->maps.n;
}

/* A file can lie in memory in several pieces. */
static bool is_told(const struct unwinder *u, const struct exec_map *map)
{
	size_t i;

	for (i = 0; i < u->maps.n; i++)
		if (u->maps.v[i].told && u->maps.v[i].bias == map->bias &&
		    !strcmp(u->maps.v[i].image.path, map->image.path))
			return true;
	return false;
}

static void tell_exec_map(struct unwinder *u, struct exec_map *map)
{
	uint64_t copied = 0;
	int fd = exec_map_open(map, u->ev->pid, &u->is_32, &copied);
	bool again = fd >= 0 && is_told(u, map);

	map->told = again || (fd >= 0 && dwfl_report_elf(u->dwfl, map->image.path, map->image.path,
							 fd, map->bias, true));
	map->unread = !map->told;
	/* libdwfl keeps the descriptor. */
	if (map->told && !again) {
		u->copied += copied;
		return;
	}
	if (fd >= 0)
		close(fd);
	opener_release(copied);
}

/* libdwfl demands this function, but asks only for the one thread that it gets. */
static pid_t next_thread(Dwfl *dwfl, void *arg, void **thread)
{
	(void)dwfl;
	if (*thread)
		return 0;
	*thread = arg;
	return 1;
}

static bool get_thread(Dwfl *dwfl, pid_t tid, void *arg, void **thread)
{
	(void)dwfl;
	(void)tid;
	*thread = arg;
	return true;
}

static uint64_t register_of(const struct event *ev, unsigned int number)
{
	uint64_t value;

	memcpy(&value, (const char *)ev->stack.registers + number * sizeof(value), sizeof(value));
	return value;
}

/* The copy of the stack is all memory that there is. */
static bool read_memory(Dwfl *dwfl, Dwarf_Addr addr, Dwarf_Word *result, void *arg)
{
	struct unwinder *u = arg;
	uint64_t from = register_of(u->ev, REGISTER_SP);
	size_t bytes = u->is_32 ? sizeof(uint32_t) : sizeof(uint64_t);
	uint32_t word;

	(void)dwfl;
	if (addr < from)
		return false;
	if (u->ev->stack.len < bytes || addr - from > u->ev->stack.len - bytes) {
		u->beyond = true;
		return false;
	}
	if (u->is_32) {
		memcpy(&word, (const char *)u->ev->stack.bytes + (addr - from), bytes);
		*result = word;
	} else {
		memcpy(result, (const char *)u->ev->stack.bytes + (addr - from), bytes);
	}
	return true;
}

static bool set_registers(Dwfl_Thread *thread, void *arg)
{
	/* eax ecx edx ebx esp ebp esi edi eip */
	static const unsigned int order_32[REGISTERS_32] = { 0, 2, 1, 3, 7, 6, 4, 5, 16 };
	const struct unwinder *u = arg;
	Dwarf_Word registers[EVENT_REGISTERS];
	unsigned int i, n = u->is_32 ? REGISTERS_32 : EVENT_REGISTERS;

	for (i = 0; i < n; i++)
		registers[i] = register_of(u->ev, u->is_32 ? order_32[i] : i);
	return dwfl_thread_state_registers(thread, 0, n, registers);
}

static bool make_process(struct unwinder *u)
{
	static const Dwfl_Thread_Callbacks threads = {
		.next_thread = next_thread,
		.get_thread = get_thread,
		.memory_read = read_memory,
		.set_initial_registers = set_registers,
	};
	struct exec_maps *maps = &u->maps;
	size_t i;

	if (maps->stale)
		drop_files(u);
	if (u->attached && !maps->fresh)
		return true;
	cut_files_bear();
	if (!u->dwfl)
		u->dwfl = lookups_begin();
	if (!u->dwfl)
		return false;
	dwfl_report_begin_add(u->dwfl);
	for (i = 0; i < maps->n; i++)
		if (!maps->v[i].told && !maps->v[i].unread)
			tell_exec_map(u, &maps->v[i]);
	if (dwfl_report_end(u->dwfl, NULL, NULL))
		return false;
	maps->fresh = false;
	if (!u->attached)
		u->attached = dwfl_attach_state(u->dwfl, NULL, 1, &threads, u);
	return u->attached;
}

static int name_function(struct frame *frame, Dwfl_Module *module, uint64_t addr)
{
	GElf_Off offset;
	GElf_Sym symbol;
	char *demangled;
	const char *name = dwfl_module_addrinfo(module, addr, &offset, &symbol, NULL, NULL, NULL);

	if (!name)
		return 0;
	frame->function_offset = offset + (frame->address - addr);
	demangled = cplus_demangle(name, DMGL_AUTO | DMGL_PARAMS | DMGL_ANSI);
	frame->function = format_safe(demangled ?: name);
	free(demangled);
	return frame->function ? 0 : -ENOMEM;
}

static int name_source(struct frame *frame, Dwfl_Module *module, uint64_t addr)
{
	Dwfl_Line *line = lookups_end(module) ? dwfl_module_getsrc(module, addr) : NULL;
	const char *source = line ? dwfl_lineinfo(line, NULL, &frame->line, NULL, NULL, NULL) :
				    NULL;

	if (!source)
		return 0;
	frame->source = format_safe(source);
	return frame->source ? 0 : -ENOMEM;
}

/* Look before the return address: if a call ends a function, it returns into the next one. */
static int fill_frame(const struct unwinder *u, struct frame *frame, bool innermost)
{
	uint64_t addr = frame->address - !innermost;
	const struct exec_map *map = exec_maps_at(&u->maps, addr);
	Dwfl_Module *module = map && !map->unread ? dwfl_addrmodule(u->dwfl, addr) : NULL;
	int err;

	if (!map)
		return 0;
	frame->path = format_safe(map->image.path);
	if (!frame->path)
		return -ENOMEM;
	frame->unread = !module;
	if (!module) {
		frame->offset = frame->address - map->image.start + map->image.offset;
		return 0;
	}
	frame->offset = frame->address - map->bias;
	err = name_function(frame, module, addr);
	if (!err)
		err = name_source(frame, module, addr);
	frame->known = rules_are_known(module, addr);
	frame->first = !frame->known && rules_are_needless(module, addr);
	return err;
}

static const struct frame *find_frame(struct unwinder *u, uint64_t address, bool innermost)
{
	struct found key = { .address = address, .innermost = innermost };
	struct found **node = tfind(&key, &u->frames, compare_found);
	struct found *found;

	if (node)
		return &(*node)->frame;
	found = calloc(1, sizeof(*found));
	if (!found)
		return NULL;
	found->address = address;
	found->innermost = innermost;
	found->frame.address = address;
	if (fill_frame(u, &found->frame, innermost) || !tsearch(found, &u->frames, compare_found)) {
		free_found(found);
		return NULL;
	}
	return &found->frame;
}

static int take_frame(Dwfl_Frame *state, void *arg)
{
	struct unwinder *u = arg;
	struct trace *trace = u->trace;
	const struct frame *frame;
	bool innermost;
	Dwarf_Addr pc;

	/* Reset it first: this call may read what the next frame needs, and too far counts. */
	u->beyond = false;
	if (!dwfl_frame_pc(state, &pc, &innermost))
		return -1;
	frame = find_frame(u, pc, innermost);
	if (!frame) {
		u->err = -ENOMEM;
		return DWARF_CB_ABORT;
	}
	if (trace->n == TRACE_MAX) {
		trace->end = TRACE_TRUNCATED;
		return DWARF_CB_ABORT;
	}
	trace->frames[trace->n++] = frame;
	if (frame->first)
		trace->end = TRACE_WHOLE;
	/* Stop here, because libdwfl would go on by guessing at frame pointers. */
	return frame->known ? DWARF_CB_OK : DWARF_CB_ABORT;
}

int unwind(struct unwinder *u, const struct event *ev, struct trace *trace)
{
	int status;

	trace->n = 0;
	trace->end = TRACE_UNKNOWN;
	u->ev = ev;
	u->beyond = false;
	u->trace = trace;
	u->err = 0;
	if (make_process(u)) {
		status = dwfl_getthread_frames(u->dwfl, 1, take_frame, u);
		/* libdwfl takes a return address that it cannot read for the end. */
		if (u->beyond)
			trace->end = TRACE_TRUNCATED;
		else if (!status)
			trace->end = TRACE_WHOLE;
	} else {
		trace->frames[0] = find_frame(u, register_of(ev, EVENT_REGISTERS - 1), true);
		trace->n = !!trace->frames[0];
		u->err = trace->n ? 0 : -ENOMEM;
	}
	u->ev = NULL;
	u->trace = NULL;
	return u->err;
}

void unwind_free(struct unwinder *u)
{
	if (!u)
		return;
	drop_files(u);
	exec_maps_free(&u->maps);
	free(u);
}
