// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <linux/brkwatch.h>
#include <linux/genetlink.h>
#include <linux/if_arp.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "fields.h"
#include "replay.h"
#include "say.h"

/**
 * struct replay - a capture and where we are in it
 * @path: its name
 * @pcap: libpcap's handle
 * @hdr: the message in hand, NULL if the next one is to be read
 * @room: bytes behind @message
 * @message: copy of a message, as libpcap's need not be aligned
 * @sent: the message in hand is a request
 * @family: number of the module's family
 * @controller: the message that told it
 * @bytes: size of the file, 0 if unknown
 * @cut: it ended before an answer did
 * @damage: what is wrong with it, NULL if nothing
 */
struct replay {
	const char *path;
	pcap_t *pcap;
	struct nlmsghdr *hdr;
	size_t room;
	void *message;
	bool sent;
	int family;
	struct nlmsghdr *controller;
	uint64_t bytes;
	bool cut;
	const char *damage;
};

#define META(attr, type, member) FIELD(CAPTURE_A_##attr, type, struct capture_meta, member, false)

static const struct field meta_fields[] = {
	META(PAGE, U64, page),
	META(HUGE, U64, huge),
	META(BEGAN, U64, began),
	META(EPOCH, U64, epoch),
	FIELD(CAPTURE_A_FILTERED, FLAG, struct capture_meta, filtered, true),
};

void replay_spoil(struct replay *replay, const char *why)
{
	replay->damage = replay->damage ?: why;
	replay->hdr = NULL;
}

void replay_cut(struct replay *replay)
{
	replay->cut = true;
}

bool replay_is_cut(const struct replay *replay)
{
	return replay->cut;
}

const char *replay_damage(const struct replay *replay)
{
	return replay->damage;
}

static int keep_message(struct replay *replay, const unsigned char *from, size_t bytes)
{
	if (bytes > replay->room) {
		free(replay->message);
		replay->room = bytes;
		replay->message = malloc(bytes);
	}
	if (!replay->message) {
		replay->room = 0;
		return -ENOMEM;
	}
	memcpy(replay->message, from, bytes);
	replay->hdr = replay->message;
	return 0;
}

static bool is_whole(const struct nlmsghdr *hdr, size_t bytes)
{
	return bytes >= sizeof(*hdr) && hdr->nlmsg_len >= sizeof(*hdr) && hdr->nlmsg_len <= bytes;
}

static void take_packet(struct replay *replay, const struct pcap_pkthdr *head,
			const unsigned char *packet)
{
	struct capture_cooked cooked;
	size_t bytes = head->caplen;

	if (bytes < sizeof(cooked) || head->caplen != head->len) {
		replay_spoil(replay, "a record is too short");
		return;
	}
	memcpy(&cooked, packet, sizeof(cooked));
	bytes -= sizeof(cooked);
	if (ntohs(cooked.hardware) != ARPHRD_NETLINK || ntohs(cooked.protocol) != NETLINK_GENERIC) {
		replay_spoil(replay, "a record is not generic netlink");
		return;
	}
	replay->sent = ntohs(cooked.direction) == CAPTURE_SENT;
	if (keep_message(replay, packet + sizeof(cooked), bytes))
		replay_spoil(replay, "no memory for a record");
	else if (!is_whole(replay->hdr, bytes))
		replay_spoil(replay, "a message is cut short");
}

/* Puts the next message in hand, if none is; false at the end. */
static bool read_message(struct replay *replay)
{
	const unsigned char *packet;
	struct pcap_pkthdr *head;
	int got;

	if (replay->hdr || replay->damage)
		return replay->hdr;
	got = pcap_next_ex(replay->pcap, &head, &packet);
	if (got == 1)
		take_packet(replay, head, packet);
	else if (got != PCAP_ERROR_BREAK)
		replay_spoil(replay, pcap_geterr(replay->pcap));
	return replay->hdr;
}

const struct nlmsghdr *replay_peek(struct replay *replay)
{
	while (read_message(replay)) {
		if (replay->sent && genlmsg_valid_hdr(replay->hdr, 0) &&
		    replay->hdr->nlmsg_type == replay->family)
			return replay->hdr;
		replay->hdr = NULL;
	}
	return NULL;
}

void replay_skip(struct replay *replay)
{
	replay->hdr = NULL;
}

static uint8_t command_of(const struct nlmsghdr *hdr)
{
	return genlmsg_hdr((struct nlmsghdr *)hdr)->cmd;
}

static bool is_of_memory(const struct nlmsghdr *hdr)
{
	return command_of(hdr) == BRKWATCH_CMD_SNAPSHOT_GET ||
	       command_of(hdr) == BRKWATCH_CMD_IMAGE_GET;
}

/* Attributes of a request count only where they ask for something else. */
static bool is_same(const struct nlmsghdr *a, const struct nlmsghdr *b)
{
	if (command_of(a) != command_of(b))
		return false;
	if (command_of(a) != BRKWATCH_CMD_WATCH_GET && !is_of_memory(a))
		return true;
	return a->nlmsg_len == b->nlmsg_len &&
	       !memcmp(genlmsg_hdr((struct nlmsghdr *)a), genlmsg_hdr((struct nlmsghdr *)b),
		       a->nlmsg_len - NLMSG_HDRLEN);
}

static bool is_side_request(const struct nlmsghdr *hdr)
{
	const struct nlattr *tb[BRKWATCH_A_WATCH_MAX + 1];

	if (is_of_memory(hdr))
		return true;
	return command_of(hdr) == BRKWATCH_CMD_WATCH_GET &&
	       !fields_parse(hdr, tb, BRKWATCH_A_WATCH_MAX) && tb[BRKWATCH_A_WATCH_GONE];
}

