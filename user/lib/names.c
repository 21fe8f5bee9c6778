// SPDX-License-Identifier: GPL-2.0
/* Numbers of the system-call interface as strace names them. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <linux/brkwatch.h>
#include <linux/mman.h>
#include <linux/seccomp.h>
#include <linux/shm.h>

#include "lib/names.h"
#include "lib/text_buffer.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NAME(value)           \
	{                     \
		value, #value \
	}

#ifndef MAP_32BIT
#define MAP_32BIT 0x40 /* x86 only; elsewhere no one sets the bit */
#endif
/* These are newer than the headers of Debian 12. */
#ifndef MAP_ABOVE4G
#define MAP_ABOVE4G 0x80 /* x86 only */
#endif
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#define HUGE_BITS ((uint64_t)MAP_HUGE_MASK << MAP_HUGE_SHIFT)

struct name {
	uint64_t value;
	const char *text;
};

/* Both tables are in strace's order, which is neither by value nor by name. */
static const struct name prots[] = {
	NAME(PROT_READ), NAME(PROT_WRITE),     NAME(PROT_EXEC),
	NAME(PROT_SEM),	 NAME(PROT_GROWSDOWN), NAME(PROT_GROWSUP),
};

static const struct name flag_bits[] = {
	NAME(MAP_FIXED),     NAME(MAP_ANONYMOUS),  NAME(MAP_32BIT),	      NAME(MAP_ABOVE4G),
	NAME(MAP_NORESERVE), NAME(MAP_POPULATE),   NAME(MAP_NONBLOCK),	      NAME(MAP_GROWSDOWN),
	NAME(MAP_DENYWRITE), NAME(MAP_EXECUTABLE), NAME(MAP_LOCKED),	      NAME(MAP_STACK),
	NAME(MAP_HUGETLB),   NAME(MAP_SYNC),	   NAME(MAP_FIXED_NOREPLACE),
};

static const struct name map_types[] = {
	{ 0, "MAP_FILE" },	   NAME(MAP_SHARED),	NAME(MAP_PRIVATE),
	NAME(MAP_SHARED_VALIDATE), NAME(MAP_DROPPABLE),
};

static const struct name mremap_bits[] = {
	NAME(MREMAP_MAYMOVE),
	NAME(MREMAP_FIXED),
	NAME(MREMAP_DONTUNMAP),
};

static const struct name shmat_bits[] = {
	NAME(SHM_RDONLY),
	NAME(SHM_RND),
	NAME(SHM_REMAP),
	NAME(SHM_EXEC),
};

static const struct name advices[] = {
	NAME(MADV_NORMAL),	    NAME(MADV_RANDOM),	      NAME(MADV_SEQUENTIAL),
	NAME(MADV_WILLNEED),	    NAME(MADV_DONTNEED),      NAME(MADV_FREE),
	NAME(MADV_REMOVE),	    NAME(MADV_DONTFORK),      NAME(MADV_DOFORK),
	NAME(MADV_MERGEABLE),	    NAME(MADV_UNMERGEABLE),   NAME(MADV_HUGEPAGE),
	NAME(MADV_NOHUGEPAGE),	    NAME(MADV_DONTDUMP),      NAME(MADV_DODUMP),
	NAME(MADV_WIPEONFORK),	    NAME(MADV_KEEPONFORK),    NAME(MADV_COLD),
	NAME(MADV_PAGEOUT),	    NAME(MADV_POPULATE_READ), NAME(MADV_POPULATE_WRITE),
	NAME(MADV_DONTNEED_LOCKED), NAME(MADV_COLLAPSE),      NAME(MADV_HWPOISON),
	NAME(MADV_SOFT_OFFLINE),    NAME(MADV_GUARD_INSTALL), NAME(MADV_GUARD_REMOVE),
};

/* x86 can send these codes. */
static const struct name segv_codes[] = {
	{ 1, "SEGV_MAPERR" }, { 2, "SEGV_ACCERR" }, { 3, "SEGV_BNDERR" },
	{ 4, "SEGV_PKUERR" }, { 10, "SEGV_CPERR" }, { 0x80, "SI_KERNEL" },
};

static const struct name bus_codes[] = {
	{ 1, "BUS_ADRALN" },	{ 2, "BUS_ADRERR" },	{ 3, "BUS_OBJERR" },
	{ 4, "BUS_MCEERR_AR" }, { 5, "BUS_MCEERR_AO" }, { 0x80, "SI_KERNEL" },
};

static const char *const events[] = {
	[BRKWATCH_EVENT_KIND_BRK] = "brk",
	[BRKWATCH_EVENT_KIND_MMAP] = "mmap",
	[BRKWATCH_EVENT_KIND_MUNMAP] = "munmap",
	[BRKWATCH_EVENT_KIND_MREMAP] = "mremap",
	[BRKWATCH_EVENT_KIND_MPROTECT] = "mprotect",
	[BRKWATCH_EVENT_KIND_PKEY_MPROTECT] = "pkey_mprotect",
	[BRKWATCH_EVENT_KIND_MADVISE] = "madvise",
	[BRKWATCH_EVENT_KIND_SHMAT] = "shmat",
	[BRKWATCH_EVENT_KIND_SHMDT] = "shmdt",
	[BRKWATCH_EVENT_KIND_CLONE] = "clone",
	[BRKWATCH_EVENT_KIND_EXEC] = "exec",
	[BRKWATCH_EVENT_KIND_EXIT] = "exit",
	[BRKWATCH_EVENT_KIND_FAULT] = "fault",
	[BRKWATCH_EVENT_KIND_SNAPSHOT] = "snapshot",
	[BRKWATCH_EVENT_KIND_LEAVE] = "leave",
	[BRKWATCH_EVENT_KIND_MARK] = "mark",
};

