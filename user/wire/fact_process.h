/* SPDX-License-Identifier: GPL-2.0 */
/* Facts about processes in a capture. */
#ifndef BRKWATCH_FACT_PROCESS_H
#define BRKWATCH_FACT_PROCESS_H

#include "event/process_facts.h"
#include "wire/channel.h"

/**
 * fact_put_process() - store what /proc says of a process, if the tool writes a capture
 * @channel: to the module
 * @facts: the facts
 *
 * Return: as fact_put().
 */
int fact_put_process(struct channel *channel, const struct process_facts *facts);

/**
 * fact_take_process() - fill in what /proc said of a process when the capture was written
 * @channel: a capture that answers in place of the module
 * @facts: with @watch and @pid; the rest is filled as far as the capture has it, and must be freed with
 *	process_facts_free()
 *
 * Call it as fact_take().
 *
 * Return: 0, also if the capture has nothing or is damaged there, or -ENOMEM.
 */
int fact_take_process(struct channel *channel, struct process_facts *facts);

#endif
