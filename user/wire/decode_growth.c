// SPDX-License-Identifier: GPL-2.0
/* The growth of a process in messages. */
#include <errno.h>
#include <string.h>
#include <netlink/attr.h>

#include "wire/decode.h"
#include "wire/attrs.h"

#define GROWTH(attr, member) FIELD(BRKWATCH_A_GROWTH_##attr, U64, struct growth, member, false)

static const struct attr_field growth_fields[] = {
	GROWTH(DURATION, duration), GROWTH(FIRST, first), GROWTH(PEAK, peak),
	GROWTH(NOW, now),	    GROWTH(STEP, step),
};

int decode_growth(const struct nlattr *nest, struct growth *growth)
{
	const struct nlattr *tb[BRKWATCH_A_GROWTH_MAX + 1];
	const struct nlattr *least;
	int err;

	/* An older module does not report it. */
	if (!nest)
		return 0;
	err = attrs_parse_nested(nest, tb, BRKWATCH_A_GROWTH_MAX);
	if (!err)
		err = attrs_get(growth_fields, sizeof(growth_fields) / sizeof(*growth_fields), tb,
				growth);
	if (err)
		return err;
	least = tb[BRKWATCH_A_GROWTH_LEAST];
	growth->n = least ? nla_len(least) / sizeof(uint64_t) : 0;
	if (!growth->step || !growth->n || nla_len(least) % sizeof(uint64_t) ||
	    growth->n > GROWTH_STEPS)
		return -EBADMSG;
	memcpy(growth->least, nla_data(least), growth->n * sizeof(uint64_t));
	return 0;
}
