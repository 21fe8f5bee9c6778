/* SPDX-License-Identifier: GPL-2.0 */
/* The tool's session with the module: how it begins, which processes it watches, how it ends. */
#ifndef BRKWATCH_SESSION_H
#define BRKWATCH_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/capture.h"
#include "wire/channel.h"
#include "wire/client.h"
#include "event/event.h"

/**
 * struct session - a session and its watches
 * @channel: to the module
 * @began: CLOCK_MONOTONIC in ns when it began
 * @state: what the module last said of it
 * @askers: calls come with who made them, or may do so out of a capture
 * @watches: what the module last reported of each watch, by rising id; only id, pid and name if
 *	it has not yet reported the watch
 * @n: how many watches
 * @cap: room in @watches
 * @ended: how many of them have ended, so that their counters are the last
 */
struct session {
	struct channel *channel;
	uint64_t began;
	struct session_state state;
	bool askers;
	struct counters *watches;
	size_t n;
	size_t cap;
	size_t ended;
};

/**
 * session_begin() - open a session; load the module if need be
 * @session: filled
 * @request: what it should be; without the right to know who makes calls it is one without that
 * @capture: gets all messages, or NULL
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int session_begin(struct session *session, const struct session_request *request,
		  struct capture *capture);

/**
 * session_replay() - have the session of a capture
 * @session: filled
 * @reader: the capture; the session owns it if this succeeds
 * @began: CLOCK_MONOTONIC in ns when it began
 * @capture: gets all messages once more, or NULL
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int session_replay(struct session *session, struct capture_reader *reader, uint64_t began,
		   struct capture *capture);

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
 * session_watch_all() - watch every process, and those to come
 * @session: the session
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int session_watch_all(struct session *session);

/**
 * session_learn() - note a watch that the module began by itself
 * @session: the session
 * @id: of the watch; nothing happens when it is known
 * @pid: its process
 * @comm: name of a thread of it
 *
 * Return: 0 or -ENOMEM.
 */
int session_learn(struct session *session, uint32_t id, uint32_t pid, const char *comm);

/**
 * session_find() - what is known of a watch
 * @session: the session
 * @id: of the watch
 *
 * Return: valid until the next watch is added, or NULL.
 */
const struct counters *session_find(const struct session *session, uint32_t id);

/**
 * session_refresh() - ask for the counters of all watches
 * @session: the session
 *
 * Return: 0 or a negative errno.
 */
int session_refresh(struct session *session);

/**
 * session_collect() - take the last counters of processes that are gone
 * @session: the session
 *
 * The module keeps them until then.
 *
 * Return: 0 or a negative errno.
 */
int session_collect(struct session *session);

/**
 * session_part() - forget the processes that have ended
 * @session: the session
 * @take: gets the last counters of each before that; returns 0 or a negative errno
 * @arg: second argument of @take
 *
 * The module has forgotten them already.
 *
 * Return: 0 or what @take returned.
 */
int session_part(struct session *session, int (*take)(const struct counters *last, void *arg),
		 void *arg);

/**
 * session_stop() - end all watches
 * @session: the session; @watches are the last counters afterwards
 *
 * The ring then holds all events that there will ever be, and they agree with the counters.
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
