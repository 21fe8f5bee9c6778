/* SPDX-License-Identifier: GPL-2.0 */
/* A generic netlink socket to the module, and one request at a time over it. */
#ifndef BRKWATCH_CHANNEL_H
#define BRKWATCH_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct nl_msg;
struct capture_reader;
struct nlmsghdr;

/**
 * channel_open() - open a socket and find the family
 * @channel: set to the handle for the other functions
 *
 * Return: 0, -ENOENT when the module is not loaded, or another negative errno.
 */
int channel_open(struct channel **channel);

/**
 * channel_replay() - have a capture answer in place of the module
 * @channel: set to the handle for the other functions
 * @reader: the capture; the channel owns it from now on
 *
 * Return: 0 or -ENOMEM.
 */
int channel_replay(struct channel **channel, struct capture_reader *reader);

/**
 * channel_tap() - have a function see all requests and answers
 * @channel: the channel
 * @tap: gets each message before the tool sends or takes it, and whether it is sent
 * @arg: its third argument
 *
 * The first message is the controller's answer about the family.
 *
 * Return: 0 or a negative errno.
 */
int channel_tap(struct channel *channel,
		void (*tap)(const struct nlmsghdr *hdr, bool sent, void *arg), void *arg);

/**
 * channel_is_tapped() - does a function see all requests and answers
 * @channel: the channel
 *
 * Return: whether channel_tap() was called.
 */
bool channel_is_tapped(const struct channel *channel);

/**
 * channel_insert() - show the tap a message of the tool's own, among those that the tool receives
 * @channel: the channel
 * @hdr: the message
 */
void channel_insert(const struct channel *channel, const struct nlmsghdr *hdr);

/**
 * channel_reader() - the capture that answers in place of the module
 * @channel: the channel
 *
 * Return: the capture, or NULL.
 */
struct capture_reader *channel_reader(const struct channel *channel);

/**
 * channel_family() - the number of the module's family
 * @channel: the channel
 *
 * Return: the number.
 */
int channel_family(const struct channel *channel);

/**
 * channel_close() - close the socket; its session ends with it
 * @channel: may be NULL
 */
void channel_close(struct channel *channel);

/**
 * channel_replays() - does a capture answer in place of the module
 * @channel: the channel
 *
 * Return: whether one does.
 */
bool channel_replays(const struct channel *channel);

/**
 * channel_fd() - what to poll for notes
 * @channel: the channel
 *
 * Return: the socket.
 */
int channel_fd(const struct channel *channel);

/**
 * channel_reason() - why the last request failed
 * @channel: the channel
 * @err: the negative errno it returned
 *
 * Return: the module's own sentence, or what @err means when it sent none.
 */
const char *channel_reason(const struct channel *channel, int err);

/**
 * channel_take_note() - was there a "ready" note among the answers
 * @channel: the channel
 *
 * Return: whether there was one since the last call.
 */
bool channel_take_note(struct channel *channel);

/**
 * channel_receive() - read messages that arrived without a request
 * @channel: the channel; poll() has said that there is something to read
 *
 * Return: 0 or a negative errno.
 */
int channel_receive(struct channel *channel);

/**
 * channel_request() - begin a request
 * @channel: the channel
 * @flags: NLM_F_DUMP or 0
 * @cmd: enum of BRKWATCH_CMD_*
 *
 * Return: a message to put attributes in, or NULL without memory.
 */
struct nl_msg *channel_request(const struct channel *channel, int flags, int cmd);

/**
 * channel_send() - send a request and take its whole answer
 * @channel: the channel
 * @msg: the request, which it frees
 * @take: gets each message of the answer; returns 0 or a negative errno
 * @arg: second argument of @take
 *
 * Return: 0, or the first of the negative errnos of the module and of @take.
 */
int channel_send(struct channel *channel, struct nl_msg *msg,
		 int (*take)(const struct nlmsghdr *hdr, void *arg), void *arg);

#endif
