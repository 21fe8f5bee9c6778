/* SPDX-License-Identifier: GPL-2.0 */
/* A message of each kind that the module sends, for tests of what is read from them. */
#ifndef UNIT_MESSAGES_H
#define UNIT_MESSAGES_H

#include <signal.h>
#include <stdlib.h>

#include "wire/decode.h"
#include "view_fixture.h"
#include "message.h"

#define EVENT(name) BRKWATCH_A_EVENT_##name
#define HEAD(kind)                                                                              \
	U32(EVENT(KIND), kind), U32(EVENT(WATCH), 3), U32(EVENT(PID), 42), U32(EVENT(TID), 43), \
		U64(EVENT(TIME), 1ULL << 40), U32(EVENT(TRAITS), BRKWATCH_TRAIT_COMPAT),        \
		U32(EVENT(LOST), 4), TEXT(EVENT(COMM), "lab")
#define STATE                                                                                  \
	U64(EVENT(DURATION), 5), U32(EVENT(ERROR), 0), U64(EVENT(HEAP_START), 0x555500000000), \
		U64(EVENT(BRK), 0x555500021000)

/* Where attributes lie in any message. */
enum { AT_KIND = 0, AT_COMM = 7, AT_ERROR = 9 };

#define MESSAGE(name, kind, ...) \
	static const struct attribute name##_message[] = { HEAD(kind), STATE, __VA_ARGS__ }

MESSAGE(brk, BRKWATCH_EVENT_KIND_BRK, U32(EVENT(BRK_KIND), BRKWATCH_BRK_KIND_GROW),
	U64(EVENT(REQUESTED), 11), U64(EVENT(BEFORE), 12), U64(EVENT(AFTER), 13));
MESSAGE(mmap, BRKWATCH_EVENT_KIND_MMAP, U64(EVENT(ADDR), 21), U64(EVENT(LENGTH), 22),
	U64(EVENT(PROT), 23), U64(EVENT(FLAGS), 24), U32(EVENT(FD), (uint32_t)-1),
	U64(EVENT(OFFSET), 25), U64(EVENT(RESULT), 26));
MESSAGE(munmap, BRKWATCH_EVENT_KIND_MUNMAP, U64(EVENT(ADDR), 31), U64(EVENT(LENGTH), 32),
	U64(EVENT(RESULT), 33));
MESSAGE(mremap, BRKWATCH_EVENT_KIND_MREMAP, U64(EVENT(ADDR), 41), U64(EVENT(LENGTH), 42),
	U64(EVENT(NEW_LENGTH), 43), U64(EVENT(FLAGS), 44), U64(EVENT(NEW_ADDR), 45),
	U64(EVENT(RESULT), 46));
MESSAGE(mprotect, BRKWATCH_EVENT_KIND_MPROTECT, U64(EVENT(ADDR), 51), U64(EVENT(LENGTH), 52),
	U64(EVENT(PROT), 53), U64(EVENT(RESULT), 54));
MESSAGE(pkey_mprotect, BRKWATCH_EVENT_KIND_PKEY_MPROTECT, U64(EVENT(ADDR), 51),
	U64(EVENT(LENGTH), 52), U64(EVENT(PROT), 53), U32(EVENT(PKEY), (uint32_t)-1),
	U64(EVENT(RESULT), 54));
MESSAGE(madvise, BRKWATCH_EVENT_KIND_MADVISE, U64(EVENT(ADDR), 61), U64(EVENT(LENGTH), 62),
	U32(EVENT(ADVICE), 63), U64(EVENT(RESULT), 64));
MESSAGE(shmat, BRKWATCH_EVENT_KIND_SHMAT, U32(EVENT(SHMID), (uint32_t)-2), U64(EVENT(ADDR), 71),
	U64(EVENT(FLAGS), 72), U64(EVENT(RESULT), 73));
MESSAGE(shmdt, BRKWATCH_EVENT_KIND_SHMDT, U64(EVENT(ADDR), 81), U64(EVENT(RESULT), 82));
MESSAGE(clone, BRKWATCH_EVENT_KIND_CLONE, U32(EVENT(CLONE_KIND), BRKWATCH_CLONE_KIND_SHARED),
	U32(EVENT(CHILD), 91), U32(EVENT(CHILD_WATCH), 92));
