/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A capture in place of the module: what the tool asks is looked for among the
 * requests of the file, and answered as it was answered then.
 */
#ifndef BRKWATCH_CAPTURE_READ_H
#define BRKWATCH_CAPTURE_READ_H

#include <stdbool.h>

#include "wire/capture.h"

struct capture_reader;
struct nlmsghdr;

/**
 * capture_read_open() - open a capture
 * @reader: set to what the other calls want
 * @path: its name, "-" for standard input
 * @meta: filled
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int capture_read_open(struct capture_reader **reader, const char *path, struct capture_meta *meta);

/**
 * capture_read_close() - free it
 * @reader: may be NULL
 */
void capture_read_close(struct capture_reader *reader);

/**
 * capture_read_family() - what the module's family had for a number
 * @reader: the capture
 *
 * Return: the number.
 */
int capture_read_family(const struct capture_reader *reader);

/**
 * capture_read_controller() - what told that number
 * @reader: the capture
 *
 * Return: the controller's answer.
 */
const struct nlmsghdr *capture_read_controller(const struct capture_reader *reader);

/**
 * capture_read_peek() - the next request of the file
 * @reader: the capture
 *
 * Answers to the one before that nobody took are passed over.
 *
 * Return: the request, valid until the next call, or NULL at the end.
 */
const struct nlmsghdr *capture_read_peek(struct capture_reader *reader);

/**
 * capture_read_skip() - pass over a request
 * @reader: the capture
 */
void capture_read_skip(struct capture_reader *reader);

/**
 * capture_read_ask() - look for a request
 * @reader: the capture
 * @request: the same was asked then, or not
 *
 * What was asked between drains and is not asked now is passed over.
 *
 * Return: the request as it was, valid until the next call, or NULL.
 */
const struct nlmsghdr *capture_read_ask(struct capture_reader *reader,
					const struct nlmsghdr *request);

/**
 * capture_read_answer() - the next message of the answer
 * @reader: the capture, after capture_read_ask()
 *
 * Return: the message, valid until the next call, or NULL.
 */
const struct nlmsghdr *capture_read_answer(struct capture_reader *reader);

/**
 * capture_read_cut() - the file ended before an answer did
 * @reader: the capture
 */
void capture_read_cut(struct capture_reader *reader);

/**
 * capture_read_is_cut() - did it
 * @reader: the capture
 *
 * Return: whether capture_read_cut() was called.
 */
bool capture_read_is_cut(const struct capture_reader *reader);

/**
 * capture_read_spoil() - the file makes no sense from here on
 * @reader: the capture
 * @why: in a few words
 */
void capture_read_spoil(struct capture_reader *reader, const char *why);

/**
 * capture_read_damage() - what is wrong with the file, as far as it was read
 * @reader: the capture
 *
 * Return: in a few words, or NULL.
 */
const char *capture_read_damage(const struct capture_reader *reader);

/**
 * capture_read_progress() - how much of the file was read
 * @reader: the capture
 *
 * Return: per cent; -1 if that cannot be told.
 */
int capture_read_progress(const struct capture_reader *reader);

#endif
