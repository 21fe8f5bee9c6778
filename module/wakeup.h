/* SPDX-License-Identifier: GPL-2.0 */
/* A wakeup tells the reader of a session that there are events. */
#ifndef _BRKWATCH_WAKEUP_H
#define _BRKWATCH_WAKEUP_H

#include <linux/bitops.h>
#include <linux/irq_work.h>
#include <linux/types.h>
#include <linux/workqueue.h>

/**
 * struct wakeup - tells the reader of a session that there is something to drain
 * @state: bits: the reader was told, or is about to be; and it is urgent
 * @irq_work: takes the wakeup out of the probe
 * @work: sends it
 */
struct wakeup {
	unsigned long state;
	struct irq_work irq_work;
	struct delayed_work work;
};

/* Bits of @state. */
enum { WAKEUP_SENT, WAKEUP_URGENT };

int wakeup_module_init(void (*sender)(struct wakeup *wakeup));
void wakeup_module_exit(void);

void wakeup_init(struct wakeup *wakeup);
void wakeup_stop(struct wakeup *wakeup);

void wakeup_raise(struct wakeup *wakeup, bool urgent);
void wakeup_now(struct wakeup *wakeup);
void wakeup_arm(struct wakeup *wakeup);

/**
 * wakeup_event() - there is an event in the ring
 * @wakeup: the session's wakeup
 * @urgent: the ring fills
 *
 * One wakeup until the next drain; a second, urgent one when the ring fills while
 * the first waits for company.
 *
 * Context: any that may use an irq_work.
 */
static inline void wakeup_event(struct wakeup *wakeup, bool urgent)
{
	/* The record is seen before the bits are read: pairs with wakeup_arm(). */
	smp_mb();
	if (!test_bit(urgent ? WAKEUP_URGENT : WAKEUP_SENT, &wakeup->state))
		wakeup_raise(wakeup, urgent);
}

#endif
