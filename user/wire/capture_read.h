/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A capture that answers in place of the module. The reader looks for each request of the tool
 * among the requests of the file, and gives the answer that the module gave when the file was made.
 */
#ifndef BRKWATCH_CAPTURE_READ_H
#define BRKWATCH_CAPTURE_READ_H

#include <stdbool.h>

#include "wire/capture.h"
#include "wire/fact.h"

struct capture_reader;
struct nlmsghdr;

/**
 * capture_read_open() - open a capture
 * @reader: set to the handle for the other functions
 * @path: its name, "-" for standard input
 * @meta: filled
 *
 * It tells the user what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int capture_read_open(struct capture_reader **reader, const char *path, struct capture_meta *meta);

/**
 * capture_read_close() - close a capture and free its reader
 * @reader: the capture, or NULL
 */
void capture_read_close(struct capture_reader *reader);

/**
 * capture_read_family() - the number that the module's netlink family had
 * @reader: the capture
 *
 * Return: the number.
 */
int capture_read_family(const struct capture_reader *reader);

/**
 * capture_read_controller() - the message that contains the number of the module's family
 * @reader: the capture
 *
 * Return: the answer of netlink's controller.
 */
const struct nlmsghdr *capture_read_controller(const struct capture_reader *reader);

/**
 * capture_read_peek() - the next request of the file
 * @reader: the capture
 *
 * It skips the answers to the previous request that the tool has not taken.
 *
 * Return: the request, valid until the next call, or NULL at the end.
 */
const struct nlmsghdr *capture_read_peek(struct capture_reader *reader);

/**
 * capture_read_skip() - pass over the request that capture_read_peek() returned
 * @reader: the capture
 */
void capture_read_skip(struct capture_reader *reader);

/**
 * capture_read_ask() - look for a request
 * @reader: the capture
 * @request: the request to look for
 *
 * On its way it skips side requests, which are those for snapshots, images and the counters of
 * processes that are gone, because the tool that made the file may have asked for some that the
 * tool does not ask for now. It skips no other request: these come in the same order as then.
 *
 * Return: the request as it stands in the file, valid until the next call, or NULL if it is not
 * there.
 */
const struct nlmsghdr *capture_read_ask(struct capture_reader *reader,
					const struct nlmsghdr *request);

/**
 * capture_read_answer() - the next message of the answer
 * @reader: the capture, after capture_read_ask()
 *
 * Return: the message, valid until the next call, or NULL if there are no more.
 */
const struct nlmsghdr *capture_read_answer(struct capture_reader *reader);

/**
 * capture_read_fact() - take a fact that stands before the next request
 * @reader: the capture
 * @kind: what it is about
 * @key: likewise
 *
 * It reads no further than to the fact, because the file may be a pipe that is still written.
 * capture_read_ask() drops the facts that stand before its request, except for those about files.
 *
 * Return: the fact, to be freed with free(), or NULL.
 */
struct fact *capture_read_fact(struct capture_reader *reader, enum fact_kind kind, const char *key);

/**
 * capture_read_on_fact() - have a function see each fact as it passes
 * @reader: the capture
 * @show: the function
 * @arg: its second argument
 */
void capture_read_on_fact(struct capture_reader *reader,
			  void (*show)(const struct nlmsghdr *hdr, void *arg), void *arg);

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
 * Return: what is wrong, in a few words, or NULL if nothing is.
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
