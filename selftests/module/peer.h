/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A reader of the module that shares no code with the tool, because the tests must
 * not trust the tool's own decoder.
 */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/brkwatch.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

/**
 * struct peer - a netlink socket that talks to the family
 * @sk: the socket
 * @family: number of the family
 * @extack: message of the last error, or empty
 * @answer: in a callback, the whole message, for attributes that it has more than once
 */
struct peer {
	struct nl_sock *sk;
	int family;
	char extack[256];
	struct nlmsghdr *answer;
};

/**
 * struct peer_wish - parameters of a session
 * @ring_bytes: size of the ring of one CPU; 0: the module's default
 * @events: bits of the kinds that the session records
 * @stack_bytes: bytes of stack for each call; 0: none, and no registers
 * @follow: the session watches children as well
 * @delta: events omit what the event before them has
 * @huge_page: bytes of a huge page; 0: the module's default
 * @askers: calls come with who made them
 * @limits: failed calls come with what the kernel decided them by
 * @latencies: events come with how long calls took, and counters as well
 */
struct peer_wish {
	uint32_t ring_bytes;
	uint32_t events;
	uint32_t stack_bytes;
	bool follow;
	bool delta;
	uint64_t huge_page;
	bool askers;
	bool limits;
	bool latencies;
};

/**
 * typedef peer_fn - handle an answer
 * @tb: its attributes by number; large enough for every set of the protocol
 */
typedef void (*peer_fn)(struct nlattr **tb, void *arg);

int peer_open(struct peer *p);
void peer_close(struct peer *p);

struct nl_msg *peer_request(struct peer *p, int cmd, int flags);
int peer_call(struct peer *p, struct nl_msg *msg, peer_fn fn, void *arg);

int peer_session(struct peer *p, uint32_t ring_bytes, uint32_t events);
int peer_session_as(struct peer *p, const struct peer_wish *wish);
int peer_watch(struct peer *p, pid_t pid, bool on_exec);
int peer_stacks(struct peer *p, uint32_t ring_bytes, uint32_t stack_bytes);
int peer_unwatch(struct peer *p, uint32_t id, uint64_t *value, int attr);
int peer_drain(struct peer *p, peer_fn fn, void *arg);
int peer_watches(struct peer *p, peer_fn fn, void *arg);
uint64_t peer_total(struct peer *p, int attr);
int peer_ready(struct peer *p, uint32_t *live);

uint64_t peer_u64(struct nlattr **tb, int attr);
uint32_t peer_u32(struct nlattr **tb, int attr);

#define PEER_ATTRS 65
#define KIND_BIT(kind) (1U << BRKWATCH_EVENT_KIND_##kind)
#define ALL_KINDS (2 * KIND_BIT(MARK) - 1)

#endif
