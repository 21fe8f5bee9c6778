// SPDX-License-Identifier: GPL-2.0
/*
 * The message "ready" wakes a reader up. A probe cannot send it, so it queues an irq_work,
 * which queues a work item, which does.
 */
#include <linux/bitops.h>
#include <linux/jiffies.h>

#include "wakeup.h"

/* How long the first event of a quiet ring may wait for company. */
#define DELAY_MS 50

static struct workqueue_struct *workqueue;
static void (*wakeup_sender)(struct wakeup *wakeup);

static void wakeup_send(struct work_struct *work)
{
	wakeup_sender(container_of(work, struct wakeup, work.work));
}

static void wakeup_queue(struct irq_work *work)
{
	struct wakeup *wakeup = container_of(work, struct wakeup, irq_work);
	bool urgent = test_bit(WAKEUP_URGENT, &wakeup->state);

	mod_delayed_work(workqueue, &wakeup->work, urgent ? 0 : msecs_to_jiffies(DELAY_MS));
}

/**
 * wakeup_init() - a session begins
 * @wakeup: its wakeup
 */
void wakeup_init(struct wakeup *wakeup)
{
	init_irq_work(&wakeup->irq_work, wakeup_queue);
	INIT_DELAYED_WORK(&wakeup->work, wakeup_send);
}

/**
 * wakeup_stop() - the session ends: no wakeup is under way on return
 * @wakeup: its wakeup, which nothing asks for any more
 */
void wakeup_stop(struct wakeup *wakeup)
{
	/* It queues the work, so it goes first. */
	irq_work_sync(&wakeup->irq_work);
	cancel_delayed_work_sync(&wakeup->work);
}

/**
 * wakeup_raise() - send a wakeup, unless somebody else has begun to
 * @wakeup: the session's wakeup
 * @urgent: the ring fills
 *
 * Context: any that may use an irq_work.
 */
void wakeup_raise(struct wakeup *wakeup, bool urgent)
{
	if (urgent)
		set_bit(WAKEUP_SENT, &wakeup->state);
	if (!test_and_set_bit(urgent ? WAKEUP_URGENT : WAKEUP_SENT, &wakeup->state))
		irq_work_queue(&wakeup->irq_work);
}

/**
 * wakeup_now() - tell the reader at once, whatever it was told before
 * @wakeup: the session's wakeup
 *
 * Context: any that may use an irq_work.
 */
void wakeup_now(struct wakeup *wakeup)
{
	set_bit(WAKEUP_URGENT, &wakeup->state);
	irq_work_queue(&wakeup->irq_work);
}

/**
 * wakeup_arm() - a drain has ended: the next event is news
 * @wakeup: the session's wakeup
 *
 * Look for events after it: those that came before found the wakeup sent.
 */
void wakeup_arm(struct wakeup *wakeup)
{
	clear_bit(WAKEUP_SENT, &wakeup->state);
	clear_bit(WAKEUP_URGENT, &wakeup->state);
	/* Pairs with wakeup_event(): either it sees the bits clear or we its record. */
	smp_mb__after_atomic();
}

/**
 * wakeup_module_init() - what all wakeups share
 * @sender: tells the reader of the session whose wakeup this is; may sleep
 *
 * Return: 0 or -ENOMEM.
 */
int wakeup_module_init(void (*sender)(struct wakeup *wakeup))
{
	wakeup_sender = sender;
	workqueue = alloc_workqueue("brkwatch", WQ_UNBOUND, 0);
	return workqueue ? 0 : -ENOMEM;
}

/**
 * wakeup_module_exit() - undo wakeup_module_init(), after the last session has ended
 */
void wakeup_module_exit(void)
{
	destroy_workqueue(workqueue);
}
