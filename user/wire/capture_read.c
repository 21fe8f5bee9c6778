// SPDX-License-Identifier: GPL-2.0
/* Reading a capture: finds the answer to each request. */
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

#include "wire/attrs.h"
#include "wire/capture_read.h"
#include "wire/libpcap.h"
#include "lib/say.h"

/*
 * The reader keeps so many bytes of facts that nobody has taken and that hold for one place in the
 * capture. What --map -a reads of thousands of processes finds room, and a crafted capture takes no
 * more.
 */
#define FACTS_ROOM (512ULL << 20)

/**
 * struct capture_reader - a capture and where we are in it
 * @path: its name
 * @pcap: libpcap's handle
 * @hdr: the message in hand, NULL if the next one must be read
 * @room: bytes behind @message
 * @message: copy of a message, as libpcap's need not be aligned
 * @sent: the message in hand is a request
 * @family: number of the module's family
 * @controller: the message that contains it
 * @bytes: size of the file, 0 if unknown
 * @facts: facts that nobody has taken yet
 * @show_fact: sees each fact, or NULL
 * @fact_arg: second argument of @show_fact
 * @cut: it ended before an answer did
 * @damage: what is wrong with it, NULL if nothing
 */
struct capture_reader {
	const char *path;
	pcap_t *pcap;
	struct nlmsghdr *hdr;
	size_t room;
	void *message;
	bool sent;
	int family;
	struct nlmsghdr *controller;
	uint64_t bytes;
	struct facts facts;
	void (*show_fact)(const struct nlmsghdr *hdr, void *arg);
	void *fact_arg;
	bool cut;
	const char *damage;
};

#define META(attr, type, member) FIELD(CAPTURE_A_##attr, type, struct capture_meta, member, false)

static const struct attr_field meta_fields[] = {
	META(PAGE, U64, page),
	META(HUGE, U64, huge),
	META(BEGAN, U64, began),
	META(EPOCH, U64, epoch),
	FIELD(CAPTURE_A_FILTERED, FLAG, struct capture_meta, filtered, true),
};

void capture_read_spoil(struct capture_reader *reader, const char *why)
{
	reader->damage = reader->damage ?: why;
	reader->hdr = NULL;
}

void capture_read_cut(struct capture_reader *reader)
{
	reader->cut = true;
}

bool capture_read_is_cut(const struct capture_reader *reader)
{
	return reader->cut;
}

const char *capture_read_damage(const struct capture_reader *reader)
{
	return reader->damage;
}

static int keep_message(struct capture_reader *reader, const unsigned char *from, size_t bytes)
{
	if (bytes > reader->room) {
		free(reader->message);
		reader->room = bytes;
		reader->message = malloc(bytes);
	}
	if (!reader->message) {
		reader->room = 0;
		return -ENOMEM;
	}
	memcpy(reader->message, from, bytes);
	reader->hdr = reader->message;
	return 0;
}

static bool is_whole(const struct nlmsghdr *hdr, size_t bytes)
{
	return bytes >= sizeof(*hdr) && hdr->nlmsg_len >= sizeof(*hdr) && hdr->nlmsg_len <= bytes;
}

static void take_packet(struct capture_reader *reader, const struct pcap_pkthdr *head,
			const unsigned char *packet)
{
	struct capture_cooked cooked;
	size_t bytes = head->caplen;

	if (bytes < sizeof(cooked) || head->caplen != head->len) {
		capture_read_spoil(reader, "a record is too short");
		return;
	}
	memcpy(&cooked, packet, sizeof(cooked));
	bytes -= sizeof(cooked);
	if (ntohs(cooked.hardware) != ARPHRD_NETLINK || ntohs(cooked.protocol) != NETLINK_GENERIC) {
		capture_read_spoil(reader, "a record is not generic netlink");
		return;
	}
	reader->sent = ntohs(cooked.direction) == CAPTURE_SENT;
	if (keep_message(reader, packet + sizeof(cooked), bytes))
		capture_read_spoil(reader, "no memory for a record");
	else if (!is_whole(reader->hdr, bytes))
		capture_read_spoil(reader, "a message is cut short");
}

/* Returns false at the end. */
static bool read_packet(struct capture_reader *reader)
{
	const unsigned char *packet;
	struct pcap_pkthdr *head;
	int got = LIBPCAP(pcap_next_ex)(reader->pcap, &head, &packet);

	if (got == 1)
		take_packet(reader, head, packet);
	else if (got != PCAP_ERROR_BREAK)
		capture_read_spoil(reader, LIBPCAP(pcap_geterr)(reader->pcap));
	return reader->hdr;
}

