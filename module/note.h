/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_NOTE_H
#define _BRKWATCH_NOTE_H

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

int note_module_init(void);
void note_module_exit(void);

void note_init(struct note *note);
void note_stop(struct note *note);

void note_event(struct note *note, bool urgent);
void note_now(struct note *note);
void note_arm(struct note *note);

#endif
