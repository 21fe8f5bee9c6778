/* SPDX-License-Identifier: GPL-2.0 */
/* What the tool asks of the module; one function for each request. */
#ifndef BRKWATCH_CLIENT_H
#define BRKWATCH_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "channel.h"
#include "event.h"

/**
 * client_session_new() - open the session of the socket
 * @channel: to the module
 * @ring_bytes: ring of one CPU, 0 for the module's default
 * @events: kinds to deliver, as bits (1 << kind)
 * @state: filled
 *
 * Return: 0, -EPROTO when module and tool speak different versions (@state
 * holds the module's), or another negative errno.
 */
int client_session_new(struct channel *channel, uint32_t ring_bytes, uint32_t events,
		       struct session_state *state);

/**
 * client_session_get() - ask for the state of the session
 * @channel: to the module
 * @state: filled
 *
 * Return: 0 or a negative errno.
 */
int client_session_get(struct channel *channel, struct session_state *state);

/**
 * client_watch_new() - watch one more process
 * @channel: to the module
 * @pid: the process
 * @on_exec: begin at its next exec
 * @counters: filled
 *
 * Return: 0 or a negative errno.
 */
int client_watch_new(struct channel *channel, pid_t pid, bool on_exec, struct counters *counters);

/**
 * client_watch_stop() - end all watches
 * @channel: to the module
 * @take: gets the last counters of each
 * @arg: its second argument
 *
 * Return: 0 or a negative errno.
 */
int client_watch_stop(struct channel *channel,
		      void (*take)(const struct counters *counters, void *arg), void *arg);

/**
 * client_drain() - take all events that wait in the ring
 * @channel: to the module
 * @take: gets each event; returns 0 or a negative errno
 * @arg: its second argument
 *
 * Return: 0 or a negative errno: of the request, a message or @take.
 */
int client_drain(struct channel *channel, int (*take)(const struct event *ev, void *arg),
		 void *arg);

#endif