/* Names the bits that have a name. Returns all other bits. */
static uint64_t add_bits(struct text_buffer *text, const struct name *names, size_t n,
			 uint64_t bits)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!(bits & names[i].value))
			continue;
		if (text->len)
			text_add_char(text, '|');
		text_add(text, names[i].text);
		bits &= ~names[i].value;
	}
	return bits;
}

/* A number that has no name, and in a comment what it would be the name of. */
static void add_unknown(struct text_buffer *text, uint64_t value, const char *unknown)
{
	text_add_hex(text, value);
	text_add(text, " /* ");
	text_add(text, unknown);
	text_add(text, " */");
}

/* Writes none if no bit is set, and unknown if none of the bits has a name. */
static const char *name_bits(char buf[NAMES_MAX], const struct name *names, size_t n, uint64_t bits,
			     const char *none, const char *unknown)
{
	struct text_buffer text = text_in(buf, NAMES_MAX);
	uint64_t rest = add_bits(&text, names, n, bits);

	if (!bits) {
		text_add(&text, none);
	} else if (rest == bits) {
		add_unknown(&text, rest, unknown);
	} else if (rest) {
		text_add_char(&text, '|');
		text_add_hex(&text, rest);
	}
	return buf;
}

static const char *find_name(const struct name *names, size_t n, uint64_t value)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (names[i].value == value)
			return names[i].text;
	return NULL;
}

const char *names_event(uint32_t kind)
{
	return kind < ARRAY_SIZE(events) ? events[kind] : NULL;
}

const char *names_prot(char buf[NAMES_MAX], uint64_t prot)
{
	return name_bits(buf, prots, ARRAY_SIZE(prots), prot, "PROT_NONE", "PROT_???");
}

static void add_type(struct text_buffer *text, uint64_t type)
{
	const char *name = find_name(map_types, ARRAY_SIZE(map_types), type);

	if (name)
		text_add(text, name);
	else
		add_unknown(text, type, "MAP_???");
}

const char *names_flags(char buf[NAMES_MAX], uint64_t flags)
{
	struct text_buffer text = text_in(buf, NAMES_MAX);
	uint64_t huge = flags & HUGE_BITS;
	uint64_t rest;

	add_type(&text, flags & MAP_TYPE);
	/* strace drops the upper half, as 32-bit masks do; the kernel knows no bit there. */
	rest = add_bits(&text, flag_bits, ARRAY_SIZE(flag_bits),
			flags & UINT32_MAX & ~HUGE_BITS & ~(uint64_t)MAP_TYPE);
	if (rest) {
		text_add_char(&text, '|');
		text_add_hex(&text, rest);
	}
	if (huge) {
		text_add_char(&text, '|');
		text_add_u64(&text, huge >> MAP_HUGE_SHIFT);
		text_add(&text, "<<MAP_HUGE_SHIFT");
	}
	return buf;
}

const char *names_mremap(char buf[NAMES_MAX], uint64_t flags)
{
	return name_bits(buf, mremap_bits, ARRAY_SIZE(mremap_bits), flags, "0", "MREMAP_???");
}

const char *names_shmat(char buf[NAMES_MAX], uint64_t flags)
{
	/* The argument is an int, so ignore its upper half. */
	return name_bits(buf, shmat_bits, ARRAY_SIZE(shmat_bits), (uint32_t)flags, "0", "SHM_???");
}

const char *names_advice(char buf[NAMES_MAX], int32_t advice)
{
	const char *name = find_name(advices, ARRAY_SIZE(advices), (uint32_t)advice);
	struct text_buffer text = text_in(buf, NAMES_MAX);

	if (name)
		text_add(&text, name);
	else
		add_unknown(&text, (uint32_t)advice, "MADV_???");
	return buf;
}

const char *names_code(char buf[NAMES_MAX], int sig, int32_t code)
{
	const char *name;

	if (sig == SIGBUS)
		name = find_name(bus_codes, ARRAY_SIZE(bus_codes), (uint32_t)code);
	else
		name = find_name(segv_codes, ARRAY_SIZE(segv_codes), (uint32_t)code);
	if (name)
		snprintf(buf, NAMES_MAX, "%s", name);
	else
		snprintf(buf, NAMES_MAX, "%#x", code);
	return buf;
}

const char *names_errno(char buf[NAMES_MAX], unsigned int error)
{
	const char *name = strerrorname_np(error);

	if (name)
		snprintf(buf, NAMES_MAX, "%s", name);
	else
		snprintf(buf, NAMES_MAX, "errno %u", error);
	return buf;
}

const char *names_seccomp(uint32_t mode)
{
	static const char *const names[] = {
		[SECCOMP_MODE_DISABLED] = "off",
		[SECCOMP_MODE_STRICT] = "strict",
		[SECCOMP_MODE_FILTER] = "filter",
	};

	return mode < ARRAY_SIZE(names) ? names[mode] : NULL;
}

/* This is the kernel's first real-time signal; the C library's SIGRTMIN comes later. */
#define KERNEL_SIGRTMIN 32

const char *names_signal(char buf[NAMES_MAX], int sig)
{
	const char *name = sigabbrev_np(sig);

	/* One number has two names, and glibc prints SIGPOLL. */
	if (sig == SIGIO)
		snprintf(buf, NAMES_MAX, "SIGIO");
	else if (name)
		snprintf(buf, NAMES_MAX, "SIG%s", name);
	else if (sig == KERNEL_SIGRTMIN)
		snprintf(buf, NAMES_MAX, "SIGRTMIN");
	else
		snprintf(buf, NAMES_MAX, "SIGRT_%d", sig - KERNEL_SIGRTMIN);
	return buf;
}
