/* SPDX-License-Identifier: GPL-2.0 */
/* A wakeup asks the reader of a session to drain events. */
#ifndef _BRKWATCH_WAKEUP_H
#define _BRKWATCH_WAKEUP_H

#include <linux/bitops.h>
#include <linux/irq_work.h>
#include <linux/types.h>
#include <linux/workqueue.h>

/**
 * struct bw_wakeup - asks the reader of a session to drain its ring
 * @state: bits: the wakeup has been sent, or is about to be; and it is urgent
 * @irq_work: takes the wakeup out of the probe
 * @work: sends it
 */
struct bw_wakeup {
	unsigned long state;
	struct irq_work irq_work;
	struct delayed_work work;
};

/* Bits of @state. */
enum { WAKEUP_SENT, WAKEUP_URGENT };

int bw_wakeup_module_init(void (*sender)(struct bw_wakeup *wakeup));
void bw_wakeup_module_exit(void);

void bw_wakeup_init(struct bw_wakeup *wakeup);
void bw_wakeup_stop(struct bw_wakeup *wakeup);

void bw_wakeup_raise(struct bw_wakeup *wakeup, bool urgent);
void bw_wakeup_now(struct bw_wakeup *wakeup);
void bw_wakeup_arm(struct bw_wakeup *wakeup);

/**
 * bw_wakeup_event() - there is an event in the ring
 * @wakeup: the session's wakeup
 * @urgent: the ring fills
 *
 * A session gets one wakeup until the next drain, and a second, urgent one if the ring
 * fills while the first waits for company.
 *
 * Context: any that may use an irq_work.
 */
static inline void bw_wakeup_event(struct bw_wakeup *wakeup, bool urgent)
{
	/* The record is seen before the bits are read: pairs with bw_wakeup_arm(). */
	smp_mb();
	if (!test_bit(urgent ? WAKEUP_URGENT : WAKEUP_SENT, &wakeup->state))
		bw_wakeup_raise(wakeup, urgent);
}

#endif
