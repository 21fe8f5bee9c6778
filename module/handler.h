/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the handlers of a kretprobe do at the entry and at the return of a system call. It is
 * inline, so that a call can have handlers of its own: then the compiler knows which call it is
 * and which arguments it has.
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
#include "probe.h"
#include "watch.h"

/**
 * struct bw_kretprobe - a kretprobe
 * @rp: the kernel's part
 * @flight: its calls in flight
 */
struct bw_kretprobe {
	struct kretprobe rp;
	struct bw_flight flight;
};

/**
 * struct bw_handlers - the handlers of a call that has its own, for the 64-bit entry
 * @entry: at its entry
 * @leave: at its return
 */
struct bw_handlers {
	kretprobe_handler_t entry;
	kretprobe_handler_t leave;
};

extern const struct bw_handlers bw_brk_handlers, bw_mmap_handlers, bw_munmap_handlers;

/* NULL without rethook while the kernel unregisters the probe: the session is over. */
static __always_inline struct bw_kretprobe *bw_kretprobe_of(struct kretprobe_instance *instance)
{
	struct kretprobe *rp = get_kretprobe(instance);

	return rp ? container_of(rp, struct bw_kretprobe, rp) : NULL;
}

/* Keeps what all calls have besides arguments. Returns what an entry handler returns. */
static __always_inline int bw_handler_begin(struct bw_kretprobe *probe, struct bw_call *call,
					    u64 epoch, const struct bw_watch *first,
					    const struct bw_call_type *type)
{
	if (unlikely(!bw_flight_begin(&probe->flight, &call->seat))) {
		bw_watch_refused(epoch);
		return 1;
	}
	call->epoch = epoch;
	if (type->kind == BRKWATCH_EVENT_KIND_BRK)
		call->brk = READ_ONCE(current->mm->brk);
	call->time = bw_watch_wants_latency(first) ? ktime_get_ns() : 0;
	return 0;
}

/* Keeps a call that has handlers of its own, and so many arguments. */
static __always_inline int bw_handler_keep(struct kretprobe_instance *instance,
					   const struct pt_regs *regs, u64 epoch,
					   const struct bw_watch *first,
					   const struct bw_call_type *type, int args)
{
	struct bw_kretprobe *probe = bw_kretprobe_of(instance);
	struct bw_call *call = (struct bw_call *)instance->data;

	if (!current->mm || !probe || !syscall_args(regs, call->arg, args))
		return 1;
	call->type = type;
	call->traits = 0;
	return bw_handler_begin(probe, call, epoch, first, type);
}

/* Reads the clock for a session that wants to know how long a call took: before anything else. */
static __always_inline u64 bw_handler_time(const struct kretprobe_instance *instance)
{
	const struct bw_call *call = (const struct bw_call *)instance->data;

	return call->time ? ktime_get_ns() : 0;
}

/* Delivers a call that returned at a time. */
static __always_inline int bw_handler_leave(struct kretprobe_instance *instance,
					    struct pt_regs *regs, u64 time,
					    const struct bw_call_type *type)
{
	const struct bw_call *call = (const struct bw_call *)instance->data;
	struct bw_kretprobe *probe = bw_kretprobe_of(instance);

	if (!probe)
		return 0;
	bw_flight_end(&probe->flight, call->seat);
	bw_deliver_call(call, regs_return_value(regs), time, type);
	return 0;
}

/*
 * Defines the handlers of a call, of which the type is defined before. An entry handler that
 * returns non-zero makes the kernel take no return instance, so an unwatched process cannot use
 * them up. Preemption is off in any probe, so the probe is an RCU read side. What a watched process
 * needs is out of line, so that the path of all others saves no registers.
 */
#define BW_HANDLERS(call, args)                                                                    \
	static noinline int call##_keep(struct kretprobe_instance *instance, struct pt_regs *regs, \
					u64 epoch, const struct bw_watch *first)                   \
	{                                                                                          \
		return bw_handler_keep(instance, regs, epoch, first, &bw_##call##_call, args);     \
	}                                                                                          \
	NOKPROBE_SYMBOL(call##_keep);                                                              \
	static int call##_entry(struct kretprobe_instance *instance, struct pt_regs *regs)         \
	{                                                                                          \
		u64 epoch = bw_watch_epoch();                                                      \
		const struct bw_watch *first = bw_watch_first(task_tgid(current));                 \
		return first ? call##_keep(instance, regs, epoch, first) : 1;                      \
	}                                                                                          \
	NOKPROBE_SYMBOL(call##_entry);                                                             \
	static int call##_leave(struct kretprobe_instance *instance, struct pt_regs *regs)         \
	{                                                                                          \
		return bw_handler_leave(instance, regs, bw_handler_time(instance),                 \
					&bw_##call##_call);                                        \
	}                                                                                          \
	NOKPROBE_SYMBOL(call##_leave);                                                             \
	const struct bw_handlers bw_##call##_handlers = { call##_entry, call##_leave }

#endif