const struct nlmsghdr *replay_ask(struct replay *replay, const struct nlmsghdr *request)
{
	const struct nlmsghdr *hdr;

	while ((hdr = replay_peek(replay)) && !is_same(hdr, request)) {
		if (!is_side_request(hdr)) {
			/* The others follow each other as they did then. */
			if (!is_side_request(request))
				replay_spoil(replay, "a request is missing");
			return NULL;
		}
		replay_skip(replay);
	}
	replay->cut |= !hdr && !is_side_request(request);
	replay->hdr = NULL;
	return hdr;
}

const struct nlmsghdr *replay_answer(struct replay *replay)
{
	const struct nlmsghdr *hdr = read_message(replay) && !replay->sent ? replay->hdr : NULL;

	if (hdr)
		replay->hdr = NULL;
	return hdr;
}

int replay_family(const struct replay *replay)
{
	return replay->family;
}

int replay_progress(const struct replay *replay)
{
	FILE *file = pcap_file(replay->pcap);
	off_t at = file && replay->bytes ? ftello(file) : -1;

	return at < 0 ? -1 : (int)(100 * at / replay->bytes);
}

static bool is_controller(const struct replay *replay, const struct nlattr **tb)
{
	return replay->hdr->nlmsg_type == GENL_ID_CTRL && !replay->sent &&
	       !fields_parse(replay->hdr, tb, CTRL_ATTR_MAX) && tb[CTRL_ATTR_FAMILY_ID] &&
	       nla_len(tb[CTRL_ATTR_FAMILY_ID]) == sizeof(uint16_t);
}

/* Keeps the controller's answer, which comes before all that the module says. */
static bool take_family(struct replay *replay)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];

	while (read_message(replay) && !is_controller(replay, tb))
		replay->hdr = NULL;
	if (!replay->hdr)
		return false;
	replay->family = nla_get_u16((struct nlattr *)tb[CTRL_ATTR_FAMILY_ID]);
	replay->controller = malloc(replay->hdr->nlmsg_len);
	if (!replay->controller)
		return false;
	memcpy(replay->controller, replay->hdr, replay->hdr->nlmsg_len);
	replay->hdr = NULL;
	return true;
}

static int say_strange(const struct replay *replay)
{
	say("'%s' is no capture of brkwatch%s%s; make one with -w", replay->path,
	    replay->damage ? ": " : "", replay->damage ?: "");
	return -EBADMSG;
}

static int take_meta(struct replay *replay, struct capture_meta *meta)
{
	const struct nlattr *tb[CAPTURE_A_MAX + 1];
	const struct nlmsghdr *hdr = take_family(replay) ? replay_peek(replay) : NULL;
	uint32_t version;

	memset(meta, 0, sizeof(*meta));
	if (!hdr || command_of(hdr) != CAPTURE_CMD || fields_parse(hdr, tb, CAPTURE_A_MAX) ||
	    !tb[CAPTURE_A_VERSION] || nla_len(tb[CAPTURE_A_VERSION]) != sizeof(version))
		return say_strange(replay);
	version = nla_get_u32((struct nlattr *)tb[CAPTURE_A_VERSION]);
	if (version > CAPTURE_VERSION) {
		say("'%s' is of a newer brkwatch (version %u of the format, this one reads %u); "
		    "read it with that one",
		    replay->path, version, CAPTURE_VERSION);
		return -EPROTO;
	}
	if (fields_get(meta_fields, sizeof(meta_fields) / sizeof(*meta_fields), tb, meta) ||
	    !meta->page || meta->page & (meta->page - 1))
		return say_strange(replay);
	replay_skip(replay);
	return 0;
}

static int say_unreadable(const struct replay *replay, const char *why)
{
	say("cannot read '%s': %s; name a file that was made with -w", replay->path, why);
	return -EIO;
}

static int open_file(struct replay *replay)
{
	char why[PCAP_ERRBUF_SIZE];
	struct stat stat;
	FILE *file;

	file = strcmp(replay->path, "-") ? fopen(replay->path, "rb") : stdin;
	if (!file)
		return say_unreadable(replay, strerror(errno));
	replay->pcap = pcap_fopen_offline(file, why);
	if (!replay->pcap) {
		fclose(file);
		return say_unreadable(replay, why);
	}
	if (pcap_datalink(replay->pcap) != DLT_NETLINK || pcap_is_swapped(replay->pcap))
		return say_strange(replay);
	if (!fstat(fileno(pcap_file(replay->pcap)), &stat) && S_ISREG(stat.st_mode))
		replay->bytes = stat.st_size;
	return 0;
}

int replay_open(struct replay **replay, const char *path, struct capture_meta *meta)
{
	struct replay *r = calloc(1, sizeof(*r));
	int err;

	*replay = NULL;
	if (!r) {
		say("no memory to read '%s'; end some other programs", path);
		return -ENOMEM;
	}
	r->path = path;
	err = open_file(r);
	if (!err)
		err = take_meta(r, meta);
	if (err)
		replay_close(r);
	else
		*replay = r;
	return err;
}

const struct nlmsghdr *replay_controller(const struct replay *replay)
{
	return replay->controller;
}

void replay_close(struct replay *replay)
{
	if (!replay)
		return;
	if (replay->pcap)
		pcap_close(replay->pcap);
	free(replay->controller);
	free(replay->message);
	free(replay);
}