MESSAGE(exec, BRKWATCH_EVENT_KIND_EXEC);
MESSAGE(fault, BRKWATCH_EVENT_KIND_FAULT, U32(EVENT(SIGNAL), SIGSEGV),
	U32(EVENT(CODE), SEGV_ACCERR), U64(EVENT(ADDR), 101));
MESSAGE(snapshot, BRKWATCH_EVENT_KIND_SNAPSHOT, U32(EVENT(SNAPSHOT), 111));

static const struct attribute exit_message[] = {
	HEAD(BRKWATCH_EVENT_KIND_EXIT),
	U32(EVENT(EXIT_CODE), 121),
	U64(EVENT(PEAK_RSS), 122),
};

static const struct attribute leave_message[] = {
	HEAD(BRKWATCH_EVENT_KIND_LEAVE),
	U32(EVENT(LEAVE_REASON), BRKWATCH_LEAVE_REASON_CREDENTIALS),
};

static const struct attribute mark_message[] = {
	HEAD(BRKWATCH_EVENT_KIND_MARK),
	TEXT(EVENT(MARK), "phase 2"),
};

#define ENTRY(name)                                \
	{                                          \
		name##_message, N(name##_message), \
	}

/* By kind. */
static const struct attribute_list messages[KINDS] = {
	ENTRY(brk),	 ENTRY(mmap),	       ENTRY(munmap),  ENTRY(mremap),
	ENTRY(mprotect), ENTRY(pkey_mprotect), ENTRY(madvise), ENTRY(shmat),
	ENTRY(shmdt),	 ENTRY(clone),	       ENTRY(exec),    ENTRY(exit),
	ENTRY(fault),	 ENTRY(snapshot),      ENTRY(leave),   ENTRY(mark),
};

static const struct attribute moment[] = {
	U32(BRKWATCH_A_AREA_SNAPSHOT, 1), U32(BRKWATCH_A_AREA_WATCH, 2),
	U64(BRKWATCH_A_AREA_TIME, 3),	  U64(BRKWATCH_A_AREA_HEAP_START, 4),
	U64(BRKWATCH_A_AREA_BRK, 5),	  U32(BRKWATCH_A_AREA_AREAS, 6),
};

static const struct attribute area[] = {
	U32(BRKWATCH_A_AREA_SNAPSHOT, 1),
	U64(BRKWATCH_A_AREA_START, 0x1000),
	U64(BRKWATCH_A_AREA_END, 0x2000),
	U32(BRKWATCH_A_AREA_FLAGS, BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_ANONYMOUS),
};

static const struct attribute probe[] = {
	TEXT(BRKWATCH_A_PROBE_NAME, "mmap"),
	TEXT(BRKWATCH_A_PROBE_SYMBOL, "__x64_sys_mmap"),
	U32(BRKWATCH_A_PROBE_STATE, BRKWATCH_PROBE_STATE_MISSING),
	U32(BRKWATCH_A_PROBE_OPTIONAL, 256),
	U64(BRKWATCH_A_PROBE_MISSED, 9),
};

static inline int decode(const struct attribute *attributes, size_t n, struct event *ev)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = decode_event(hdr, ev);

	free(hdr);
	return err;
}

/* Each message except @whole: each attribute is missing, then too long. */
#define EXPECT_BAD(whole, decode, to)                                       \
	do {                                                                \
		struct attribute some[N(whole)];                            \
		size_t i;                                                   \
		for (i = 0; i < N(whole); i++) {                            \
			memcpy(some, whole, sizeof(whole));                 \
			some[i].type = 60;                                  \
			EXPECT_EQ(-EBADMSG, decode(some, N(whole), to));    \
			memcpy(some, whole, sizeof(whole));                 \
			/* The name has no room and no terminating zero. */ \
			some[i].len = some[i].text ? 0 : some[i].len + 4;   \
			EXPECT_EQ(-EBADMSG, decode(some, N(whole), to));    \
		}                                                           \
	} while (0)

#endif
