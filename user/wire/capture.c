// SPDX-License-Identifier: GPL-2.0
/* Writing a capture: a pcap file of requests and answers. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <linux/brkwatch.h>
#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "wire/capture.h"
#include "wire/libpcap.h"
#include "lib/say.h"

/* No message is as large as this. */
#define MESSAGE_BYTES (128 << 10)

int capture_open(struct capture *capture, const char *path)
{
	int err = libpcap_load();

	if (err)
		return err;
	capture->path = path;
	capture->pcap = LIBPCAP(pcap_open_dead)(DLT_NETLINK, MESSAGE_BYTES);
	if (!capture->pcap) {
		say("no memory to write '%s'; end some other programs", path);
		return -ENOMEM;
	}
	capture->dumper = LIBPCAP(pcap_dump_open)(capture->pcap, path);
	if (capture->dumper)
		return 0;
	say("cannot open %s; choose another file with -w", LIBPCAP(pcap_geterr)(capture->pcap));
	return -EIO;
}

void capture_message(const struct nlmsghdr *hdr, bool sent, void *arg)
{
	static union {
		struct capture_cooked cooked;
		char bytes[MESSAGE_BYTES];
	} packet;
	struct capture *capture = arg;
	struct pcap_pkthdr head = { .len = sizeof(packet.cooked) + hdr->nlmsg_len };

	head.caplen = head.len;
	if (head.len > sizeof(packet)) {
		capture->err = capture->err ?: -EMSGSIZE;
		return;
	}
	gettimeofday(&head.ts, NULL);
	packet.cooked = (struct capture_cooked){
		.direction = htons(sent ? CAPTURE_SENT : CAPTURE_RECEIVED),
		.hardware = htons(ARPHRD_NETLINK),
		.protocol = htons(NETLINK_GENERIC),
	};
	memcpy(packet.bytes + sizeof(packet.cooked), hdr, hdr->nlmsg_len);
	errno = 0;
	LIBPCAP(pcap_dump)((unsigned char *)capture->dumper, &head, (unsigned char *)packet.bytes);
	if (!capture->err && ferror(LIBPCAP(pcap_dump_file)(capture->dumper)))
		capture->err = -(errno ?: EIO);
}

static int put_meta(struct nl_msg *msg, const struct capture_meta *meta)
{
	if (nla_put_u32(msg, CAPTURE_A_VERSION, CAPTURE_VERSION) ||
	    nla_put_u64(msg, CAPTURE_A_PAGE, meta->page) ||
	    nla_put_u64(msg, CAPTURE_A_HUGE, meta->huge) ||
	    nla_put_u64(msg, CAPTURE_A_BEGAN, meta->began) ||
	    nla_put_u64(msg, CAPTURE_A_EPOCH, meta->epoch) ||
	    (meta->filtered && nla_put_flag(msg, CAPTURE_A_FILTERED)) ||
	    nla_put_string(msg, CAPTURE_A_TOOL, BRKWATCH_VERSION))
		return -ENOMEM;
	return 0;
}

/* Returns an empty message for the caller to fill, or NULL without memory. */
static struct nl_msg *new_message(int family, uint8_t command)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && genlmsg_put(msg, 0, 0, family, 0, 0, command, CAPTURE_VERSION))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static void put_message(struct capture *capture, struct nl_msg *msg, int err)
{
	if (err)
		capture->err = capture->err ?: err;
	else
		capture_message(nlmsg_hdr(msg), true, capture);
	nlmsg_free(msg);
}

void capture_begin(struct capture *capture, int family)
{
	struct nl_msg *msg = new_message(family, CAPTURE_CMD);

	put_message(capture, msg, msg ? put_meta(msg, &capture->meta) : -ENOMEM);
}

void capture_moment(struct capture *capture, int family, uint8_t command, uint64_t time)
{
	struct nl_msg *msg = new_message(family, command);

	put_message(capture, msg, msg && !nla_put_u64(msg, CAPTURE_A_TIME, time) ? 0 : -ENOMEM);
}

int capture_flush(struct capture *capture)
{
	errno = 0;
	if (LIBPCAP(pcap_dump_flush)(capture->dumper) && !capture->err)
		capture->err = -(errno ?: EIO);
	return capture->err;
}

int capture_close(struct capture *capture)
{
	if (capture->dumper) {
		capture_flush(capture);
		LIBPCAP(pcap_dump_close)(capture->dumper);
	}
	if (capture->pcap)
		LIBPCAP(pcap_close)(capture->pcap);
	capture->dumper = NULL;
	capture->pcap = NULL;
	return capture->err;
}
