// SPDX-License-Identifier: GPL-2.0
/* Facts about processes, as attributes. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "wire/attrs.h"
#include "wire/fact.h"
#include "wire/fact_process.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Captures have these numbers, so they never change. A fact that could not be read is missing. */
enum {
	PROCESS_A_EXECUTABLE = 1,
	PROCESS_A_CGROUP,
	PROCESS_A_UID,
	PROCESS_A_PARENT,
	PROCESS_A_START,
	PROCESS_A_SECCOMP,
	PROCESS_A_MAX = PROCESS_A_SECCOMP,
};

/* Two paths and some numbers. */
#define PROCESS_BYTES (2 * PATH_MAX + 256)

/* The digits of a watch and a terminating zero. */
#define KEY_MAX 16

static const struct attr_field number_fields[] = {
	FIELD(PROCESS_A_UID, U32, struct process_facts, uid, true),
	FIELD(PROCESS_A_PARENT, U32, struct process_facts, parent, true),
	FIELD(PROCESS_A_START, U64, struct process_facts, start, true),
	FIELD(PROCESS_A_SECCOMP, U32, struct process_facts, seccomp, true),
};

static int put_facts(struct nl_msg *msg, const struct process_facts *facts)
{
	if ((facts->executable && nla_put_string(msg, PROCESS_A_EXECUTABLE, facts->executable)) ||
	    (facts->cgroup && nla_put_string(msg, PROCESS_A_CGROUP, facts->cgroup)) ||
	    (facts->has_uid && nla_put_u32(msg, PROCESS_A_UID, facts->uid)) ||
	    (facts->has_parent && nla_put_u32(msg, PROCESS_A_PARENT, facts->parent)) ||
	    (facts->has_start && nla_put_u64(msg, PROCESS_A_START, facts->start)) ||
	    (facts->has_seccomp && nla_put_u32(msg, PROCESS_A_SECCOMP, facts->seccomp)))
		return -ENOMEM;
	return 0;
}

static const char *key_of(char key[KEY_MAX], const struct process_facts *facts)
{
	snprintf(key, KEY_MAX, "%" PRIu32, facts->watch);
	return key;
}

int fact_put_process(struct channel *channel, const struct process_facts *facts)
{
	struct nl_msg *msg = nlmsg_alloc_size(PROCESS_BYTES);
	int err = msg ? put_facts(msg, facts) : -ENOMEM;
	char key[KEY_MAX];

	if (!err)
		err = fact_put(channel, FACT_PROCESS, key_of(key, facts),
			       nlmsg_data(nlmsg_hdr(msg)), nlmsg_datalen(nlmsg_hdr(msg)));
	nlmsg_free(msg);
	return err;
}

static int get_text(const struct nlattr *nla, char **text)
{
	if (!nla)
		return 0;
	if (!memchr(nla_data(nla), '\0', nla_len(nla)))
		return -EBADMSG;
	*text = strdup(nla_data(nla));
	return *text ? 0 : -ENOMEM;
}

static int get_facts(const struct fact *fact, struct process_facts *facts)
{
	const struct nlattr *tb[PROCESS_A_MAX + 1];
	int err = attrs_parse_bytes(fact->value, fact->len, tb, PROCESS_A_MAX);

	if (!err)
		err = attrs_get(number_fields, ARRAY_SIZE(number_fields), tb, facts);
	if (!err)
		err = get_text(tb[PROCESS_A_EXECUTABLE], &facts->executable);
	if (!err)
		err = get_text(tb[PROCESS_A_CGROUP], &facts->cgroup);
	facts->has_uid = tb[PROCESS_A_UID];
	facts->has_parent = tb[PROCESS_A_PARENT];
	facts->has_start = tb[PROCESS_A_START];
	facts->has_seccomp = tb[PROCESS_A_SECCOMP];
	return err;
}

int fact_take_process(struct channel *channel, struct process_facts *facts)
{
	char key[KEY_MAX];
	struct fact *fact = fact_take(channel, FACT_PROCESS, key_of(key, facts));
	int err = fact ? get_facts(fact, facts) : 0;

	free(fact);
	if (err != -EBADMSG)
		return err;
	fact_spoil(channel);
	process_facts_free(facts);
	*facts = (struct process_facts){ .watch = facts->watch, .pid = facts->pid };
	return 0;
}
