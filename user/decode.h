/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BRKWATCH_DECODE_H
#define BRKWATCH_DECODE_H

#include <linux/netlink.h>

#include "event.h"

/**
 * decode_event() - read one event out of a message
 * @hdr: the message; nlmsg_len bytes of it must be readable
 * @ev: filled on success
 *
 * Return: 0, -EBADMSG when the message is not one of ours, or -ENOMSG when its
 * kind is unknown.
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
 * decode_session() - read the state of the session out of a message
 * @hdr: the message
 * @state: filled on success
 *
 * The answer of a module that speaks another protocol may hold nothing that we
 * know besides that number, so it alone is always demanded.
 *
 * Return: 0 or -EBADMSG.
 */
int decode_session(const struct nlmsghdr *hdr, struct session_state *state);

#endif
