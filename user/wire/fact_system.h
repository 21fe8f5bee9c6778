/* SPDX-License-Identifier: GPL-2.0 */
/* The settings of the machine in a capture. */
#ifndef BRKWATCH_FACT_SYSTEM_H
#define BRKWATCH_FACT_SYSTEM_H

#include "event/system_facts.h"
#include "wire/channel.h"

/**
 * fact_put_system() - store the settings of the machine, if the tool writes a capture
 * @channel: to the module, with a session that is new
 * @facts: the settings
 *
 * Return: as fact_put().
 */
int fact_put_system(struct channel *channel, const struct system_facts *facts);

/**
 * fact_take_system() - the settings of the machine on which a capture was written
 * @channel: a capture that answers in place of the module
 * @facts: filled; all zero if the capture does not have them or is damaged there
 *
 * Call it as fact_take().
 */
void fact_take_system(struct channel *channel, struct system_facts *facts);

#endif
