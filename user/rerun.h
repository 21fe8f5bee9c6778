/* SPDX-License-Identifier: GPL-2.0 */
/* A run once more, out of a capture. */
#ifndef BRKWATCH_RERUN_H
#define BRKWATCH_RERUN_H

#include "replay.h"
#include "run.h"

/**
 * rerun() - show what a capture holds
 * @run: everything, with the session of the capture
 * @replay: the capture
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno: -EBADMSG if the capture is damaged.
 */
int rerun(struct run *run, struct replay *replay);

#endif
