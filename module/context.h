/* SPDX-License-Identifier: GPL-2.0 */
/* The context of a call: who asked, and what the kernel decided a failed call by. */
#ifndef _BRKWATCH_CONTEXT_H
#define _BRKWATCH_CONTEXT_H

#include <linux/build_bug.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "record.h"

/* Words from the stack that a context has room for: alone, and beside limits. */
#define CONTEXT_WORDS 14
#define CONTEXT_WORDS_BESIDE_LIMITS 5

/**
 * struct bw_limits - sizes of an address space and the limits on them, right after a call
 * @as: bytes of address space
 * @data: bytes of private writable memory
 * @locked: bytes locked
 * @limit_as: soft limit RLIMIT_AS in bytes; U64_MAX without a limit, as the others
 * @limit_data: RLIMIT_DATA
 * @limit_memlock: RLIMIT_MEMLOCK; U64_MAX for a process that may lock any memory
 * @limit_stack: RLIMIT_STACK
 * @committed: bytes that all processes were promised
 * @stack_pages: pages of stack
 * @static_data: bytes of initialized data, which brk(2) counts beside the heap; U32_MAX if more
 */
struct bw_limits {
	u64 as;
	u64 data;
	u64 locked;
	u64 limit_as;
	u64 limit_data;
	u64 limit_memlock;
	u64 limit_stack;
	u64 committed;
	u32 stack_pages;
	u32 static_data;
};

/**
 * struct bw_context - the context of one call; it lies in a ring beside the record
 * @ip: the user's instruction pointer
 * @n: how many @words there are
 * @mappings: with @limits: how many mappings
 * @lock_future: with @limits: mlockall(MCL_FUTURE) locks future mappings
 * @words: from the user's stack pointer up
 * @few_words: the same, if @limits follow
 * @limits: of a failed or refused call
 */
struct bw_context {
	u64 ip;
	u32 n;
	u32 mappings : 31;
	u32 lock_future : 1;
	union {
		u64 words[CONTEXT_WORDS];
		struct {
			u64 few_words[CONTEXT_WORDS_BESIDE_LIMITS];
			struct bw_limits limits;
		};
	};
};

/* As large as a record, so that a ring with contexts has half as many records as one without. */
static_assert(sizeof(struct bw_context) == 128);

/**
 * struct bw_contexts - which contexts a session notes
 * @askers: who made each call
 * @limits: what the kernel decided each failed or refused call by
 */
struct bw_contexts {
	bool askers;
	bool limits;
};

/**
 * bw_contexts_any() - does a session note any contexts?
 * @contexts: the session's
 *
 * Return: whether it does, so that its ring needs room for them.
 */
static inline bool bw_contexts_any(const struct bw_contexts *contexts)
{
	return contexts->askers || contexts->limits;
}

/**
 * bw_context_take_asker() - note who made a call of current
 * @context: gets it
 * @kind: kind of the call
 *
 * The C library's wrappers of most calls push nothing, so one word is the return address into the
 * caller. sbrk(3) calls that of brk(2), and the one of mremap(2), which takes a variable number of
 * arguments, may have a frame, so the tool has to step over these. A page that is not resident ends
 * the words, because a probe cannot wait for it. Inline, because it is on the way of every call.
 *
 * Context: the return probe of the call, preemption off.
 */
static __always_inline void bw_context_take_asker(struct bw_context *context, u32 kind)
{
	struct pt_regs *user = task_pt_regs(current);
	unsigned long sp = user_stack_pointer(user);

	context->ip = instruction_pointer(user);
	pagefault_disable();
	if (kind == BRKWATCH_EVENT_KIND_BRK || kind == BRKWATCH_EVENT_KIND_MREMAP)
		context->n = CONTEXT_WORDS - copy_user_words(context->words, sp, CONTEXT_WORDS);
	else
		context->n = 1 - copy_user_words(context->words, sp, 1);
	pagefault_enable();
}

/**
 * bw_context_has_words_of() - compare the words of two contexts
 * @context: one
 * @other: the other
 *
 * As memcmp(), which is a call and takes twice as long. Most breaks have all the words.
 *
 * Return: whether there are as many, and the same.
 */
static __always_inline bool bw_context_has_words_of(const struct bw_context *context,
						    const struct bw_context *other)
{
	u32 i;

	if (context->n != other->n)
		return false;
	if (context->n == CONTEXT_WORDS) {
#pragma GCC unroll 16
		for (i = 0; i < CONTEXT_WORDS; i++)
			if (context->words[i] != other->words[i])
				return false;
		return true;
	}
	for (i = 0; i < context->n; i++)
		if (context->words[i] != other->words[i])
			return false;
	return true;
}

void bw_context_take_limits(struct bw_context *context, u64 now);

#endif
