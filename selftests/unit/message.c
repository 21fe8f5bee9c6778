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

	if (a->text)
		memcpy(value, a->text, a->len);
	else
		memcpy(value, &a->value, sizeof(a->value));
	if (nla_put(msg, a->type, a->len, value))
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

struct nlmsghdr *message_new(const struct attribute *attributes, size_t n)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsghdr *hdr;
	size_t i;

	if (!msg || !genlmsg_put(msg, 1, 1, 100, 0, 0, 1, 1))
		abort();
	for (i = 0; i < n; i++)
		put(msg, &attributes[i]);
	hdr = message_cut(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
	return hdr;
}