static uint8_t command_of(const struct nlmsghdr *hdr)
{
	return genlmsg_hdr((struct nlmsghdr *)hdr)->cmd;
}

static bool is_fact(const struct capture_reader *reader)
{
	const struct nlmsghdr *hdr = reader->hdr;

	return !reader->sent && !hdr->nlmsg_seq && hdr->nlmsg_type == reader->family &&
	       genlmsg_valid_hdr((struct nlmsghdr *)hdr, 0) && command_of(hdr) == CAPTURE_CMD_FACT;
}

static void keep_fact(struct capture_reader *reader)
{
	uint64_t dropped = reader->facts.dropped;
	int err = facts_add(&reader->facts, reader->hdr);

	if (!dropped && reader->facts.dropped)
		say("'%s' has too many facts in one place: some of what was read in /proc may be "
		    "missing; make a capture of fewer processes",
		    reader->path);
	if (!err && reader->show_fact)
		reader->show_fact(reader->hdr, reader->fact_arg);
	reader->hdr = NULL;
	if (err)
		capture_read_spoil(reader, err == -ENOMEM ? "no memory for a record" :
							    "a fact cannot be read");
}

/* Returns false if the next message is no fact, and then it is in hand. */
static bool read_fact(struct capture_reader *reader)
{
	if (reader->hdr || reader->damage || !read_packet(reader) || !is_fact(reader))
		return false;
	keep_fact(reader);
	return true;
}

/* Puts the next message in hand if there is none. Returns false at the end. */
static bool read_message(struct capture_reader *reader)
{
	while (read_fact(reader))
		continue;
	return reader->hdr;
}

struct fact *capture_read_fact(struct capture_reader *reader, enum fact_kind kind, const char *key)
{
	struct fact *fact;

	do
		fact = facts_take(&reader->facts, kind, key);
	while (!fact && read_fact(reader));
	return fact;
}

void capture_read_on_fact(struct capture_reader *reader,
			  void (*show)(const struct nlmsghdr *hdr, void *arg), void *arg)
{
	reader->show_fact = show;
	reader->fact_arg = arg;
}

const struct nlmsghdr *capture_read_peek(struct capture_reader *reader)
{
	while (read_message(reader)) {
		if (reader->sent && genlmsg_valid_hdr(reader->hdr, 0) &&
		    reader->hdr->nlmsg_type == reader->family)
			return reader->hdr;
		reader->hdr = NULL;
	}
	return NULL;
}

void capture_read_skip(struct capture_reader *reader)
{
	reader->hdr = NULL;
}

static bool is_of_memory(const struct nlmsghdr *hdr)
{
	return command_of(hdr) == BRKWATCH_CMD_SNAPSHOT_GET ||
	       command_of(hdr) == BRKWATCH_CMD_IMAGE_GET;
}

/* Compare the attributes only of requests in which they ask for something else. */
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
	       !attrs_parse(hdr, tb, BRKWATCH_A_WATCH_MAX) && tb[BRKWATCH_A_WATCH_GONE];
}

const struct nlmsghdr *capture_read_ask(struct capture_reader *reader,
					const struct nlmsghdr *request)
{
	const struct nlmsghdr *hdr;

	while ((hdr = capture_read_peek(reader)) && !is_same(hdr, request)) {
		if (!is_side_request(hdr)) {
			/* All other requests follow each other as they did then. */
			if (!is_side_request(request))
				capture_read_spoil(reader, "a request is missing");
			return NULL;
		}
		capture_read_skip(reader);
	}
	reader->cut |= !hdr && !is_side_request(request);
	if (hdr)
		facts_pass(&reader->facts);
	reader->hdr = NULL;
	return hdr;
}

const struct nlmsghdr *capture_read_answer(struct capture_reader *reader)
{
	const struct nlmsghdr *hdr = read_message(reader) && !reader->sent ? reader->hdr : NULL;

	if (hdr)
		reader->hdr = NULL;
	return hdr;
}

int capture_read_family(const struct capture_reader *reader)
{
	return reader->family;
}

int capture_read_progress(const struct capture_reader *reader)
{
	FILE *file = LIBPCAP(pcap_file)(reader->pcap);
	off_t at = file && reader->bytes ? ftello(file) : -1;

	return at < 0 ? -1 : (int)(100 * at / reader->bytes);
}

