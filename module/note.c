// SPDX-License-Identifier: GPL-2.0
/*
 * The "ready" note. A probe cannot send a message, so it queues an irq_work,
 * which queues a work item, which does.
 */
#include <linux/bitops.h>
#include <linux/jiffies.h>

#include "note.h"

/* How long the first event of a quiet ring may wait for company. */
#define DELAY_MS 50

static struct workqueue_struct *notes;

static void (*note_sender)(struct note *note);

static void note_send(struct work_struct *work)
{
	note_sender(container_of(work, struct note, work.work));
}

static void note_queue(struct irq_work *work)
{
	struct note *note = container_of(work, struct note, irq_work);
	bool urgent = test_bit(NOTE_URGENT, &note->state);

	mod_delayed_work(notes, &note->work, urgent ? 0 : msecs_to_jiffies(DELAY_MS));
}

/**
 * note_init() - a session begins
 * @note: its note
 */
void note_init(struct note *note)
{
	init_irq_work(&note->irq_work, note_queue);
	INIT_DELAYED_WORK(&note->work, note_send);
}

/**
 * note_stop() - the session ends: no note is under way on return
 * @note: its note, which nothing asks for any more
 */
void note_stop(struct note *note)
{
	/* It queues the work, so it goes first. */
	irq_work_sync(&note->irq_work);
	cancel_delayed_work_sync(&note->work);
}

/**
 * note_raise() - send a note, unless somebody else has begun to
 * @note: the session's note
 * @urgent: the ring fills
 *
 * Context: any that may use an irq_work.
 */
void note_raise(struct note *note, bool urgent)
{
	if (urgent)
		set_bit(NOTE_SENT, &note->state);
	if (!test_and_set_bit(urgent ? NOTE_URGENT : NOTE_SENT, &note->state))
		irq_work_queue(&note->irq_work);
}

/**
 * note_now() - tell the reader at once, whatever it was told before
 * @note: the session's note
 *
 * Context: any that may use an irq_work.
 */
void note_now(struct note *note)
{
	set_bit(NOTE_URGENT, &note->state);
	irq_work_queue(&note->irq_work);
}

/**
 * note_arm() - a drain has ended: the next event is news
 * @note: the session's note
 *
 * Look for events after it: those that came before found the note sent.
 */
void note_arm(struct note *note)
{
	clear_bit(NOTE_SENT, &note->state);
	clear_bit(NOTE_URGENT, &note->state);
	/* Pairs with note_event(): either it sees the bits clear or we its record. */
	smp_mb__after_atomic();
}

/**
 * note_module_init() - what all notes share
 * @sender: tells the reader of the session whose note this is; may sleep
 *
 * Return: 0 or -ENOMEM.
 */
int note_module_init(void (*sender)(struct note *note))
{
	note_sender = sender;
	notes = alloc_workqueue("brkwatch", WQ_UNBOUND, 0);
	return notes ? 0 : -ENOMEM;
}

/**
 * note_module_exit() - undo note_module_init(), after the last session has ended
 */
void note_module_exit(void)
{
	destroy_workqueue(notes);
}
