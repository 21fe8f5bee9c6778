/* SPDX-License-Identifier: GPL-2.0 */
/* The objects of --json that are no events: the start, and what is known of each process. */
#ifndef BRKWATCH_JSON_HEAD_H
#define BRKWATCH_JSON_HEAD_H

#include "event/process_facts.h"
#include "view/view.h"

/* Raise this when brkwatch.schema.json changes, and its "version" with it. */
#define JSON_SCHEMA 3

/**
 * json_begin() - write the first object
 * @view: the view
 *
 * Return: 0 or -ENOMEM.
 */
int json_begin(struct view *view);

/**
 * json_process() - write what /proc says of a process
 * @view: the view
 * @facts: the facts
 *
 * Return: 0 or -ENOMEM.
 */
int json_process(struct view *view, const struct process_facts *facts);

#endif
