// SPDX-License-Identifier: GPL-2.0
/*
 * The probes are in while a session is open. Putting them in or taking them out allocates and
 * waits for grace periods, so no open session needs their lock: the task that opens the first
 * session takes it, and can be killed while it waits; the task that ends the last one tries it.
 */
#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/netlink.h>

#include "hooks.h"
#include "probe.h"

/* Protects the probes and hooks_in; taken with no other lock of the module held. */
static DEFINE_MUTEX(hooks_lock);
static bool hooks_in;

/* How many sessions are open or about to open. */
static atomic_t hooks_users;

/*
 * A task that holds the lock looks here again after it has released the lock: so the probes go
 * out when nobody wants them, and the end of a session waits for nobody.
 */
static void hooks_settle(void)
{
	while (!atomic_read(&hooks_users) && READ_ONCE(hooks_in)) {
		if (!mutex_trylock(&hooks_lock))
			return;
		if (!atomic_read(&hooks_users) && hooks_in) {
			bw_probe_unregister();
			WRITE_ONCE(hooks_in, false);
		}
		mutex_unlock(&hooks_lock);
		/* A task that found it taken has counted down before: pairs with bw_hooks_put(). */
		smp_mb();
	}
}

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
		err = bw_probe_register(extack);
	if (!err) {
		WRITE_ONCE(hooks_in, true);
		atomic_inc(&hooks_users);
	}
	mutex_unlock(&hooks_lock);
	/* As in hooks_settle(). */
	smp_mb();
	hooks_settle();
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
