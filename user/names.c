// SPDX-License-Identifier: GPL-2.0
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <linux/mman.h>

#include "names.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NAME(value)           \
	{                     \
		value, #value \
	}

#ifndef MAP_32BIT
#define MAP_32BIT 0x40 /* x86 only; elsewhere no one sets the bit */
#endif
/* Newer than the headers of Debian 12. */
#ifndef MAP_ABOVE4G
#define MAP_ABOVE4G 0x80 /* x86 only */
#endif
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08
#endif
#define HUGE_BITS ((uint64_t)MAP_HUGE_MASK << MAP_HUGE_SHIFT)

struct name {
	uint64_t value;
	const char *text;
};

/* Both in strace's order, which is neither by value nor by name. */
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

/* A string that grows in a buffer of NAMES_MAX bytes. */
struct text {
	char *buf;
	size_t len;
};

static void __attribute__((format(printf, 2, 3))) add(struct text *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(text->buf + text->len, NAMES_MAX - text->len, fmt, args);
	va_end(args);
	text->len += strlen(text->buf + text->len);
}

/* Name the bits that have a name; returns those that have none. */
static uint64_t add_bits(struct text *text, const struct name *names, size_t n, uint64_t bits)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!(bits & names[i].value))
			continue;
		add(text, "%s%s", text->len ? "|" : "", names[i].text);
		bits &= ~names[i].value;
	}
	return bits;
}

const char *names_prot(char buf[NAMES_MAX], uint64_t prot)
{
	struct text text = { buf, 0 };
	uint64_t rest;

	buf[0] = '\0';
	rest = add_bits(&text, prots, ARRAY_SIZE(prots), prot);
	if (!prot)
		add(&text, "PROT_NONE");
	else if (rest == prot)
		add(&text, "%#llx /* PROT_??? */", (unsigned long long)rest);
	else if (rest)
		add(&text, "|%#llx", (unsigned long long)rest);
	return buf;
}

static void add_type(struct text *text, uint64_t type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(map_types); i++) {
		if (map_types[i].value == type) {
			add(text, "%s", map_types[i].text);
			return;
		}
	}
	add(text, "%#llx /* MAP_??? */", (unsigned long long)type);
}

const char *names_flags(char buf[NAMES_MAX], uint64_t flags)
{
	struct text text = { buf, 0 };
	uint64_t huge = flags & HUGE_BITS;
	uint64_t rest;

	buf[0] = '\0';
	add_type(&text, flags & MAP_TYPE);
	/* strace drops the upper half, as 32-bit masks do; the kernel knows no bit there. */
	rest = add_bits(&text, flag_bits, ARRAY_SIZE(flag_bits),
			flags & UINT32_MAX & ~HUGE_BITS & ~(uint64_t)MAP_TYPE);
	if (rest)
		add(&text, "|%#llx", (unsigned long long)rest);
	if (huge)
		add(&text, "|%llu<<MAP_HUGE_SHIFT", (unsigned long long)huge >> MAP_HUGE_SHIFT);
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

/* The kernel's first real-time signal; the C library's SIGRTMIN comes later. */
#define KERNEL_SIGRTMIN 32

const char *names_signal(char buf[NAMES_MAX], int sig)
{
	const char *name = sigabbrev_np(sig);

	/* One number, two names: glibc says SIGPOLL. */
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
