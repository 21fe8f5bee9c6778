// SPDX-License-Identifier: GPL-2.0
/* What the tool sees of an event without reading it. */
#include <string.h>

#include "wire/decode.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define SEEN(attr) (1U << BRKWATCH_A_EVENT_##attr)

/* Where in struct glance each attribute goes. One that goes nowhere has 0, where @seen is. */
static const unsigned char glances[] = {
	[BRKWATCH_A_EVENT_KIND] = offsetof(struct glance, kind),
	[BRKWATCH_A_EVENT_WATCH] = offsetof(struct glance, watch),
	[BRKWATCH_A_EVENT_PID] = offsetof(struct glance, pid),
	[BRKWATCH_A_EVENT_TID] = offsetof(struct glance, tid),
	[BRKWATCH_A_EVENT_ERROR] = offsetof(struct glance, error),
};

/* The module puts the attributes of a glance before the time, so the loop ends there. */
bool glance_at(const struct nlattr *nest, struct glance *glance)
{
	const uint32_t all = SEEN(KIND) | SEEN(WATCH) | SEEN(PID) | SEEN(TID) | SEEN(ERROR);
	const char *at = (const char *)(nest + 1), *end = (const char *)nest + nest->nla_len;
	const struct nlattr *nla;

	for (; end - at >= (ptrdiff_t)sizeof(*nla); at += NLA_ALIGN(nla->nla_len)) {
		nla = (const struct nlattr *)at;
		if (nla->nla_type == BRKWATCH_A_EVENT_TIME)
			return glance->seen == all;
		if (nla->nla_len < sizeof(*nla) || nla->nla_len > end - at)
			return false;
		if (nla->nla_type >= ARRAY_SIZE(glances) || !glances[nla->nla_type])
			continue;
		if (nla->nla_len != sizeof(*nla) + sizeof(uint32_t))
			return false;
		memcpy((char *)glance + glances[nla->nla_type], nla + 1, sizeof(uint32_t));
		glance->seen |= 1U << nla->nla_type;
	}
	return false;
}
