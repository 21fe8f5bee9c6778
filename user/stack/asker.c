// SPDX-License-Identifier: GPL-2.0
/* From where a call was made to whose code that is. */
#include <string.h>

#include "stack/asker.h"

/* The addresses of code are those behind a call, so look one byte before. */
#define BEFORE 1

/**
 * struct spot - a place in the code of a process
 * @file: the file that lies there
 * @place: part of the file, NULL if it is none that distinguishes who asks
 */
struct spot {
	const struct elf_file *file;
	const struct elf_place *place;
};

struct file_name {
	const char *beginning;
	enum code_owner owner;
};

/* Names of C libraries come first, because with musl the C library is the loader, too. */
static const struct file_name libc_names[] = {
	{ "libc.so", OWNER_GLIBC },
	{ "libc-2.", OWNER_GLIBC },
	{ "libc.musl-", OWNER_MUSL },
	{ "ld-musl-", OWNER_MUSL },
};

static const struct file_name loader_names[] = {
	{ "ld-linux", OWNER_LOADER },
	{ "ld-2.", OWNER_LOADER },
	{ "ld.so", OWNER_LOADER },
	{ "ld64.so", OWNER_LOADER },
};

/* Before 2.34 glibc had its threads in a library of their own. */
static const struct file_name names[] = {
	{ "libpthread.so", OWNER_GLIBC },
	{ "libpthread-2.", OWNER_GLIBC },
	{ "libjemalloc", OWNER_JEMALLOC },
	{ "libtcmalloc", OWNER_TCMALLOC },
	{ "libmimalloc", OWNER_MIMALLOC },
	{ "libjvm.so", OWNER_JVM },
	{ "libv8", OWNER_V8 },
	{ "libnode.so", OWNER_V8 },
	{ "libpython3.", OWNER_PYTHON },
	{ "python3", OWNER_PYTHON },
};

