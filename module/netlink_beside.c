// SPDX-License-Identifier: GPL-2.0
/* What lies beside a record as netlink attributes: the user's stack, and the context of a call. */
#include <linux/brkwatch.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "context.h"
#include "netlink_fill.h"
#include "record.h"
#include "user_stack.h"

/* Lengths are multiples of 4, so there is nothing to pad. */
static void *put(void *to, u16 attr, const void *from, u32 bytes)
{
	struct nlattr *nla = to;

	nla->nla_type = attr;
	nla->nla_len = NLA_HDRLEN + bytes;
	memcpy(nla_data(nla), from, bytes);
	return to + nla->nla_len;
}

static void *put_u64(void *to, u16 attr, u64 value)
{
	return put(to, attr, &value, sizeof(value));
}

/**
 * bw_fill_stack_room() - bytes that a stack takes
 * @stack_bytes: most bytes of the user's stack
 *
 * Return: the most that its attributes can take.
 */
size_t bw_fill_stack_room(u32 stack_bytes)
{
	return 2 * NLA_HDRLEN + sizeof_field(struct bw_user_stack, registers) + stack_bytes;
}

/**
 * bw_fill_stack() - the attributes of a stack
 * @to: where to write, with bw_fill_stack_room()
 * @stack: the stack
 *
 * Return: the end of the attributes.
 */
void *bw_fill_stack(void *to, const struct bw_user_stack *stack)
{
	if (!stack->taken)
		return to;
	to = put(to, BRKWATCH_A_EVENT_REGISTERS, stack->registers, sizeof(stack->registers));
	return put(to, BRKWATCH_A_EVENT_STACK, stack->bytes, round_down(stack->len, sizeof(u64)));
}

/* Leaves out what is the same as before, so what has no words after words is written empty. */
static void *fill_asker(void *to, const struct bw_context *context, struct bw_context *before)
{
	u32 bytes = context->n * sizeof(u64);

	if (context->ip != before->ip) {
		to = put_u64(to, BRKWATCH_A_EVENT_IP, context->ip);
		before->ip = context->ip;
	}
	if (!bw_context_has_words_of(context, before)) {
		to = put(to, BRKWATCH_A_EVENT_ASKER, context->words, bytes);
		before->n = context->n;
		memcpy(before->words, context->words, bytes);
	}
	return to;
}

static void *fill_limits(void *to, const struct bw_context *context)
{
	const struct bw_limits *limits = &context->limits;
	u32 lock_future = context->lock_future;
	struct nlattr *nest = to;

	to += NLA_HDRLEN;
	to = put_u64(to, BRKWATCH_A_LIMITS_AS, limits->as);
	to = put_u64(to, BRKWATCH_A_LIMITS_DATA, limits->data);
	to = put_u64(to, BRKWATCH_A_LIMITS_LOCKED, limits->locked);
	to = put_u64(to, BRKWATCH_A_LIMITS_STACK, (u64)limits->stack_pages << PAGE_SHIFT);
	to = put_u64(to, BRKWATCH_A_LIMITS_MAPPINGS, context->mappings);
	to = put_u64(to, BRKWATCH_A_LIMITS_LIMIT_AS, limits->limit_as);
	to = put_u64(to, BRKWATCH_A_LIMITS_LIMIT_DATA, limits->limit_data);
	to = put_u64(to, BRKWATCH_A_LIMITS_LIMIT_MEMLOCK, limits->limit_memlock);
	to = put_u64(to, BRKWATCH_A_LIMITS_LIMIT_STACK, limits->limit_stack);
	to = put(to, BRKWATCH_A_LIMITS_LOCK_FUTURE, &lock_future, sizeof(lock_future));
	to = put_u64(to, BRKWATCH_A_LIMITS_COMMITTED, limits->committed);
	to = put_u64(to, BRKWATCH_A_LIMITS_STATIC_DATA, limits->static_data);
	nest->nla_type = BRKWATCH_A_EVENT_LIMITS | NLA_F_NESTED;
	nest->nla_len = to - (void *)nest;
	return to;
}

/**
 * bw_fill_context_room() - bytes that the context of a call takes
 *
 * Return: the most that its attributes can take.
 */
size_t bw_fill_context_room(void)
{
	return nla_total_size(sizeof(u64)) +
	       nla_total_size(sizeof_field(struct bw_context, words)) +
	       nla_total_size(BRKWATCH_A_LIMITS_MAX * nla_total_size(sizeof(u64)));
}

/**
 * bw_fill_context() - the attributes of the context of a call
 * @to: where to write, with bw_fill_context_room()
 * @rec: the call
 * @context: its context
 * @contexts: what the session notes
 * @before: instruction pointer and words that the reader has from the calls before, both 0 if none;
 *	become those of @context
 *
 * Return: the end of the attributes.
 */
void *bw_fill_context(void *to, const struct bw_record *rec, const struct bw_context *context,
		      const struct bw_contexts *contexts, struct bw_context *before)
{
	if (contexts->askers)
		to = fill_asker(to, context, before);
	if (contexts->limits && bw_record_failed(rec))
		to = fill_limits(to, context);
	return to;
}
