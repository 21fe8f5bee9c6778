/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A capture in place of the module. The reader looks for each request of the tool among the
 * requests of the file, and answers it as the module answered it then.
 */
#ifndef BRKWATCH_CAPTURE_READ_H
#define BRKWATCH_CAPTURE_READ_H

#include <stdbool.h>

#include "wire/capture.h"

struct capture_reader;
struct nlmsghdr;

/**
 * capture_read_open() - open a capture
 * @reader: set to the handle for the other functions
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
 * capture_read_family() - the number that the module's family had
 * @reader: the capture
 *
 * Return: the number.
 */
int capture_read_family(const struct capture_reader *reader);

/**
 * capture_read_controller() - the message that contains that number
 * @reader: the capture
 *
 * Return: the controller's answer.
 */
const struct nlmsghdr *capture_read_controller(const struct capture_reader *reader);

/**
 * capture_read_peek() - the next request of the file
 * @reader: the capture
 *
 * It skips answers to the request before if the tool did not take them.
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
 * @request: the request to look for
 *
 * It skips what the tool asked between drains then and does not ask now.
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
 * capture_read_cut() - note that the file ended before an answer did
 * @reader: the capture
 */
void capture_read_cut(struct capture_reader *reader);

/**
 * capture_read_is_cut() - did the file end before an answer did
 * @reader: the capture
 *
 * Return: whether capture_read_cut() was called.
 */
bool capture_read_is_cut(const struct capture_reader *reader);

/**
 * capture_read_spoil() - note that the file makes no sense from here on
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
 * Return: per cent; -1 if unknown.
 */
int capture_read_progress(const struct capture_reader *reader);

#endif
