// SPDX-License-Identifier: GPL-2.0
/* What the tool reads outside the protocol, on its way into a capture and out of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "wire/attrs.h"
#include "wire/capture_read.h"
#include "wire/channel.h"
#include "wire/fact.h"

/* Room for the attributes of a structure. */
#define FIELDS_MAX 4096

static struct nl_msg *message_of(const struct channel *channel, enum fact_kind kind,
				 const char *key, const void *value, size_t len)
{
	size_t size = NLMSG_HDRLEN + GENL_HDRLEN + nla_total_size(sizeof(uint32_t)) +
		      nla_total_size(strlen(key) + 1) + nla_total_size(len);
	struct nl_msg *msg = nlmsg_alloc_size(size);

	if (msg &&
	    genlmsg_put(msg, 0, 0, channel_family(channel), 0, 0, CAPTURE_CMD_FACT,
			CAPTURE_VERSION) &&
	    !nla_put_u32(msg, CAPTURE_A_KIND, kind) && !nla_put_string(msg, CAPTURE_A_KEY, key) &&
	    !nla_put(msg, CAPTURE_A_VALUE, len, value))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

int fact_put(struct channel *channel, enum fact_kind kind, const char *key, const void *value,
	     size_t len)
{
	struct nl_msg *msg;

	if (channel_replays(channel) || !channel_is_tapped(channel))
		return 0;
	if (len > FACT_MAX || strlen(key) >= FACT_MAX)
		return -EMSGSIZE;
	msg = message_of(channel, kind, key, value, len);
	if (!msg)
		return -ENOMEM;
	channel_insert(channel, nlmsg_hdr(msg));
	nlmsg_free(msg);
	return 0;
}

int fact_put_fields(struct channel *channel, enum fact_kind kind, const char *key,
		    const struct attr_field *fields, size_t n, const void *from)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + FIELDS_MAX);
	int err = msg ? attrs_put(msg, fields, n, from) : -ENOMEM;

	if (!err)
		err = fact_put(channel, kind, key, nlmsg_data(nlmsg_hdr(msg)),
			       nlmsg_datalen(nlmsg_hdr(msg)));
	nlmsg_free(msg);
	return err;
}

struct fact *fact_take(struct channel *channel, enum fact_kind kind, const char *key)
{
	struct capture_reader *reader = channel_reader(channel);

	return reader ? capture_read_fact(reader, kind, key) : NULL;
}

static int get_fields(const struct fact *fact, const struct attr_field *fields, size_t n, void *to)
{
	const struct nlattr *tb[FACT_ATTR_MAX + 1];

	if (attrs_parse_bytes(fact->value, fact->len, tb, FACT_ATTR_MAX))
		return -EBADMSG;
	return attrs_get(fields, n, tb, to);
}

void fact_spoil(struct channel *channel)
{
	capture_read_spoil(channel_reader(channel), "a fact cannot be read");
}

int fact_take_fields(struct channel *channel, enum fact_kind kind, const char *key,
		     const struct attr_field *fields, size_t n, void *to)
{
	struct fact *fact = fact_take(channel, kind, key);
	int err = fact ? get_fields(fact, fields, n, to) : -ENOENT;

	free(fact);
	if (err == -EBADMSG)
		fact_spoil(channel);
	return err;
}