static bool is_controller(const struct capture_reader *reader, const struct nlattr **tb)
{
	return reader->hdr->nlmsg_type == GENL_ID_CTRL && !reader->sent &&
	       !attrs_parse(reader->hdr, tb, CTRL_ATTR_MAX) && tb[CTRL_ATTR_FAMILY_ID] &&
	       nla_len(tb[CTRL_ATTR_FAMILY_ID]) == sizeof(uint16_t);
}

/* Keeps the controller's answer, because it comes before all that the module sends. */
static bool take_family(struct capture_reader *reader)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];

	while (read_message(reader) && !is_controller(reader, tb))
		reader->hdr = NULL;
	if (!reader->hdr)
		return false;
	reader->family = nla_get_u16((struct nlattr *)tb[CTRL_ATTR_FAMILY_ID]);
	reader->controller = malloc(reader->hdr->nlmsg_len);
	if (!reader->controller)
		return false;
	memcpy(reader->controller, reader->hdr, reader->hdr->nlmsg_len);
	reader->hdr = NULL;
	return true;
}

static int say_strange(const struct capture_reader *reader)
{
	say("'%s' is no capture of brkwatch%s%s; make one with -w", reader->path,
	    reader->damage ? ": " : "", reader->damage ?: "");
	return -EBADMSG;
}

static int take_meta(struct capture_reader *reader, struct capture_meta *meta)
{
	const struct nlattr *tb[CAPTURE_A_MAX + 1];
	const struct nlmsghdr *hdr = take_family(reader) ? capture_read_peek(reader) : NULL;
	uint32_t version;

	memset(meta, 0, sizeof(*meta));
	if (!hdr || command_of(hdr) != CAPTURE_CMD || attrs_parse(hdr, tb, CAPTURE_A_MAX) ||
	    !tb[CAPTURE_A_VERSION] || nla_len(tb[CAPTURE_A_VERSION]) != sizeof(version))
		return say_strange(reader);
	version = nla_get_u32((struct nlattr *)tb[CAPTURE_A_VERSION]);
	if (version > CAPTURE_VERSION) {
		say("'%s' is of a newer brkwatch (version %u of the format, this one reads %u); "
		    "read it with that one",
		    reader->path, version, CAPTURE_VERSION);
		return -EPROTO;
	}
	if (attrs_get(meta_fields, sizeof(meta_fields) / sizeof(*meta_fields), tb, meta) ||
	    !meta->page || meta->page & (meta->page - 1))
		return say_strange(reader);
	capture_read_skip(reader);
	return 0;
}

static int say_unreadable(const struct capture_reader *reader, const char *why)
{
	say("cannot read '%s': %s; name a file that was made with -w", reader->path, why);
	return -EIO;
}

static int open_file(struct capture_reader *reader)
{
	char why[PCAP_ERRBUF_SIZE];
	struct stat stat;
	FILE *file;

	file = strcmp(reader->path, "-") ? fopen(reader->path, "rb") : stdin;
	if (!file)
		return say_unreadable(reader, strerror(errno));
	reader->pcap = LIBPCAP(pcap_fopen_offline)(file, why);
	if (!reader->pcap) {
		fclose(file);
		return say_unreadable(reader, why);
	}
	if (LIBPCAP(pcap_datalink)(reader->pcap) != DLT_NETLINK ||
	    LIBPCAP(pcap_is_swapped)(reader->pcap))
		return say_strange(reader);
	if (!fstat(fileno(LIBPCAP(pcap_file)(reader->pcap)), &stat) && S_ISREG(stat.st_mode))
		reader->bytes = stat.st_size;
	return 0;
}

int capture_read_open(struct capture_reader **reader, const char *path, struct capture_meta *meta)
{
	struct capture_reader *r = calloc(1, sizeof(*r));
	int err;

	*reader = NULL;
	if (!r) {
		say("no memory to read '%s'; end some other programs", path);
		return -ENOMEM;
	}
	r->path = path;
	r->facts.room = FACTS_ROOM;
	err = libpcap_load();
	if (!err)
		err = open_file(r);
	if (!err)
		err = take_meta(r, meta);
	if (err)
		capture_read_close(r);
	else
		*reader = r;
	return err;
}

const struct nlmsghdr *capture_read_controller(const struct capture_reader *reader)
{
	return reader->controller;
}

void capture_read_close(struct capture_reader *reader)
{
	if (!reader)
		return;
	if (reader->pcap)
		LIBPCAP(pcap_close)(reader->pcap);
	facts_free(&reader->facts);
	free(reader->controller);
	free(reader->message);
	free(reader);
}
