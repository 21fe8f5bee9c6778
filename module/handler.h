/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What hooks call at the entry and at the return of a system call. It is inline, so that a call can
 * have handlers of its own: then the compiler knows which call it is and which arguments it has.
 */
#ifndef _BRKWATCH_HANDLER_H
#define _BRKWATCH_HANDLER_H

#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/mm_types.h>
#include <linux/sched.h>

#include "compat.h"
#include "deliver.h"
#include "flight.h"
#include "hook.h"
#include "probe.h"
#include "watch.h"

extern const struct bw_handlers bw_brk_handlers, bw_mmap_handlers, bw_munmap_handlers;
/* Of all calls that have none of their own. */
extern const struct bw_handlers bw_all_handlers;

/* Keeps what all calls have besides arguments. */
static __always_inline void bw_call_begin(struct bw_call *call, u64 epoch,
					  const struct bw_watch *first,
					  const struct bw_call_type *type)
{
	call->epoch = epoch;
	if (type->kind == BRKWATCH_EVENT_KIND_BRK)
		call->brk = READ_ONCE(current->mm->brk);
	call->time = bw_watch_wants_latency(first) ? ktime_get_ns() : 0;
}

/* Reads the clock for a session that wants to know how long a call took. */
static __always_inline u64 bw_call_end(const struct bw_call *call)
{
	return call->time ? ktime_get_ns() : 0;
}

/* At the entry of a call of a watched process. Returns what an entry handler returns. */
static __always_inline int
bw_kretprobe_keep(struct kretprobe_instance *instance, const struct pt_regs *regs, u64 epoch,
		  const struct bw_watch *first,
		  bool (*keep)(const struct bw_hook *hook, const struct pt_regs *user,
			       struct bw_call *call, u64 epoch, const struct bw_watch *first))
{
	struct kretprobe *rp = get_kretprobe(instance);
	struct bw_call *call = (struct bw_call *)instance->data;
	const struct pt_regs *user = wrapper_argument(regs);
	struct bw_hook *hook;

	/*
	 * Without rethook there is no probe while the kernel unregisters it: the session is over.
	 * The user may have named a function that is no wrapper of a system call.
	 */
	if (!current->mm || !rp || user != task_pt_regs(current))
		return 1;
	hook = container_of(rp, struct bw_hook, rp);
	if (!keep(hook, user, call, epoch, first))
		return 1;
	if (likely(bw_flight_begin(&hook->flight, &call->seat)))
		return 0;
	bw_watch_refused(epoch);
	return 1;
}

static __always_inline int
bw_kretprobe_leave(struct kretprobe_instance *instance, struct pt_regs *regs,
		   int (*deliver)(struct bw_call *call, unsigned long result))
{
	struct kretprobe *rp = get_kretprobe(instance);
	struct bw_call *call = (struct bw_call *)instance->data;

	if (!rp)
		return 0;
	bw_flight_end(&container_of(rp, struct bw_hook, rp)->flight, call->seat);
	return deliver(call, regs_return_value(regs));
}

/*
 * Defines the handlers bw_NAME_handlers around NAME_begin() and NAME_end(), which are as @keep and
 * @deliver of struct bw_handlers. An entry handler that returns non-zero makes the kernel take no
 * return instance, so an unwatched process cannot use them up. Preemption is off in any probe, so
 * the probe is an RCU read side. What a watched process needs is out of line, so that the path of
 * all others saves no registers.
 */
#define BW_HANDLERS(name)                                                                          \
	static notrace bool name##_keep(const struct bw_hook *hook, const struct pt_regs *user,    \
					struct bw_call *call, u64 epoch,                           \
					const struct bw_watch *first)                              \
	{                                                                                          \
		return name##_begin(hook, user, call, epoch, first);                               \
	}                                                                                          \
	NOKPROBE_SYMBOL(name##_keep);                                                              \
	static noinline notrace int name##_deliver(struct bw_call *call, unsigned long result)     \
	{                                                                                          \
		name##_end(call, result);                                                          \
		return 0;                                                                          \
	}                                                                                          \
	NOKPROBE_SYMBOL(name##_deliver);                                                           \
	static noinline notrace int name##_entry_watched(struct kretprobe_instance *instance,      \
							 struct pt_regs *regs, u64 epoch,          \
							 const struct bw_watch *first)             \
	{                                                                                          \
		return bw_kretprobe_keep(instance, regs, epoch, first, name##_begin);              \
	}                                                                                          \
	NOKPROBE_SYMBOL(name##_entry_watched);                                                     \
	static notrace int name##_entry(struct kretprobe_instance *instance, struct pt_regs *regs) \
	{                                                                                          \
		u64 epoch = bw_watch_epoch();                                                      \
		const struct bw_watch *first = bw_watch_first(task_tgid(current));                 \
		return first ? name##_entry_watched(instance, regs, epoch, first) : 1;             \
	}                                                                                          \
	NOKPROBE_SYMBOL(name##_entry);                                                             \
	static notrace int name##_leave(struct kretprobe_instance *instance, struct pt_regs *regs) \
	{                                                                                          \
		return bw_kretprobe_leave(instance, regs, name##_deliver);                         \
	}                                                                                          \
	NOKPROBE_SYMBOL(name##_leave);                                                             \
	const struct bw_handlers bw_##name##_handlers = { name##_keep, name##_deliver,             \
							  name##_entry, name##_leave }

/* Defines the handlers of a call with so many arguments, of which the type is defined before. */
#define BW_CALL_HANDLERS(name, args)                                                               \
	static __always_inline bool name##_begin(const struct bw_hook *hook,                       \
						 const struct pt_regs *user, struct bw_call *call, \
						 u64 epoch, const struct bw_watch *first)          \
	{                                                                                          \
		syscall_args(user, call->arg, args);                                               \
		bw_call_begin(call, epoch, first, &bw_##name##_call);                              \
		return true;                                                                       \
	}                                                                                          \
	static __always_inline void name##_end(struct bw_call *call, unsigned long result)         \
	{                                                                                          \
		bw_deliver_call(call, result, bw_call_end(call), 0, &bw_##name##_call);            \
	}                                                                                          \
	BW_HANDLERS(name)

#endif