static const enum code_owner owners_of_parts[ELF_PARTS] = {
	[ELF_PART_CALL] = OWNER_UNKNOWN,      [ELF_PART_GLIBC] = OWNER_GLIBC,
	[ELF_PART_MUSL] = OWNER_MUSL,	      [ELF_PART_JEMALLOC] = OWNER_JEMALLOC,
	[ELF_PART_TCMALLOC] = OWNER_TCMALLOC, [ELF_PART_MIMALLOC] = OWNER_MIMALLOC,
	[ELF_PART_GO_SYSCALL] = OWNER_OTHER,
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

static enum code_owner find_name(const struct file_name *v, size_t n, const char *name)
{
	size_t i;

	/* Most names differ in the first letter. */
	for (i = 0; i < n; i++)
		if (*name == *v[i].beginning &&
		    !strncmp(name, v[i].beginning, strlen(v[i].beginning)))
			return v[i].owner;
	return OWNER_UNKNOWN;
}

/* A link can give a file any name, but the name that programs ask for stands in it. */
static bool is_one_of(const struct file_name *v, size_t n, const char *name,
		      const struct elf_facts *facts)
{
	return find_name(v, n, facts->soname) || find_name(v, n, name);
}

static enum code_owner owner_of_unread(const char *name, const struct elf_facts *facts)
{
	if (is_one_of(libc_names, N(libc_names), name, facts) ||
	    is_one_of(loader_names, N(loader_names), name, facts))
		return OWNER_UNKNOWN;
	return OWNER_OTHER;
}

enum code_owner owner_of_file(const char *name, const struct elf_facts *facts)
{
	enum code_owner owner;

	if (!facts->read)
		return owner_of_unread(name, facts);
	if (facts->libc && is_one_of(libc_names, N(libc_names), name, facts))
		return facts->glibc ? OWNER_GLIBC : OWNER_MUSL;
	if (is_one_of(loader_names, N(loader_names), name, facts))
		return OWNER_LOADER;
	owner = find_name(names, N(names), name);
	if (owner)
		return owner;
	if (facts->go)
		return OWNER_GO;
	return facts->v8 ? OWNER_V8 : OWNER_OTHER;
}

static const struct elf_file *file_of(const struct elf_files *files, struct exec_map *map)
{
	if (!map->file)
		map->file = elf_files_find(files, &map->image);
	return map->file;
}

static bool find_spot(const struct elf_files *files, const struct exec_maps *maps, uint64_t addr,
		      struct spot *spot)
{
	struct exec_map *map = exec_maps_at(maps, addr - BEFORE);

	spot->file = map ? file_of(files, map) : NULL;
	if (!spot->file)
		return false;
	spot->place = elf_facts_place(&spot->file->facts,
				      addr - BEFORE - map->image.start + map->image.offset);
	return true;
}

/* Is it the loader that the program of this process asks for? It may have any name. */
static bool is_interpreter(const struct elf_files *files, const struct exec_maps *maps,
			   const struct elf_file *file)
{
	size_t i;

	for (i = 0; i < maps->n; i++) {
		const struct elf_file *other = file_of(files, &maps->v[i]);
		const char *wanted = other ? other->facts.interpreter : "";

		if (*wanted && other->facts.program &&
		    (!strcmp(wanted, file->name) || !strcmp(wanted, file->facts.soname)))
			return true;
	}
	return false;
}

/* A program without symbols does not show what it contains: Go's packages, a C library. */
static bool hides_code(const struct elf_facts *facts, enum code_owner owner)
{
	if (facts->n)
		return false;
	return owner == OWNER_GO ||
	       (owner == OWNER_OTHER && facts->program && !*facts->interpreter);
}

static void fill(struct asker *asker, const struct elf_files *files, const struct exec_maps *maps,
		 const struct spot *spot)
{
	const struct elf_file *file = spot->file;
	enum code_owner owner = spot->place ? owners_of_parts[spot->place->part] : OWNER_UNKNOWN;

	if (!owner)
		owner = owner_of_file(file->name, &file->facts);
	if (owner == OWNER_OTHER && is_interpreter(files, maps, file))
		owner = OWNER_LOADER;
	*asker = (struct asker){
		.owner = owner,
		.guess = hides_code(&file->facts, owner),
		.program = file->facts.program,
		.file = file->name,
	};
}

/*
 * Where the kernel gives 32-bit programs no [vdso], a function of the loader makes all calls of the C
 * library, and the address behind the C library's own call is the word at the stack pointer.
 */
static bool is_passed_on(const struct elf_files *files, const struct exec_maps *maps,
			 const struct event *ev, const struct spot *spot)
{
	struct spot caller;

	return ev->traits & BRKWATCH_TRAIT_COMPAT && ev->asker.n &&
	       find_spot(files, maps, (uint32_t)ev->asker.words[0], &caller) &&
	       caller.file != spot->file;
}

static bool is_call(const struct spot *spot)
{
	return spot->place && spot->place->part == ELF_PART_CALL;
}

/*
 * The words begin at the stack pointer, and each function's own part of the stack ends with the
 * address of its caller. Where no table says how large that part is, nothing shows the caller; in
 * musl, which has no tables, the call then looks like one of musl's own.
 */
void asker_find(const struct elf_files *files, const struct exec_maps *maps, const struct event *ev,
		struct asker *asker)
{
	uint64_t addr = ev->asker.ip, bytes = 0;
	struct spot spot;

	*asker = (struct asker){ .owner = OWNER_UNKNOWN };
	while (find_spot(files, maps, addr, &spot)) {
		if (!is_call(&spot)) {
			fill(asker, files, maps, &spot);
			if (asker->owner == OWNER_LOADER && is_passed_on(files, maps, ev, &spot))
				*asker = (struct asker){ .owner = OWNER_UNKNOWN };
			return;
		}
		bytes += spot.place->frame;
		if (!spot.place->frame || bytes % sizeof(*ev->asker.words) ||
		    bytes / sizeof(*ev->asker.words) > ev->asker.n) {
			asker->guess = spot.file->facts.libc && !spot.file->facts.glibc;
			asker->owner = asker->guess ? OWNER_MUSL : OWNER_UNKNOWN;
			return;
		}
		addr = ev->asker.words[bytes / sizeof(*ev->asker.words) - 1];
	}
}
