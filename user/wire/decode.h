/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of the module as structures. */
#ifndef BRKWATCH_DECODE_H
#define BRKWATCH_DECODE_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/netlink.h>

#include "event/event.h"

/* Room for the names of a probe, their terminating zeros included. */
#define PROBE_NAME_LEN 32
#define PROBE_SYMBOL_LEN 64

/**
 * struct area_message - one message of a snapshot
 * @snapshot: number of the snapshot that it belongs to
 * @is_head: it describes the moment, not an area
 * @head: when @is_head; without areas, and @head.n is only how many were announced
 * @area: else
 */
struct area_message {
	uint32_t snapshot;
	bool is_head;
	union {
		struct snapshot head;
		struct area area;
	};
};

/* The module does not say how a probe is hooked: it is not in, or the module is older. */
#define HOOK_UNKNOWN UINT32_MAX

/**
 * struct probe_state - what became of a probe of the module
 * @name: the call or the lifecycle event
 * @symbol: kernel function or tracepoint
 * @state: enum brkwatch_probe_state
 * @optional: a session opens without it
 * @missed: calls that it missed since the probes went in
 * @hook: enum brkwatch_hook, or HOOK_UNKNOWN
 */
struct probe_state {
	char name[PROBE_NAME_LEN];
	char symbol[PROBE_SYMBOL_LEN];
	uint32_t state;
	bool optional;
	uint64_t missed;
	uint32_t hook;
};

/**
 * struct glance - what can be seen of an event without reading it
 * @seen: bits of the attributes that were seen
 * @kind: enum brkwatch_event_kind
 * @watch: id of the watch
 * @pid: process
 * @tid: thread
 * @error: errno of a failed call, else 0
 */
struct glance {
	uint32_t seen;
	uint32_t kind;
	uint32_t watch;
	uint32_t pid;
	uint32_t tid;
	uint32_t error;
};

/**
 * glance_at() - bring a glance from the event before up to an event
 * @nest: the attribute that holds the event; nla_len bytes of it must be readable
 * @glance: what was seen of the event before; keeps what @nest lacks, because that has not changed
 *
 * Return: false if an attribute has not been seen so far, or if the event is malformed; the caller
 * then has to read the event.
 */
bool glance_at(const struct nlattr *nest, struct glance *glance);

/**
 * glance_repeats() - check whether glance_at() would see nothing new
 * @nest: the attribute that holds the event; nla_len bytes of it must be readable
 *
 * Return: whether the event begins with its time, as most do: whatever a glance sees comes before.
 */
static inline bool glance_repeats(const struct nlattr *nest)
{
	const struct nlattr *first = nest + 1;

	return nest->nla_len >= 2 * sizeof(*nest) && first->nla_type == BRKWATCH_A_EVENT_TIME;
}

/**
 * struct event_taker - what takes the events of a message
 * @pass: returns true for an event that need not be read; NULL to read all. It is not asked again
 *	while a glance sees the same, so it must decide by the glance alone
 * @take: gets each of the others; returns 0 or a negative errno
 * @arg: last argument of both
 * @passed: grows by one for each event that is not read
 */
struct event_taker {
	bool (*pass)(const struct glance *glance, void *arg);
	int (*take)(const struct event *ev, void *arg);
	void *arg;
	uint64_t passed;
};

/**
 * decode_knows() - can messages of a version of the protocol be read
 * @protocol: the version
 *
 * Return: whether they can.
 */
bool decode_knows(uint32_t protocol);

/**
 * decode_events() - read all events out of a message
 * @hdr: the message; nlmsg_len bytes of it must be readable
 * @taker: what takes them
 *
 * Return: 0, an error as of decode_event(), or the error of @taker.
 */
int decode_events(const struct nlmsghdr *hdr, struct event_taker *taker);

/**
 * decode_event() - read one event out of a message that is one, as up to protocol 2
 * @hdr: the message; nlmsg_len bytes of it must be readable
 * @ev: filled on success; its stack lies in the message
 *
 * Return: 0, -EBADMSG when the message is not one of ours, or -ENOMSG when its
 * kind, or the kind of what happened, is unknown.
 */
int decode_event(const struct nlmsghdr *hdr, struct event *ev);

/**
 * decode_counters() - read a watch's counters out of a message
 * @hdr: the message
 * @counters: filled on success
 *
 * Return: 0 or -EBADMSG.
 */
int decode_counters(const struct nlmsghdr *hdr, struct counters *counters);

/**
 * decode_distributions() - read the distributions of a watch
 * @hdr: the message
 * @all: array of DISTRIBUTIONS; the ones with calls are filled
 *
 * Return: 0 or -EBADMSG.
 */
int decode_distributions(const struct nlmsghdr *hdr, struct distribution *all);

/**
 * decode_refusals() - read the failed calls of a watch
 * @hdr: the message
 * @refusals: the entries are added
 *
 * Return: 0 or -EBADMSG.
 */
int decode_refusals(const struct nlmsghdr *hdr, struct refusals *refusals);

/**
 * decode_growth() - read how a process grew
 * @nest: the attribute, or NULL
 * @growth: filled if there is one
 *
 * Return: 0 or -EBADMSG.
 */
int decode_growth(const struct nlattr *nest, struct growth *growth);

/**
 * decode_limits() - read what the kernel decided a failed call by
 * @nest: the attribute, or NULL
 * @limits: filled if there is one
 *
 * Return: 0 or -EBADMSG.
 */
int decode_limits(const struct nlattr *nest, struct event_limits *limits);

/**
 * decode_session() - read the state of the session out of a message
 * @hdr: the message
 * @state: filled on success
 *
 * The answer of a module that speaks another protocol may hold nothing that we know besides the
 * protocol's number, so only that number is required.
 *
 * Return: 0 or -EBADMSG.
 */
int decode_session(const struct nlmsghdr *hdr, struct session_state *state);

/**
 * decode_area() - read one message of a snapshot
 * @hdr: the message
 * @message: filled on success
 *
 * Return: 0 or -EBADMSG.
 */
int decode_area(const struct nlmsghdr *hdr, struct area_message *message);

/**
 * decode_image() - read where a file's code lies out of a message
 * @hdr: the message
 * @image: filled on success; its path lies in the message
 *
 * Return: 0 or -EBADMSG.
 */
int decode_image(const struct nlmsghdr *hdr, struct image *image);

/**
 * decode_probe() - read the state of a probe out of a message
 * @hdr: the message
 * @probe: filled on success
 *
 * Return: 0, -EBADMSG, or -ENOMSG when the state is unknown.
 */
int decode_probe(const struct nlmsghdr *hdr, struct probe_state *probe);

#endif
