/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attributes to structures, by tables. Messages come from a kernel module of any version or
 * from a file, so the tool does not trust anything in them.
 */
#ifndef BRKWATCH_ATTRS_H
#define BRKWATCH_ATTRS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/netlink.h>
#include <netlink/attr.h>

/* BOOL is a u32 in the message. */
enum field_type { FIELD_U32, FIELD_U64, FIELD_FLAG, FIELD_BOOL, FIELD_TEXT };

/**
 * struct attr_field - where one attribute goes
 * @attr: its number
 * @type: what it holds
 * @offset: of the field in the structure
 * @size: of the field in the structure
 * @optional: a message is complete without it
 */
struct attr_field {
	int attr;
	enum field_type type;
	size_t offset;
	size_t size;
	bool optional;
};

#define FIELD(attr, type, structure, member, optional)                \
	{                                                             \
		attr, FIELD_##type, offsetof(structure, member),      \
			sizeof(((structure *)NULL)->member), optional \
	}

/*
 * libnl has functions for these, but a library's function costs more than what these do, and all
 * attributes of all events come here.
 */

/**
 * attr_fits() - check whether an attribute lies wholly in the bytes that are left
 * @nla: where it would begin
 * @rem: how many bytes are left; below 0 if the attribute before it lacked padding
 *
 * Return: whether it does.
 */
static inline bool attr_fits(const struct nlattr *nla, int rem)
{
	return rem >= (int)sizeof(*nla) && nla->nla_len >= sizeof(*nla) && nla->nla_len <= rem;
}

/**
 * attr_next() - find where the next attribute would begin
 * @nla: an attribute for which attr_fits() holds
 * @rem: how many bytes are left from @nla on; becomes how many are left behind it
 *
 * Return: the place, at which attr_fits() must be asked first.
 */
static inline const struct nlattr *attr_next(const struct nlattr *nla, int *rem)
{
	int len = NLA_ALIGN(nla->nla_len);

	*rem -= len;
	return (const struct nlattr *)((const char *)nla + len);
}

/**
 * attr_type() - find the number of an attribute
 * @nla: the attribute
 *
 * Return: its number, without flags.
 */
static inline int attr_type(const struct nlattr *nla)
{
	return nla->nla_type & NLA_TYPE_MASK;
}

/**
 * attrs_parse() - find the attributes of a message
 * @hdr: the message; nlmsg_len bytes of it must be readable
 * @tb: filled with the attributes by number, @max + 1 of them
 * @max: highest number
 *
 * Like genlmsg_parse(), but bytes that are left over are an error, because a truncated message
 * must not pass for one that lacks an optional attribute at its end.
 *
 * Return: 0 or -EBADMSG.
 */
int attrs_parse(const struct nlmsghdr *hdr, const struct nlattr **tb, int max);

/**
 * attrs_parse_nested() - find the attributes within an attribute
 * @nest: it
 * @tb: filled with the attributes by number, @max + 1 of them
 * @max: highest number
 *
 * Return: 0 or -EBADMSG.
 */
int attrs_parse_nested(const struct nlattr *nest, const struct nlattr **tb, int max);

/**
 * attrs_parse_over() - find the attributes within an attribute, among others
 * @nest: it
 * @tb: attributes by number, @max + 1 of them; entries that @nest lacks stay
 * @max: highest number
 *
 * Return: 0 or -EBADMSG.
 */
int attrs_parse_over(const struct nlattr *nest, const struct nlattr **tb, int max);

/**
 * attrs_parse_bytes() - find the attributes in some bytes
 * @bytes: aligned for attributes
 * @len: how many bytes
 * @tb: filled with the attributes by number, @max + 1 of them
 * @max: highest number
 *
 * Return: 0 or -EBADMSG.
 */
int attrs_parse_bytes(const void *bytes, size_t len, const struct nlattr **tb, int max);

/**
 * attrs_get() - fill a structure
 * @fields: what goes where
 * @n: how many fields
 * @tb: attributes of the message, by number
 * @to: the structure
 *
 * Return: 0, or -EBADMSG when one is missing or not what it should be.
 */
int attrs_get(const struct attr_field *fields, size_t n, const struct nlattr **tb, void *to);

/**
 * attrs_put() - append a structure to a message, so that attrs_get() can fill one
 * @msg: the message
 * @fields: what goes where; optional fields are appended as well
 * @n: how many fields
 * @from: the structure
 *
 * Return: 0, or -ENOMEM if the message has no room.
 */
int attrs_put(struct nl_msg *msg, const struct attr_field *fields, size_t n, const void *from);

#endif
