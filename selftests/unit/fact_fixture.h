/* SPDX-License-Identifier: GPL-2.0 */
/* A capture to which a test adds requests and facts, and which a channel then reads. */
#ifndef UNIT_FACT_FIXTURE_H
#define UNIT_FACT_FIXTURE_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/brkwatch.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <kselftest_harness.h>

#include "fact_message.h"
#include "wire/capture_read.h"
#include "wire/channel.h"
#include "wire/fact.h"

#define FAMILY 100

/* A capture with the least that a reader wants, and what a test adds. */
FIXTURE(capture)
{
	char path[32];
	struct capture capture;
	struct capture_reader *reader;
	struct channel *channel;
};

static inline void put_message(struct capture *capture, int type, int seq, int cmd, bool sent,
			       const struct attribute *attribute)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, 0, seq, type, 0, 0, cmd, 1) ||
	    (attribute && nla_put(msg, attribute->type, attribute->len, &attribute->value)))
		abort();
	capture_message(nlmsg_hdr(msg), sent, capture);
	nlmsg_free(msg);
}

FIXTURE_SETUP(capture)
{
	static const struct attribute id = { CTRL_ATTR_FAMILY_ID, 2, FAMILY, NULL };

	snprintf(self->path, sizeof(self->path), "/tmp/brkwatch-fact-XXXXXX");
	ASSERT_LE(0, mkstemp(self->path));
	self->capture.meta.page = 4096;
	ASSERT_EQ(0, capture_open(&self->capture, self->path));
	put_message(&self->capture, GENL_ID_CTRL, 1, CTRL_CMD_NEWFAMILY, false, &id);
	capture_begin(&self->capture, FAMILY);
}

FIXTURE_TEARDOWN(capture)
{
	channel_close(self->channel);
	capture_close(&self->capture);
	unlink(self->path);
}

static inline void request(struct capture *capture, int seq, int cmd)
{
	put_message(capture, FAMILY, seq, cmd, true, NULL);
}

static inline void put_fact(struct capture *capture, const struct attribute *attributes, size_t n)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	struct genlmsghdr *genl = nlmsg_data(hdr);

	hdr->nlmsg_type = FAMILY;
	hdr->nlmsg_seq = 0;
	genl->cmd = CAPTURE_CMD_FACT;
	capture_message(hdr, false, capture);
	free(hdr);
}

#define PUT(self, ...)                                                         \
	({                                                                     \
		static const struct attribute attributes_[] = { __VA_ARGS__ }; \
		put_fact(&(self)->capture, attributes_, N(attributes_));       \
	})

/* From now on the channel reads the capture. */
#define REPLAY(self)                                                                    \
	do {                                                                            \
		struct capture_meta meta_;                                              \
		ASSERT_EQ(0, capture_flush(&(self)->capture));                          \
		ASSERT_EQ(0, capture_read_open(&(self)->reader, (self)->path, &meta_)); \
		ASSERT_EQ(0, channel_replay(&(self)->channel, (self)->reader));         \
	} while (0)

/* The first byte of a fact, '-' without one. */
static inline char taken(struct channel *channel, enum fact_kind kind, const char *key)
{
	struct fact *fact = fact_take(channel, kind, key);
	char value = fact ? *fact->value : '-';

	free(fact);
	return value;
}

/* Store the attributes of a message as one fact. */
static inline void put_value(struct capture *capture, enum fact_kind kind, const char *key,
			     struct nl_msg *value)
{
	const struct nlmsghdr *hdr = nlmsg_hdr(value);
	const struct attribute attributes[] = {
		KIND(kind),
		{ CAPTURE_A_KEY, strlen(key) + 1, 0, key },
		{ CAPTURE_A_VALUE, nlmsg_datalen(hdr), 0, nlmsg_data(hdr) },
	};

	put_fact(capture, attributes, N(attributes));
	nlmsg_free(value);
}

#endif
