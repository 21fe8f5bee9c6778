/* SPDX-License-Identifier: GPL-2.0 */
/* What the ranges of an address space are tagged with. */
#ifndef BRKWATCH_TAG_H
#define BRKWATCH_TAG_H

#include <stdbool.h>
#include <stdint.h>

/**
 * enum tag_class - what is mapped
 * @CLASS_NONE: nothing; a range has this class only when it is uncertain
 * @CLASS_ANONYMOUS: private, no file: the set that --check compares
 * @CLASS_FILE: a file's, or shared memory
 * @CLASS_GROWS_DOWN: a stack that the kernel extends
 * @CLASS_SPECIAL: the kernel's own, such as [vdso]
 */
enum tag_class {
	CLASS_NONE,
	CLASS_ANONYMOUS,
	CLASS_FILE,
	CLASS_GROWS_DOWN,
	CLASS_SPECIAL,
};

/* Same values as PROT_READ and so on. */
enum tag_prot {
	PROT_BIT_READ = 1,
	PROT_BIT_WRITE = 2,
	PROT_BIT_EXEC = 4,
};

/**
 * enum origin - where memory came from
 * @ORIGIN_UNKNOWN: it was there before anything was seen
 * @ORIGIN_HEAP: malloc of glibc moved the program break
 * @ORIGIN_PROGRAM_HEAP: the program or a library moved the program break by itself
 * @ORIGIN_EXEC: the kernel made it at exec, such as .bss
 * @ORIGIN_LOADER: the dynamic loader
 * @ORIGIN_MALLOC: a large malloc(3) of glibc
 * @ORIGIN_ARENA: reserved by glibc for the mallocs of a thread
 * @ORIGIN_STACK: a thread's stack
 * @ORIGIN_SPAWN: a stack for what posix_spawn(3) of glibc makes; always a guess
 * @ORIGIN_MUSL: malloc of musl
 * @ORIGIN_JEMALLOC: jemalloc
 * @ORIGIN_TCMALLOC: tcmalloc
 * @ORIGIN_MIMALLOC: mimalloc
 * @ORIGIN_GO: the runtime of Go
 * @ORIGIN_JVM: the virtual machine of Java
 * @ORIGIN_V8: V8, which runs JavaScript
 * @ORIGIN_OBMALLOC: an arena of CPython's allocator of small objects
 * @ORIGIN_LIBRARY: any other library
 * @ORIGIN_PROGRAM: the program itself
 * @ORIGIN_OVERLAY: MAP_FIXED over something that was mapped; a guess, when nothing shows who asked
 * @ORIGIN_DIRECT: any other mmap(2); likewise
 * @ORIGINS: how many there are
 */
enum origin {
	ORIGIN_UNKNOWN,
	ORIGIN_HEAP,
	ORIGIN_PROGRAM_HEAP,
	ORIGIN_EXEC,
	ORIGIN_LOADER,
	ORIGIN_MALLOC,
	ORIGIN_ARENA,
	ORIGIN_STACK,
	ORIGIN_SPAWN,
	ORIGIN_MUSL,
	ORIGIN_JEMALLOC,
	ORIGIN_TCMALLOC,
	ORIGIN_MIMALLOC,
	ORIGIN_GO,
	ORIGIN_JVM,
	ORIGIN_V8,
	ORIGIN_OBMALLOC,
	ORIGIN_LIBRARY,
	ORIGIN_PROGRAM,
	ORIGIN_OVERLAY,
	ORIGIN_DIRECT,
	ORIGINS,
};

#define TAG_CLASS 0x7ULL
#define TAG_PROT_SHIFT 3
#define TAG_PROT (0x7ULL << TAG_PROT_SHIFT)
#define TAG_ORIGIN_SHIFT 6
#define TAG_ORIGIN (0x1fULL << TAG_ORIGIN_SHIFT)
/* The origin is a guess. */
#define TAG_GUESS (1ULL << 11)
/* More than one state is possible; the rest of the tag is one of them. */
#define TAG_UNCERTAIN (1ULL << 12)
/* madvise(2) gave it back, and nothing has renewed it since. */
#define TAG_GIVEN_BACK (1ULL << 13)
/* A child does not get the mapping. */
#define TAG_DONT_FORK (1ULL << 14)
/*
 * The tool saw it mapped with MAP_ANONYMOUS, shared and huge mappings included, or saw mremap(2)
 * add it to private memory; memory of brk(2) never has this tag.
 */
#define TAG_COUNTED (1ULL << 15)
/* A process of which this one has a copy mapped it; goes with TAG_COUNTED. */
#define TAG_INHERITED (1ULL << 16)
/* The call had MAP_SHARED, or MAP_HUGETLB; both tags go with TAG_COUNTED. */
#define TAG_SHARED (1ULL << 17)
#define TAG_HUGE (1ULL << 18)
/* Page faults added it below a mapping that the tool saw made with MAP_GROWSDOWN. */
#define TAG_GREW (1ULL << 19)
/* Number of the file that asked for it, see ledger_origin(); 0 if it is not known. */
#define TAG_FILE_SHIFT 20
#define TAG_FILE (0xfffULL << TAG_FILE_SHIFT)
/* Number of the call that got it, see holdings.h; 0 if no view asks for it, or another got it. */
#define TAG_CALL_SHIFT 32
#define TAG_CALL (0xffffffffULL << TAG_CALL_SHIFT)

static inline enum tag_class tag_class(uint64_t tag)
{
	return (enum tag_class)(tag & TAG_CLASS);
}

/* Bits of enum tag_prot. */
static inline int tag_prot(uint64_t tag)
{
	return (tag & TAG_PROT) >> TAG_PROT_SHIFT;
}

static inline enum origin tag_origin(uint64_t tag)
{
	return (enum origin)((tag & TAG_ORIGIN) >> TAG_ORIGIN_SHIFT);
}

static inline unsigned int tag_file(uint64_t tag)
{
	return (tag & TAG_FILE) >> TAG_FILE_SHIFT;
}

static inline bool tag_is_guess(uint64_t tag)
{
	return tag & TAG_GUESS;
}

static inline bool tag_is_uncertain(uint64_t tag)
{
	return tag & TAG_UNCERTAIN;
}

static inline bool tag_is_given_back(uint64_t tag)
{
	return tag & TAG_GIVEN_BACK;
}

/* The call mapped it as anonymous, but the set does not include it. */
static inline bool tag_is_apart(uint64_t tag)
{
	return tag & (TAG_COUNTED | TAG_GREW) && tag_class(tag) != CLASS_ANONYMOUS;
}

static inline uint32_t tag_call(uint64_t tag)
{
	return tag >> TAG_CALL_SHIFT;
}

/* A snapshot keeps the origin, because the kernel does not know where a mapping came from. */
static inline uint64_t tag_renew(uint64_t old, uint64_t snapshot)
{
	const uint64_t ours = TAG_ORIGIN | TAG_GUESS | TAG_GIVEN_BACK | TAG_COUNTED |
			      TAG_INHERITED | TAG_SHARED | TAG_HUGE | TAG_GREW | TAG_FILE |
			      TAG_CALL;

	return tag_class(old) == tag_class(snapshot) ? (snapshot & ~ours) | (old & ours) : snapshot;
}

static inline uint64_t tag_of(enum tag_class class, int prot, enum origin origin)
{
	return (uint64_t) class | (uint64_t)prot << TAG_PROT_SHIFT |
	       (uint64_t)origin << TAG_ORIGIN_SHIFT;
}

#endif
