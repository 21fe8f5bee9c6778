/* SPDX-License-Identifier: GPL-2.0 */
/* Events that the pipeline lets pass unread, because only the capture needs them. */
#ifndef BRKWATCH_SKIM_H
#define BRKWATCH_SKIM_H

#include <stdbool.h>

struct event;
struct glance;
struct pipeline;

/**
 * skim_suffices() - can the pipeline let events pass unread
 * @pipeline: the pipeline
 *
 * Return: whether the next drain can.
 */
bool skim_suffices(const struct pipeline *pipeline);

/**
 * skim_passes() - see from a few attributes of an event whether it passes unread
 * @glance: the attributes
 * @arg: the pipeline
 *
 * Return: whether it passes.
 */
bool skim_passes(const struct glance *glance, void *arg);

/**
 * skim() - handle an event that skim_passes() did not let pass
 * @pipeline: the pipeline
 * @ev: the event
 *
 * Return: 0 or a negative errno.
 */
int skim(struct pipeline *pipeline, const struct event *ev);

/**
 * skim_end() - ask for what later drains need, at the end of a drain
 * @pipeline: the pipeline
 *
 * Return: 0 or a negative errno.
 */
int skim_end(struct pipeline *pipeline);

#endif
