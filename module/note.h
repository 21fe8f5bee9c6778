/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_NOTE_H
#define _BRKWATCH_NOTE_H

#include <linux/bitops.h>
#include <linux/irq_work.h>
#include <linux/types.h>
#include <linux/workqueue.h>

/**
 * struct note - tells the reader of a session that there is something to drain
 * @state: bits: the reader was told, or is about to be; and it is urgent
 * @irq_work: takes the note out of the probe
 * @work: sends it
 */
struct note {
	unsigned long state;
	struct irq_work irq_work;
	struct delayed_work work;
};

/* Bits of @state. */
enum { NOTE_SENT, NOTE_URGENT };

int note_module_init(void (*sender)(struct note *note));
void note_module_exit(void);

void note_init(struct note *note);
void note_stop(struct note *note);

void note_raise(struct note *note, bool urgent);
void note_now(struct note *note);
void note_arm(struct note *note);

/**
 * note_event() - there is an event in the ring
 * @note: the session's note
 * @urgent: the ring fills
 *
 * One note until the next drain; a second, urgent one when the ring fills while
 * the first waits for company.
 *
 * Context: any that may use an irq_work.
 */
static inline void note_event(struct note *note, bool urgent)
{
	/* The record is seen before the bits are read: pairs with note_arm(). */
	smp_mb();
	if (!test_bit(urgent ? NOTE_URGENT : NOTE_SENT, &note->state))
		note_raise(note, urgent);
}

#endif
