/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A capture in place of the module: what the tool asks is looked for among the
 * requests of the file, and answered as it was answered then.
 */
#ifndef BRKWATCH_REPLAY_H
#define BRKWATCH_REPLAY_H

#include <stdbool.h>

#include "capture.h"

struct replay;
struct nlmsghdr;

/**
 * replay_open() - open a capture
 * @replay: set to what the other calls want
 * @path: its name, "-" for standard input
 * @meta: filled
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int replay_open(struct replay **replay, const char *path, struct capture_meta *meta);

/**
 * replay_close() - free it
 * @replay: may be NULL
 */
void replay_close(struct replay *replay);

/**
 * replay_family() - what the module's family had for a number
 * @replay: the capture
 *
 * Return: the number.
 */
int replay_family(const struct replay *replay);

/**
 * replay_controller() - what told that number
 * @replay: the capture
 *
 * Return: the controller's answer.
 */
const struct nlmsghdr *replay_controller(const struct replay *replay);

/**
 * replay_peek() - the next request of the file
 * @replay: the capture
 *
 * Answers to the one before that nobody took are passed over.
 *
 * Return: the request, valid until the next call, or NULL at the end.
 */
const struct nlmsghdr *replay_peek(struct replay *replay);

/**
 * replay_skip() - pass over a request
 * @replay: the capture
 */
void replay_skip(struct replay *replay);

/**
 * replay_ask() - look for a request
 * @replay: the capture
 * @request: the same was asked then, or not
 *
 * What was asked between drains and is not asked now is passed over.
 *
 * Return: the request as it was, valid until the next call, or NULL.
 */
const struct nlmsghdr *replay_ask(struct replay *replay, const struct nlmsghdr *request);

/**
 * replay_answer() - the next message of the answer
 * @replay: the capture, after replay_ask()
 *
 * Return: the message, valid until the next call, or NULL.
 */
const struct nlmsghdr *replay_answer(struct replay *replay);

/**
 * replay_cut() - the file ended before an answer did
 * @replay: the capture
 */
void replay_cut(struct replay *replay);

/**
 * replay_is_cut() - did it
 * @replay: the capture
 *
 * Return: whether replay_cut() was called.
 */
bool replay_is_cut(const struct replay *replay);

/**
 * replay_spoil() - the file makes no sense from here on
 * @replay: the capture
 * @why: in a few words
 */
void replay_spoil(struct replay *replay, const char *why);

/**
 * replay_damage() - what is wrong with the file, as far as it was read
 * @replay: the capture
 *
 * Return: in a few words, or NULL.
 */
const char *replay_damage(const struct replay *replay);

/**
 * replay_progress() - how much of the file was read
 * @replay: the capture
 *
 * Return: per cent; -1 if that cannot be told.
 */
int replay_progress(const struct replay *replay);

#endif
