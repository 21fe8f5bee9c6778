/* SPDX-License-Identifier: GPL-2.0 */
/* The tool's session with the module: how it begins, who is watched, how it ends. */
#ifndef BRKWATCH_SESSION_H
#define BRKWATCH_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "channel.h"
#include "event.h"

/**
 * struct session - a session and its watches
 * @channel: to the module
 * @began: CLOCK_MONOTONIC in ns when it began
 * @state: what the module last said of it
 * @watches: what the module last said of each watch
 * @n: how many watches
 * @stopped: how many of them have given their last counters
 */
struct session {
	struct channel *channel;
	uint64_t began;
	struct session_state state;
	struct counters *watches;
	size_t n;
	size_t stopped;
};

/**
 * session_begin() - open a session; load the module if need be
 * @session: filled
 * @ring_bytes: ring of one CPU, 0 for the module's default
 * @events: kinds to deliver, as bits (1 << kind)
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int session_begin(struct session *session, uint32_t ring_bytes, uint32_t events);

/**
 * session_watch() - watch one more process
 * @session: the session
 * @pid: the process
 * @on_exec: begin at its next exec
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int session_watch(struct session *session, pid_t pid, bool on_exec);

/**
 * session_stop() - end all watches
 * @session: the session; @watches are the last counters afterwards
 *
 * What the ring holds then is all there will ever be, and agrees with them.
 *
 * Return: 0 or a negative errno.
 */
int session_stop(struct session *session);

/**
 * session_end() - close the session
 * @session: the session, begun or all zero
 */
void session_end(struct session *session);

#endif
