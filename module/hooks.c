// SPDX-License-Identifier: GPL-2.0
/*
 * The probes are in while a session is open. Putting them in or taking them out allocates and
 * waits for grace periods, so no open session needs their lock: the task that opens the first
 * session takes it, and can be killed while it waits; the task that ends the last one tries it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "hooks.h"
#include "probe.h"

/* Protects the probes and hooks_in; taken with no other lock of the module held. */
static DEFINE_MUTEX(hooks_lock);
static bool hooks_in;

/* How many sessions are open or about to open. */
static atomic_t hooks_users;

/* How the probes go in; protected by hooks_lock. */
static u32 hook = BRKWATCH_HOOK_KPROBE;

/* If nobody wants the probes, take them out. Hold the lock. */
static void hooks_take_out(void)
{
	if (atomic_read(&hooks_users) || !hooks_in)
		return;
	bw_probe_unregister();
	WRITE_ONCE(hooks_in, false);
}

/*
 * A task that holds the lock looks here again after it has released the lock: so the probes go
 * out when nobody wants them, and the end of a session waits for nobody.
 */
static void hooks_settle(void)
{
	while (!atomic_read(&hooks_users) && READ_ONCE(hooks_in)) {
		if (!mutex_trylock(&hooks_lock))
			return;
		hooks_take_out();
		mutex_unlock(&hooks_lock);
		/* A task that found it taken has counted down before: pairs with bw_hooks_put(). */
		smp_mb();
	}
}

static void hooks_unlock(void)
{
	mutex_unlock(&hooks_lock);
	/* As in hooks_settle(). */
	smp_mb();
	hooks_settle();
}

static const char *const hook_names[] = {
	[BRKWATCH_HOOK_KPROBE] = "kprobe",
	[BRKWATCH_HOOK_DIRECT] = "direct",
};

static int hook_choose(u32 chosen)
{
	int err = 0;

	if (mutex_lock_killable(&hooks_lock))
		return -EINTR;
	hooks_take_out();
	if (hooks_in)
		err = -EBUSY;
	else
		WRITE_ONCE(hook, chosen);
	hooks_unlock();
	return err;
}

static int hook_set(const char *value, const struct kernel_param *param)
{
	int chosen = sysfs_match_string(hook_names, value), err;

	if (chosen < 0)
		return chosen;
	if (chosen == BRKWATCH_HOOK_DIRECT &&
	    !IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)) {
		pr_err("this kernel has no direct calls; hook=kprobe works\n");
		return -EOPNOTSUPP;
	}
	/* A task that takes the probes out must hold the module. */
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	err = hook_choose(chosen);
	module_put(THIS_MODULE);
	return err;
}

static int hook_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", hook_names[READ_ONCE(hook)]);
}

static const struct kernel_param_ops hook_ops = { .set = hook_set, .get = hook_get };
module_param_cb(hook, &hook_ops, NULL, 0644);
__MODULE_PARM_TYPE(hook, "charp");
MODULE_PARM_DESC(hook, "Hook on calls: kprobe, or direct, which costs half, in a word (kprobe)");

/**
 * bw_hooks_get() - have the probes in
 * @extack: gets a sentence on error
 *
 * Context: no lock held; sleeps.
 * Return: 0, -EINTR (a fatal signal), or as bw_probe_register().
 */
int bw_hooks_get(struct netlink_ext_ack *extack)
{
	int err = 0;

	if (atomic_inc_not_zero(&hooks_users))
		return 0;
	if (mutex_lock_killable(&hooks_lock)) {
		NL_SET_ERR_MSG(extack, "killed while others put their probes in or take them out");
		return -EINTR;
	}
	if (!hooks_in)
		err = bw_probe_register(hook, extack);
	if (!err) {
		WRITE_ONCE(hooks_in, true);
		atomic_inc(&hooks_users);
	}
	hooks_unlock();
	return err;
}

/**
 * bw_hooks_put() - undo bw_hooks_get(); without users no handler runs soon
 *
 * Never waits for another session. If another task takes the probes out, it finishes that
 * before it drops its own reference to the module.
 *
 * Context: no lock held; sleeps.
 */
void bw_hooks_put(void)
{
	/* A full barrier before the lock is tried: pairs with hooks_settle(). */
	if (atomic_dec_and_test(&hooks_users))
		hooks_settle();
}
