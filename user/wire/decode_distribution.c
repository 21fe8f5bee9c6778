// SPDX-License-Identifier: GPL-2.0
/* Distributions in messages. */
#include <errno.h>
#include <string.h>
#include <netlink/genl/genl.h>

#include "wire/decode.h"
#include "wire/attrs.h"

/* A distribution as the module sends it. */
struct message {
	uint32_t kind;
	uint32_t measure;
	uint32_t first;
	struct distribution d;
};

#define MESSAGE(attr, type, member) \
	FIELD(BRKWATCH_A_DISTRIBUTION_##attr, type, struct message, member, false)

static const struct attr_field message_fields[] = {
	MESSAGE(KIND, U32, kind),   MESSAGE(MEASURE, U32, measure), MESSAGE(LEAST, U64, d.least),
	MESSAGE(MOST, U64, d.most), MESSAGE(FIRST, U32, first),
};

static int get_buckets(struct message *message, const struct nlattr *nla, uint32_t lowest)
{
	struct distribution *d = &message->d;
	size_t n = nla ? nla_len(nla) / sizeof(uint64_t) : 0;
	size_t at = message->first - lowest, i;

	if (!n || nla_len(nla) % sizeof(uint64_t) || message->first < lowest || at >= BUCKETS ||
	    n > BUCKETS - at)
		return -EBADMSG;
	memcpy(&d->buckets[at], nla_data(nla), n * sizeof(uint64_t));
	for (i = at; i < at + n; i++)
		d->n += d->buckets[i];
	return d->n ? 0 : -EBADMSG;
}

static int decode_one(const struct nlattr *nest, struct distribution *all)
{
	const struct nlattr *tb[BRKWATCH_A_DISTRIBUTION_MAX + 1];
	struct message message = { 0 };
	int err = attrs_parse_nested(nest, tb, BRKWATCH_A_DISTRIBUTION_MAX);
	int i;

	if (!err)
		err = attrs_get(message_fields, sizeof(message_fields) / sizeof(*message_fields),
				tb, &message);
	if (err)
		return err;
	i = distribution_find(message.kind, message.measure);
	/* A newer module may have more. */
	if (i < 0)
		return 0;
	err = get_buckets(&message, tb[BRKWATCH_A_DISTRIBUTION_BUCKETS],
			  distribution_types[i].lowest);
	if (!err)
		all[i] = message.d;
	return err;
}

int decode_distributions(const struct nlmsghdr *hdr, struct distribution *all)
{
	const struct genlmsghdr *genl = nlmsg_data(hdr);
	const struct nlattr *nla = genlmsg_attrdata(genl, 0);
	int rem = genlmsg_attrlen(genl, 0);
	int err = 0;

	for (; !err && rem > 0 && nla_ok(nla, rem); nla = nla_next(nla, &rem))
		if (nla_type(nla) == BRKWATCH_A_WATCH_DISTRIBUTION)
			err = decode_one(nla, all);
	return err;
}
