/* SPDX-License-Identifier: GPL-2.0 */
/* Running what a capture holds once more. */
#ifndef BRKWATCH_REPLAY_H
#define BRKWATCH_REPLAY_H

#include "wire/capture_read.h"
#include "run/run.h"

/**
 * replay() - show what a capture holds
 * @run: everything, with the session of the capture
 * @reader: the capture
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno: -EBADMSG if the capture is damaged.
 */
int replay(struct run *run, struct capture_reader *reader);

#endif
