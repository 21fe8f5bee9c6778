/* SPDX-License-Identifier: GPL-2.0 */
/* What a pipeline asks for beside events: snapshots of address spaces, and files of code. */
#ifndef BRKWATCH_LOADING_H
#define BRKWATCH_LOADING_H

#include "run/pipeline.h"

/**
 * fetch_images() - take the images that the module noted with the events drained before
 * @pipeline: the pipeline
 *
 * Return: 0 or a negative errno.
 */
int fetch_images(struct pipeline *pipeline);

/**
 * ask_images() - ask for the code that a process has now
 * @pipeline: the pipeline
 * @watch: id of its watch
 *
 * Return: 0, also when it has none any more, or a negative errno.
 */
int ask_images(struct pipeline *pipeline, uint32_t watch);

/**
 * ask_all() - ask for every snapshot that the ledger wants
 * @pipeline: the pipeline
 *
 * Return: 0 or a negative errno.
 */
int ask_all(struct pipeline *pipeline);

/**
 * ask_again() - ask again for a process that was put off, if it is time
 * @pipeline: the pipeline
 *
 * Return: 0 or a negative errno.
 */
int ask_again(struct pipeline *pipeline);

/**
 * load_older() - book the snapshots that belong before a moment
 * @pipeline: the pipeline
 * @time: the moment, in nanoseconds
 *
 * Return: 0 or a negative errno.
 */
int load_older(struct pipeline *pipeline, uint64_t time);

/**
 * load_exec() - book the snapshot that came with an exec
 * @pipeline: the pipeline
 * @ev: its event
 *
 * The module may have had no memory for the snapshot, or dropped it unread. The tool then asks
 * for another one.
 *
 * Return: 0 or a negative errno.
 */
int load_exec(struct pipeline *pipeline, const struct event *ev);

/**
 * pipeline_snapshot() - ask for the address space of a process, wanted or not
 * @pipeline: the pipeline
 * @watch: id of the watch
 *
 * Return: 0, also when it has none any more, or a negative errno.
 */
int pipeline_snapshot(struct pipeline *pipeline, uint32_t watch);

/**
 * pipeline_renew() - take a process's address space as the kernel has it now
 * @pipeline: the pipeline, drained since the process made its last call
 * @watch: id of its watch
 *
 * Return: 0, also when it has none any more, or a negative errno.
 */
int pipeline_renew(struct pipeline *pipeline, uint32_t watch);

#endif
