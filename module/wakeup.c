// SPDX-License-Identifier: GPL-2.0
/*
 * The message "ready" wakes a reader up. A probe cannot send it, so the probe queues an
 * irq_work; the irq_work queues a work item, which sends the message.
 */
#include <linux/bitops.h>
#include <linux/jiffies.h>

#include "wakeup.h"

/* How long the first event of a quiet ring may wait for company. */
#define DELAY_MS 50

static struct workqueue_struct *workqueue;
static void (*wakeup_sender)(struct bw_wakeup *wakeup);

static void wakeup_send(struct work_struct *work)
{
	wakeup_sender(container_of(work, struct bw_wakeup, work.work));
}

static void wakeup_queue(struct irq_work *work)
{
	struct bw_wakeup *wakeup = container_of(work, struct bw_wakeup, irq_work);
	bool urgent = test_bit(WAKEUP_URGENT, &wakeup->state);

	mod_delayed_work(workqueue, &wakeup->work, urgent ? 0 : msecs_to_jiffies(DELAY_MS));
}

/**
 * bw_wakeup_init() - a session begins
 * @wakeup: its wakeup
 */
void bw_wakeup_init(struct bw_wakeup *wakeup)
{
	init_irq_work(&wakeup->irq_work, wakeup_queue);
	INIT_DELAYED_WORK(&wakeup->work, wakeup_send);
}

/**
 * bw_wakeup_stop() - the session ends: no wakeup is under way on return
 * @wakeup: its wakeup, which nothing asks for any more
 */
void bw_wakeup_stop(struct bw_wakeup *wakeup)
{
	/* The irq_work queues the work item, so it goes first. */
	irq_work_sync(&wakeup->irq_work);
	cancel_delayed_work_sync(&wakeup->work);
}

/**
 * bw_wakeup_raise() - send a wakeup, unless another caller has begun to
 * @wakeup: the session's wakeup
 * @urgent: the ring fills
 *
 * Context: any that may use an irq_work.
 */
void bw_wakeup_raise(struct bw_wakeup *wakeup, bool urgent)
{
	if (urgent)
		set_bit(WAKEUP_SENT, &wakeup->state);
	if (!test_and_set_bit(urgent ? WAKEUP_URGENT : WAKEUP_SENT, &wakeup->state))
		irq_work_queue(&wakeup->irq_work);
}

/**
 * bw_wakeup_now() - wake the reader at once, even if a wakeup was sent before
 * @wakeup: the session's wakeup
 *
 * Context: any that may use an irq_work.
 */
void bw_wakeup_now(struct bw_wakeup *wakeup)
{
	set_bit(WAKEUP_URGENT, &wakeup->state);
	irq_work_queue(&wakeup->irq_work);
}

/**
 * bw_wakeup_arm() - a drain has ended: the next event needs a wakeup
 * @wakeup: the session's wakeup
 *
 * The caller must look for events afterwards, because earlier ones found the wakeup sent.
 */
void bw_wakeup_arm(struct bw_wakeup *wakeup)
{
	clear_bit(WAKEUP_SENT, &wakeup->state);
	clear_bit(WAKEUP_URGENT, &wakeup->state);
	/* Pairs with bw_wakeup_event(): either it sees the bits clear or the caller its record. */
	smp_mb__after_atomic();
}

/**
 * bw_wakeup_module_init() - what all wakeups share
 * @sender: sends the message to the reader of the wakeup's session; may sleep
 *
 * Return: 0 or -ENOMEM.
 */
int bw_wakeup_module_init(void (*sender)(struct bw_wakeup *wakeup))
{
	wakeup_sender = sender;
	workqueue = alloc_workqueue("brkwatch", WQ_UNBOUND, 0);
	return workqueue ? 0 : -ENOMEM;
}

/**
 * bw_wakeup_module_exit() - undo bw_wakeup_module_init(), after the last session has ended
 */
void bw_wakeup_module_exit(void)
{
	destroy_workqueue(workqueue);
}
