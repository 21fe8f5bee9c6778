/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hook brings the arguments and the result of one system call to the module. There are two
 * makers of hooks: hook_kprobe.c puts a kretprobe on the function behind the call, hook_direct.c
 * lets the function call a trampoline of the module.
 */
#ifndef _BRKWATCH_HOOK_H
#define _BRKWATCH_HOOK_H

#include <linux/brkwatch.h>
#include <linux/kprobes.h>
#include <linux/types.h>

#include "flight.h"

struct bw_call;
struct bw_call_type;
struct bw_hook;
struct bw_watch;
struct pt_regs;

/* No table of hooks has more. */
#define BW_HOOKS_MAX 32

/**
 * struct bw_handlers - what a hook calls
 * @keep: at the entry of a call of a watched process: keep its arguments; false if it is no call
 *	that is hooked. Gets the user's registers, bw_watch_epoch() and the first watch
 * @deliver: at its return: deliver it; returns 0
 * @entry: the whole of a kretprobe's entry, around @keep
 * @leave: the whole of a kretprobe's return, around @deliver
 *
 * Context: preemption off.
 */
struct bw_handlers {
	bool (*keep)(const struct bw_hook *hook, const struct pt_regs *user, struct bw_call *call,
		     u64 epoch, const struct bw_watch *first);
	int (*deliver)(struct bw_call *call, unsigned long result);
	kretprobe_handler_t entry;
	kretprobe_handler_t leave;
};

/**
 * struct bw_hook - a hook
 * @type: the call
 * @symbol: the kernel function behind it
 * @handlers: what to call
 * @number: of the system call
 * @compat: a 32-bit entry
 * @named: the user has named @symbol, so nothing is known of the function
 * @kind: enum brkwatch_hook, while active
 * @state: enum brkwatch_probe_state, while a session is open
 * @rp: the kretprobe, if @kind says so
 * @flight: its calls in flight
 * @address: of the function, or 0 if it cannot be hooked directly or nothing has asked for it
 */
struct bw_hook {
	const struct bw_call_type *type;
	const char *symbol;
	const struct bw_handlers *handlers;
	u16 number;
	bool compat;
	bool named;
	u32 kind;
	u32 state;
	struct kretprobe rp;
	struct bw_flight flight;
	unsigned long address;
};

int bw_hook_kprobe_init(void);
int bw_hook_kprobe_register(struct bw_hook *hook);
void bw_hook_kprobe_unregister(struct bw_hook *const *hooks, int n);
u64 bw_hook_kprobe_missed(const struct bw_hook *hook);

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
void bw_hook_direct_register(struct bw_hook *const *hooks, int n);
void bw_hook_direct_unregister(struct bw_hook *const *hooks, int n);
void bw_hook_direct_hold(void);
void bw_hook_direct_release(void);
void bw_hook_direct_module_exit(void);
#else
static inline void bw_hook_direct_register(struct bw_hook *const *hooks, int n)
{
}

static inline void bw_hook_direct_unregister(struct bw_hook *const *hooks, int n)
{
}

static inline void bw_hook_direct_hold(void)
{
}

static inline void bw_hook_direct_release(void)
{
}

static inline void bw_hook_direct_module_exit(void)
{
}
#endif

#endif
