// SPDX-License-Identifier: GPL-2.0
/* What the tool reads outside the protocol, on its way into a capture and out of it. */
#include <errno.h>
#include <stdbool.h>
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

static void append(struct facts *facts, struct fact *fact)
{
	if (!facts->first)
		facts->end = &facts->first;
	*facts->end = fact;
	facts->end = &fact->next;
	facts->files += fact->kind == FACT_FILE;
}

static struct fact *unlink_at(struct facts *facts, struct fact **at)
{
	struct fact *fact = *at;

	*at = fact->next;
	if (!*at)
		facts->end = at;
	facts->files -= fact->kind == FACT_FILE;
	return fact;
}

static void drop_oldest_file(struct facts *facts)
{
	struct fact **at = &facts->first;

	while ((*at)->kind != FACT_FILE)
		at = &(*at)->next;
	free(unlink_at(facts, at));
}

static bool is_text(const struct nlattr *nla)
{
	size_t len = nla_len(nla);

	return len && strnlen(nla_data(nla), len) == len - 1;
}

int facts_add(struct facts *facts, const struct nlmsghdr *hdr)
{
	const struct nlattr *tb[CAPTURE_A_MAX + 1], *key, *value;
	struct fact *fact;

	if (attrs_parse(hdr, tb, CAPTURE_A_MAX))
		return -EBADMSG;
	key = tb[CAPTURE_A_KEY];
	value = tb[CAPTURE_A_VALUE];
	if (!tb[CAPTURE_A_KIND] || nla_len(tb[CAPTURE_A_KIND]) != sizeof(uint32_t) || !key ||
	    !is_text(key) || !value)
		return -EBADMSG;
	fact = malloc(sizeof(*fact) + nla_len(value) + nla_len(key));
	if (!fact)
		return -ENOMEM;
	*fact = (struct fact){
		.kind = nla_get_u32((struct nlattr *)tb[CAPTURE_A_KIND]),
		.key = fact->value + nla_len(value),
		.len = nla_len(value),
	};
	memcpy(fact->value, nla_data(value), nla_len(value));
	memcpy(fact->value + nla_len(value), nla_data(key), nla_len(key));
	append(facts, fact);
	if (facts->files > FACT_FILES_MAX)
		drop_oldest_file(facts);
	return 0;
}

struct fact *facts_take(struct facts *facts, enum fact_kind kind, const char *key)
{
	struct fact **at;

	for (at = &facts->first; *at; at = &(*at)->next)
		if ((*at)->kind == kind && !strcmp((*at)->key, key))
			return unlink_at(facts, at);
	return NULL;
}

void facts_pass(struct facts *facts)
{
	struct fact **at = &facts->first;

	while (*at) {
		if ((*at)->kind == FACT_FILE)
			at = &(*at)->next;
		else
			free(unlink_at(facts, at));
	}
}

void facts_free(struct facts *facts)
{
	while (facts->first)
		free(unlink_at(facts, &facts->first));
}

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
