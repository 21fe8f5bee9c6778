// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "message.h"

static void put(struct nl_msg *msg, const struct attribute *a)
{
	unsigned char value[64] = { 0 };

	memcpy(value, &a->value, sizeof(a->value));
	if (nla_put(msg, a->type, a->len, a->text ?: value))
		abort();
}

struct nlmsghdr *message_cut(const struct nlmsghdr *whole, size_t len)
{
	struct nlmsghdr *hdr = malloc(len);

	if (!hdr)
		abort();
	memcpy(hdr, whole, len);
	hdr->nlmsg_len = len;
	return hdr;
}

static struct nl_msg *begin(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, 1, 1, 100, 0, 0, 1, 1))
		abort();
	return msg;
}

static struct nlmsghdr *end(struct nl_msg *msg)
{
	struct nlmsghdr *hdr = message_cut(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);

	nlmsg_free(msg);
	return hdr;
}

struct nlmsghdr *message_new(const struct attribute *attributes, size_t n)
{
	struct nl_msg *msg = begin();
	size_t i;

	for (i = 0; i < n; i++)
		put(msg, &attributes[i]);
	return end(msg);
}

struct nlmsghdr *message_nest(int type, const struct attribute_list *lists, size_t n)
{
	struct nl_msg *msg = begin();
	size_t i, j;

	for (i = 0; i < n; i++) {
		struct nlattr *nest = nla_nest_start(msg, type);

		if (!nest)
			abort();
		for (j = 0; j < lists[i].n; j++)
			put(msg, &lists[i].attributes[j]);
		nla_nest_end(msg, nest);
	}
	return end(msg);
}

void message_spoil(struct nlmsghdr *hdr)
{
	unsigned char *bytes = (unsigned char *)hdr;
	int i;

	for (i = random() % 4; i >= 0; i--)
		bytes[sizeof(*hdr) + random() % (hdr->nlmsg_len - sizeof(*hdr))] = random();
}
