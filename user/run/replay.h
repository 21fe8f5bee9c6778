/* SPDX-License-Identifier: GPL-2.0 */
/* The tool runs on a capture as if the watched processes ran once more. */
#ifndef BRKWATCH_REPLAY_H
#define BRKWATCH_REPLAY_H

#include "wire/capture_read.h"
#include "run/run.h"

/**
 * replay() - show what a capture holds
 * @run: the parts of the run; its session reads from @reader
 * @reader: the capture
 *
 * The function tells the user what is wrong, also when the capture only has no end.
 *
 * Return: 0, -EBADMSG if the capture is damaged, or another negative errno.
 */
int replay(struct run *run, struct capture_reader *reader);

#endif
