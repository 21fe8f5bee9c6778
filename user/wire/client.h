/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to the module; one function for each. */
#ifndef BRKWATCH_CLIENT_H
#define BRKWATCH_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/channel.h"
#include "wire/decode.h"
#include "event/event.h"
#include "event/filter.h"

/**
 * struct session_request - what a session should be
 * @ring_bytes: ring of one CPU, 0 for the module's default
 * @stack_bytes: bytes of the stack that come with each call, 0 for none
 * @follow: watch the children of watched processes
 * @delta: events may leave out what is the same as in the one before
 * @huge_page: bytes of a huge page in calls that do not say of which size, 0 if unknown
 * @askers: who made a call comes with it; needs privilege
 * @limits: what the kernel decides a call by comes with failed and refused calls
 * @latencies: how long calls took comes with events and counters; needed to read events
 * @filter: what to deliver; @filter.events names at least one kind
 */
struct session_request {
	uint32_t ring_bytes;
	uint32_t stack_bytes;
	bool follow;
	bool delta;
	uint64_t huge_page;
	bool askers;
	bool limits;
	bool latencies;
	struct filter filter;
};

/**
 * client_session_new() - open the session of the socket
 * @channel: to the module
 * @request: what it should be
 * @state: filled
 *
 * Return: 0, -EPROTO when module and tool speak different versions (@state
 * holds the module's), or another negative errno.
 */
int client_session_new(struct channel *channel, const struct session_request *request,
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
 * client_watch_all() - watch every process, and those to come
 * @channel: to the module
 * @state: filled
 *
 * Return: 0 or a negative errno.
 */
int client_watch_all(struct channel *channel, struct session_state *state);

/**
 * client_mark() - put a mark among the events of a process
 * @channel: to the module; needs no session
 * @pid: the process
 * @text: the mark, of BRKWATCH_MARK_MAX bytes at most
 *
 * Return: 0, -ENOENT when no session watches it, or another negative errno.
 */
int client_mark(struct channel *channel, pid_t pid, const char *text);

/* These select the watches of client_watch_get(). */
enum client_watches {
	CLIENT_ALL,
	CLIENT_GONE, /* only of processes that are gone */
	CLIENT_STOP, /* all, and they end first */
};

/**
 * client_watch_get() - ask for the counters of watches
 * @channel: to the module
 * @which: the watches; this is the last report of a watch on a process that is gone
 * @take: gets the counters of each; returns 0 or a negative errno
 * @arg: its second argument
 *
 * Return: 0 or a negative errno.
 */
int client_watch_get(struct channel *channel, enum client_watches which,
		     int (*take)(const struct counters *counters, void *arg), void *arg);

/**
 * client_drain() - take all events that wait in the ring
 * @channel: to the module
 * @taker: gets them
 *
 * Return: 0 or a negative errno: of the request, a message or @taker.
 */
int client_drain(struct channel *channel, struct event_taker *taker);

/**
 * client_snapshot_get() - ask for snapshots
 * @channel: to the module
 * @watch: id of a watch for its address space as it is now; 0 for snapshots that the module
 *	took after an exec and has not yet sent
 * @take: gets each with its areas and must free them; returns 0 or a negative errno
 * @arg: its second argument
 *
 * Return: 0, -ESRCH when the process has no memory any more, or another negative
 * errno.
 */
int client_snapshot_get(struct channel *channel, uint32_t watch,
			int (*take)(const struct snapshot *snapshot, void *arg), void *arg);

/**
 * client_image_get() - ask where files' code lies
 * @channel: to the module, with a session that has stacks or askers
 * @watch: id of a watch for its images as they are now; 0 for images that came with an exec or
 *	an mmap and that the module has not yet sent
 * @take: gets each; returns 0 or a negative errno
 * @arg: its second argument
 *
 * Return: 0, -ESRCH when the process has no memory any more, or another negative
 * errno.
 */
int client_image_get(struct channel *channel, uint32_t watch,
		     int (*take)(const struct image *image, void *arg), void *arg);

/**
 * client_probe_get() - ask for the state of all probes
 * @channel: to the module, with a session
 * @take: gets each; returns 0 or a negative errno
 * @arg: its second argument
 *
 * Return: 0 or a negative errno.
 */
int client_probe_get(struct channel *channel,
		     int (*take)(const struct probe_state *probe, void *arg), void *arg);

#endif
