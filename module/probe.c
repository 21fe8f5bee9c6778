// SPDX-License-Identifier: GPL-2.0
/*
 * The table of probed calls: registered while a session is open, so that the
 * module costs nothing when nobody watches.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/netlink.h>
#include <asm/unistd.h>

#include "compat.h"
#include "ftrace_hold.h"
#include "handler.h"
#include "hook.h"
#include "probe.h"
#include "pulse.h"

/**
 * struct probe - a call and the hook on it
 * @hook: the hook
 * @optional: go on without it
 * @missing: message when the kernel has no such function
 * @refused: message when the kernel refuses to probe it
 */
struct probe {
	struct bw_hook hook;
	bool optional;
	char missing[96];
	char refused[96];
};

#define OWN(call)                                                                     \
	{                                                                             \
		.hook.type = &bw_##call##_call, .hook.symbol = SYSCALL_SYMBOL(#call), \
		.hook.handlers = &bw_##call##_handlers, .hook.number = __NR_##call,   \
	}
#define NATIVE(call)                                                                  \
	{                                                                             \
		.hook.type = &bw_##call##_call, .hook.symbol = SYSCALL_SYMBOL(#call), \
		.hook.handlers = &bw_all_handlers, .hook.number = __NR_##call,        \
	}
#define OPTIONAL(call)                                                                           \
	{                                                                                        \
		.hook.type = &bw_##call##_call, .hook.symbol = SYSCALL_SYMBOL(#call),            \
		.hook.handlers = &bw_all_handlers, .hook.number = __NR_##call, .optional = true, \
	}
#define COMPAT(call, sym, name)                                                                \
	{                                                                                      \
		.hook.type = &(call), .hook.symbol = sym, .hook.handlers = &bw_all_handlers,   \
		.hook.number = SYSCALL_NUMBER_32(name), .hook.compat = true, .optional = true, \
	}

static struct probe probes[] = {
	OWN(brk),
	OWN(mmap),
	OWN(munmap),
	NATIVE(mremap),
	NATIVE(mprotect),
	OPTIONAL(pkey_mprotect),
	OPTIONAL(madvise),
	OPTIONAL(shmat),
	OPTIONAL(shmdt),
	COMPAT(bw_brk_call, SYSCALL_SYMBOL_32("brk"), brk),
	COMPAT(bw_mmap_pages_call, SYSCALL_SYMBOL_32("mmap_pgoff"), mmap2),
	COMPAT(bw_mmap_struct_call, SYSCALL_SYMBOL_COMPAT("ia32_mmap"), mmap),
	COMPAT(bw_munmap_call, SYSCALL_SYMBOL_32("munmap"), munmap),
	COMPAT(bw_mremap_call, SYSCALL_SYMBOL_32("mremap"), mremap),
	COMPAT(bw_mprotect_call, SYSCALL_SYMBOL_32("mprotect"), mprotect),
	COMPAT(bw_pkey_mprotect_call, SYSCALL_SYMBOL_32("pkey_mprotect"), pkey_mprotect),
	COMPAT(bw_madvise_call, SYSCALL_SYMBOL_32("madvise"), madvise),
	COMPAT(bw_shmat_call, SYSCALL_SYMBOL_COMPAT("shmat"), shmat),
	COMPAT(bw_shmdt_call, SYSCALL_SYMBOL_32("shmdt"), shmdt),
	COMPAT(bw_ipc_call, SYSCALL_SYMBOL_COMPAT("ipc"), ipc),
};

static_assert(ARRAY_SIZE(probes) <= BW_HOOKS_MAX);

/* The hooks of all probes, for their makers. */
static struct bw_hook *hooks[ARRAY_SIZE(probes)];

static char *symbols[ARRAY_SIZE(probes)];
static int symbols_given;
module_param_array(symbols, charp, &symbols_given, 0444);
MODULE_PARM_DESC(symbols, "Kernel functions behind the calls, in the order of --status, in names");

/**
 * bw_probe_init() - check the parameters and prepare the messages
 *
 * They are made once, because an extack message must outlive its request.
 *
 * Return: 0 or -EINVAL.
 */
int bw_probe_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		struct probe *p = &probes[i];

		hooks[i] = &p->hook;
		p->hook.named = i < symbols_given;
		if (p->hook.named)
			p->hook.symbol = symbols[i];
		snprintf(p->missing, sizeof(p->missing), "%s: this kernel has no symbol %s",
			 p->hook.type->name, p->hook.symbol);
		snprintf(p->refused, sizeof(p->refused), "%s: this kernel refuses a probe on %s",
			 p->hook.type->name, p->hook.symbol);
	}
	return bw_hook_kprobe_init();
}

