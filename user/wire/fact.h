/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tool reads outside the protocol, in /proc and in files. A capture has each of these facts
 * as a message of its own, so that a replay shows the same as the live run and needs no file.
 */
#ifndef BRKWATCH_FACT_H
#define BRKWATCH_FACT_H

#include <stddef.h>
#include <stdint.h>

struct attr_field;
struct channel;
struct nlmsghdr;

/**
 * enum fact_kind - what a fact is about; captures have these numbers, so they never change
 * @FACT_PROCESS: a process that the tool has just learned of; the key is its watch
 * @FACT_SYSTEM: the machine; the key is empty
 * @FACT_MAPS: lines of /proc/PID/smaps, in parts that follow each other; the key is the watch
 * @FACT_FILE: a file; the key says which one, and ends with its path
 */
enum fact_kind {
	FACT_PROCESS = 1,
	FACT_SYSTEM,
	FACT_MAPS,
	FACT_FILE,
};

/* A fact is no longer than this, because the length of an attribute has 16 bits. */
#define FACT_MAX 60000

/* The attributes of a fact have no higher numbers than this. */
#define FACT_ATTR_MAX 31

/* A replay keeps facts about so many files at most, the latest ones. */
#define FACT_FILES_MAX 4096

/**
 * struct fact - one thing that the tool read
 * @before: the one before it in its list
 * @next: the next one in its list
 * @behind: the next one with the same kind and key
 * @kind: enum fact_kind, or a number that this tool does not know
 * @key: what it is about
 * @len: bytes of @value
 * @value: what was read: text or attributes
 */
struct fact {
	struct fact *before;
	struct fact *next;
	struct fact *behind;
	uint32_t kind;
	const char *key;
	size_t len;
	char value[] __attribute__((aligned(8)));
};

/**
 * struct fact_list - facts in the order in which they stand in the capture
 * @first: the first one
 * @last: the last one
 * @n: how many
 * @bytes: memory that they take
 */
struct fact_list {
	struct fact *first;
	struct fact *last;
	size_t n;
	uint64_t bytes;
};

/**
 * struct facts - facts of a capture that nobody has taken yet
 * @tree: all of them, a tree of tsearch(3) by kind and key, because a capture may have any number
 * @files: those of FACT_FILE
 * @others: those that belong to a place in the capture
 * @room: bytes that @others may take; the newest fact has room in any case
 * @dropped: how many of @others found no room, the oldest ones
 *
 * All zero but for @room is empty.
 */
struct facts {
	void *tree;
	struct fact_list files;
	struct fact_list others;
	uint64_t room;
	uint64_t dropped;
};

/**
 * facts_add() - add the fact that a message holds
 * @facts: the facts
 * @hdr: the message, of command CAPTURE_CMD_FACT
 *
 * Return: 0, -ENOMEM, or -EBADMSG if the message is not what it should be.
 */
int facts_add(struct facts *facts, const struct nlmsghdr *hdr);

/**
 * facts_take() - take out the first fact of a kind with a key
 * @facts: the facts
 * @kind: its kind
 * @key: its key
 *
 * Return: the fact, to be freed with free(), or NULL.
 */
struct fact *facts_take(struct facts *facts, enum fact_kind kind, const char *key);

/**
 * facts_pass() - drop the facts that belong to a place in the capture that is past
 * @facts: the facts; those about files stay, because they hold anywhere
 */
void facts_pass(struct facts *facts);

/**
 * facts_free() - drop all
 * @facts: the facts
 */
void facts_free(struct facts *facts);

/**
 * fact_put() - store what the tool has read, if it writes a capture
 * @channel: to the module; nothing happens if a capture answers in its place, because a capture
 *	that is written anew gets the facts of the old one
 * @kind: what it is about
 * @key: likewise
 * @value: what was read
 * @len: bytes of @value, FACT_MAX at most
 *
 * Return: 0, -ENOMEM, or -EMSGSIZE if @value is longer.
 */
int fact_put(struct channel *channel, enum fact_kind kind, const char *key, const void *value,
	     size_t len);

/**
 * fact_put_fields() - store a structure, as fact_put()
 * @channel: to the module
 * @kind: what it is about
 * @key: likewise
 * @fields: which attribute each member becomes
 * @n: how many members, of 4 KiB in all at most
 * @from: the structure
 *
 * Return: as fact_put().
 */
int fact_put_fields(struct channel *channel, enum fact_kind kind, const char *key,
		    const struct attr_field *fields, size_t n, const void *from);

/**
 * fact_take() - what the tool that wrote the capture had read
 * @channel: a capture that answers in place of the module
 * @kind: what it is about
 * @key: likewise
 *
 * Call it between the same two requests as fact_put(), which is not necessary for FACT_FILE. If
 * there are several of one kind and key, the calls return them in their order.
 *
 * Return: the fact, to be freed with free(); NULL if there is none, and always without a capture.
 */
struct fact *fact_take(struct channel *channel, enum fact_kind kind, const char *key);

/**
 * fact_spoil() - note that a fact is not what it should be
 * @channel: the capture that it was taken from
 */
void fact_spoil(struct channel *channel);

/**
 * fact_take_fields() - fill a structure, as fact_take()
 * @channel: a capture that answers in place of the module
 * @kind: what it is about
 * @key: likewise
 * @fields: which attribute each member was
 * @n: how many members
 * @to: the structure
 *
 * Return: 0, -ENOENT without such a fact, or -EBADMSG if it is not what it should be; the capture
 * then counts as damaged.
 */
int fact_take_fields(struct channel *channel, enum fact_kind kind, const char *key,
		     const struct attr_field *fields, size_t n, void *to);

#endif
