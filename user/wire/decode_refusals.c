// SPDX-License-Identifier: GPL-2.0
/* Failed calls in messages. */
#include <netlink/genl/genl.h>

#include "event/refusals.h"
#include "wire/decode.h"
#include "wire/attrs.h"

/* No event has this kind. */
#define NO_KIND UINT32_MAX

#define REFUSAL(attr, type, member, optional) \
	FIELD(BRKWATCH_A_REFUSALS_##attr, type, struct refusal, member, optional)

static const struct attr_field refusal_fields[] = {
	REFUSAL(KIND, U32, kind, true),
	REFUSAL(ERRNO, U32, error, false),
	REFUSAL(CALLS, U64, calls, false),
};

static int decode_one(const struct nlattr *nest, struct refusals *refusals)
{
	const struct nlattr *tb[BRKWATCH_A_REFUSALS_MAX + 1];
	struct refusal one = { .kind = NO_KIND };
	int err = attrs_parse_nested(nest, tb, BRKWATCH_A_REFUSALS_MAX);

	if (!err)
		err = attrs_get(refusal_fields, sizeof(refusal_fields) / sizeof(*refusal_fields),
				tb, &one);
	if (!err)
		refusals_count(refusals, one.kind, one.error, one.calls);
	return err;
}

int decode_refusals(const struct nlmsghdr *hdr, struct refusals *refusals)
{
	const struct genlmsghdr *genl = nlmsg_data(hdr);
	const struct nlattr *nla = genlmsg_attrdata(genl, 0);
	int rem = genlmsg_attrlen(genl, 0);
	int err = 0;

	for (; !err && rem > 0 && nla_ok(nla, rem); nla = nla_next(nla, &rem))
		if (nla_type(nla) == BRKWATCH_A_WATCH_REFUSALS)
			err = decode_one(nla, refusals);
	return err;
}