static void probe_unregister_all(void)
{
	bw_pulse_unregister();
	bw_hook_direct_unregister(hooks, ARRAY_SIZE(hooks));
	bw_hook_kprobe_unregister(hooks, ARRAY_SIZE(hooks));
	bw_ftrace_release();
	bw_hook_direct_hold();
}

static const char *probe_sentence(const struct probe *p, int err)
{
	switch (err) {
	case -ENOENT:
		return p->missing;
	case -ENOMEM:
		return "no memory for the probes; load the module with a smaller maxactive";
	default:
		return p->refused;
	}
}

/* Puts kretprobes on all functions that are not hooked yet. */
static int probe_register_rest(struct netlink_ext_ack *extack)
{
	bool any = false;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (hooks[i]->state == BRKWATCH_PROBE_STATE_ACTIVE)
			continue;
		err = bw_hook_kprobe_register(hooks[i]);
		any |= !err;
		/* If only memory is short, the kernel must not seem to lack the function. */
		if (!err || (err != -ENOMEM && probes[i].optional))
			continue;
		extack->_msg = probe_sentence(&probes[i], err);
		pr_err("%s (%pe)\n", extack->_msg, ERR_PTR(err));
		return err;
	}
	return any ? bw_pulse_register(extack) : 0;
}

static bool all_are_in(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		if (hooks[i]->state != BRKWATCH_PROBE_STATE_ACTIVE)
			return false;
	return true;
}

static int probe_register_calls(u32 hook, struct netlink_ext_ack *extack)
{
	int i, err;

	/* Before all that can fail, because what is undone then is what is in. */
	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		hooks[i]->state = BRKWATCH_PROBE_STATE_MISSING;
	err = bw_ftrace_hold(extack);
	if (err)
		return err;
	if (hook == BRKWATCH_HOOK_DIRECT)
		bw_hook_direct_register(hooks, ARRAY_SIZE(hooks));
	return all_are_in() ? 0 : probe_register_rest(extack);
}

/**
 * bw_probe_register() - put all probes in
 * @hook: enum brkwatch_hook: how, where there is a choice
 * @extack: gets a sentence that names the symbol on error
 *
 * Return: 0, -EBUSY if ftrace is off, or the error of the first required probe that fails,
 * with none left.
 */
int bw_probe_register(u32 hook, struct netlink_ext_ack *extack)
{
	int err;

	bw_hook_direct_release();
	err = probe_register_calls(hook, extack);
	if (!err)
		err = bw_lifecycle_register(extack);
	if (err)
		probe_unregister_all();
	return err;
}

/**
 * bw_probe_unregister() - take all probes out; no handler runs on return, but for calls that
 * are hooked directly and have not returned yet
 */
void bw_probe_unregister(void)
{
	bw_lifecycle_unregister();
	probe_unregister_all();
}

/**
 * bw_probe_missed() - calls that went past the probes since they were put in
 *
 * A kretprobe misses a call when all return instances are taken, or when it came from
 * within another probe. Unwatched processes are included, because the kernel does
 * not record which process it was.
 *
 * Return: their number, which begins anew when the first session opens.
 */
u64 bw_probe_missed(void)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		sum += bw_hook_kprobe_missed(hooks[i]);
	return sum;
}

/**
 * bw_probe_info() - describe a probe
 * @n: its number
 * @info: filled
 *
 * Context: a session is open.
 * Return: false if there are fewer.
 */
bool bw_probe_info(unsigned int n, struct bw_probe_info *info)
{
	const struct probe *p;

	if (n >= ARRAY_SIZE(probes))
		return bw_lifecycle_info(n - ARRAY_SIZE(probes), info);
	p = &probes[n];
	info->name = p->hook.type->name;
	info->symbol = p->hook.symbol;
	info->hook = p->hook.kind;
	info->state = p->hook.state;
	if (info->state == BRKWATCH_PROBE_STATE_ACTIVE && info->hook == BRKWATCH_HOOK_KPROBE &&
	    !bw_pulse_felt())
		info->state = BRKWATCH_PROBE_STATE_DISARMED;
	info->optional = p->optional;
	info->missed = bw_hook_kprobe_missed(&p->hook);
	return true;
}
