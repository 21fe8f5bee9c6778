/* SPDX-License-Identifier: GPL-2.0 */
/* Messages in the module's format, or almost. */
#ifndef UNIT_MESSAGE_H
#define UNIT_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>

/* One attribute that a message gets: its value, or bytes that lie elsewhere. */
struct attribute {
	int type;
	int len;
	uint64_t value;
	const void *text;
};

#define U32(type, value)             \
	{                            \
		type, 4, value, NULL \
	}
#define U64(type, value)             \
	{                            \
		type, 8, value, NULL \
	}
#define TEXT(type, text)                    \
	{                                   \
		type, sizeof(text), 0, text \
	}
#define BYTES(type, bytes, len)      \
	{                            \
		type, len, 0, bytes, \
	}
#define FLAG(type)               \
	{                        \
		type, 0, 0, NULL \
	}

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* The attributes that a nesting attribute gets. */
struct attribute_list {
	const struct attribute *attributes;
	size_t n;
};

/**
 * message_new() - make a message
 * @attributes: its attributes
 * @n: how many of them
 *
 * It lies at the end of its memory, so that ASan sees a read beyond it.
 *
 * Return: the message, to be freed with free().
 */
struct nlmsghdr *message_new(const struct attribute *attributes, size_t n);

/**
 * message_nest() - make a message of attributes that hold others
 * @type: their number
 * @lists: the attributes in each
 * @n: how many
 *
 * Return: as message_new().
 */
struct nlmsghdr *message_nest(int type, const struct attribute_list *lists, size_t n);

/**
 * message_cut() - make a message that ends early
 * @whole: the message
 * @len: its length in bytes, sizeof(struct nlmsghdr) at least
 *
 * Return: the message, to be freed with free().
 */
struct nlmsghdr *message_cut(const struct nlmsghdr *whole, size_t len);

/**
 * message_spoil() - give up to four bytes behind the header any values, by random()
 * @hdr: the message
 */
void message_spoil(struct nlmsghdr *hdr);

#endif
