// SPDX-License-Identifier: GPL-2.0
/* What the kernel decided a failed call by. */
#include "wire/attrs.h"
#include "wire/decode.h"

#define LIMITS(attr, type, member) \
	FIELD(BRKWATCH_A_LIMITS_##attr, type, struct event_limits, member, false)

static const struct attr_field limits_fields[] = {
	LIMITS(AS, U64, as),
	LIMITS(DATA, U64, data),
	LIMITS(LOCKED, U64, locked),
	LIMITS(STACK, U64, stack),
	LIMITS(MAPPINGS, U64, mappings),
	LIMITS(LIMIT_AS, U64, limit_as),
	LIMITS(LIMIT_DATA, U64, limit_data),
	LIMITS(LIMIT_MEMLOCK, U64, limit_memlock),
	LIMITS(LIMIT_STACK, U64, limit_stack),
	LIMITS(LOCK_FUTURE, BOOL, lock_future),
	LIMITS(COMMITTED, U64, committed),
	LIMITS(STATIC_DATA, U64, static_data),
};

int decode_limits(const struct nlattr *nest, struct event_limits *limits)
{
	const struct nlattr *tb[BRKWATCH_A_LIMITS_MAX + 1];
	int err;

	if (!nest)
		return 0;
	err = attrs_parse_nested(nest, tb, BRKWATCH_A_LIMITS_MAX);
	if (!err)
		err = attrs_get(limits_fields, sizeof(limits_fields) / sizeof(*limits_fields), tb,
				limits);
	limits->known = !err;
	return err;
}
