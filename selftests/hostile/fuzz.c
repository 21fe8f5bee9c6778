// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz SEED MESSAGES: sends valid, invalid and broken requests of all kinds over sockets that
 * come and go, while processes that may be watched come and go too. The kernel is the
 * oracle, and at the end a session must work as before.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/brkwatch.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "kcov.h"
#include "../module/peer.h"

#define SOCKETS 8
#define TARGETS 4
/* All fuzzers that run at the same time want the same ports. */
#define PORT 70000
#define MESSAGE_MAX 8192
#define DEPTH 200
#define QUERIES 10
/* One session stays open for so many messages, so that the probes stay in. */
#define HELD 16384
/* Targets pause so long between two calls, because more calls would take most of the time. */
#define PAUSE_US 50000

enum kind { VALUE, FLAG, TEXT };

/**
 * struct attribute - an attribute that a request may have
 * @type: its number
 * @kind: value, flag or text
 * @size: bytes; for a text, the maximum
 * @min: least value
 * @max: greatest value, 0 for any
 * @name: name in the spec
 */
struct attribute {
	uint16_t type;
	enum kind kind;
	uint16_t size;
	uint64_t min;
	uint64_t max;
	const char *name;
};

/**
 * struct operation - a request
 * @cmd: its number
 * @dump: whether it is a dump
 * @attributes: attributes that it may have
 * @n: number of @attributes
 */
struct operation {
	uint8_t cmd;
	bool dump;
	const struct attribute *attributes;
	size_t n;
};

#include "fuzz_table.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* A message under construction. */
struct message {
	union {
		struct nlmsghdr hdr;
		unsigned char bytes[MESSAGE_MAX];
	};
};

static int family;
static int sockets[SOCKETS];
static pid_t targets[TARGETS];
static unsigned long sent, answers, refused, unsent;

static unsigned long below(unsigned long n)
{
	return random() % n;
}

static void target_begin(size_t i)
{
	targets[i] = fork();
	if (targets[i])
		return;
	for (;;) {
		void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		syscall(SYS_brk, 0);
		if (at == MAP_FAILED || munmap(at, 4096) || usleep(PAUSE_US))
			_exit(1);
	}
}

static void target_end(size_t i)
{
	kill(targets[i], SIGKILL);
	waitpid(targets[i], NULL, 0);
}

/* Another user may have taken the port since, so bind() may fail. */
static void socket_begin(size_t i)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_pid = PORT + i };

	sockets[i] = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (sockets[i] < 0)
		return;
	if (bind(sockets[i], (struct sockaddr *)&addr, sizeof(addr))) {
		addr.nl_pid = 0;
		bind(sockets[i], (struct sockaddr *)&addr, sizeof(addr));
	}
}

static void socket_end(size_t i)
{
	if (sockets[i] >= 0)
		close(sockets[i]);
	sockets[i] = -1;
}

static void socket_option(int fd)
{
	static const int options[] = { NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK };
	int value = below(2), bytes = 1 << (8 + below(14));

	if (below(2))
		setsockopt(fd, SOL_NETLINK, options[below(N(options))], &value, sizeof(value));
	else
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

/* Reads only a part at times, so that dumps are left in the middle. */
static void receive(int fd, unsigned long parts)
{
	static unsigned char buffer[1 << 16];

	while (parts--) {
		const struct nlmsghdr *hdr = (void *)buffer;
		ssize_t got = recv(fd, buffer, below(8) ? sizeof(buffer) : below(256), 0);

		if (got < 0 && errno == EAGAIN)
			return;
		if (got < (ssize_t)sizeof(*hdr))
			continue;
		answers++;
		if (hdr->nlmsg_type == NLMSG_ERROR && got >= (ssize_t)NLMSG_LENGTH(sizeof(int)) &&
		    *(const int *)NLMSG_DATA(hdr))
			refused++;
	}
}

static void *put(struct message *m, uint16_t type, size_t size)
{
	struct nlattr *nla = (void *)&m->bytes[NLMSG_ALIGN(m->hdr.nlmsg_len)];

	if (NLMSG_ALIGN(m->hdr.nlmsg_len) + NLA_ALIGN(sizeof(*nla) + size) > MESSAGE_MAX)
		return NULL;
	nla->nla_type = type;
	nla->nla_len = sizeof(*nla) + size;
	m->hdr.nlmsg_len = NLMSG_ALIGN(m->hdr.nlmsg_len) + NLA_ALIGN(nla->nla_len);
	return nla + 1;
}

static uint64_t pick_value(const struct attribute *attr)
{
	if (!strcmp(attr->name, "pid") && below(4))
		return targets[below(TARGETS)];
	/* A session numbers its watches from 1 on, and few requests get as far as the memory of one. */
	if (!strcmp(attr->name, "watch") && below(4))
		return 1 + below(TARGETS);
	if (!strcmp(attr->name, "ring-bytes") && below(32))
		return 4096ULL << below(6);
	if (!strcmp(attr->name, "stack-bytes") && below(32))
		return 256ULL << below(6);
	if (!strcmp(attr->name, "huge-page") && below(32))
		return 4096ULL << below(29);
	switch (below(8)) {
	case 0:
		return attr->max + below(2);
	case 1:
		return attr->min - below(2);
	case 2:
		return (uint64_t)random() << 32 | random();
	case 3:
		return 1ULL << below(64);
	default:
		return below(16);
	}
}

static void put_attribute(struct message *m, const struct attribute *attr)
{
	size_t size = attr->size, i;
	uint64_t value = pick_value(attr);
	unsigned char *to;

	if (attr->kind == TEXT)
		size = below(4) ? below(attr->size + 2) : below(MESSAGE_MAX / 2);
	to = put(m, attr->type, size);
	if (!to)
		return;
	if (attr->kind == VALUE)
		memcpy(to, &value, size);
	for (i = 0; attr->kind == TEXT && i < size; i++)
		to[i] = i + 1 < size || !below(8) ? "/*a[?]\\\0\xff"[below(10)] : 0;
}

/* Nests attributes deeper than any parser should go. */
static void put_nest(struct message *m, uint16_t type)
{
	size_t depth = below(DEPTH), at = NLMSG_ALIGN(m->hdr.nlmsg_len), left;

	for (left = depth; left; left--) {
		struct nlattr *nla = put(m, type | NLA_F_NESTED, 0);

		if (!nla)
			return;
		(nla - 1)->nla_len = left * sizeof(*nla);
	}
	m->hdr.nlmsg_len = at + depth * sizeof(struct nlattr);
}

static struct nlattr *some_attribute(struct message *m)
{
	size_t at = NLMSG_LENGTH(GENL_HDRLEN), pick = below(4);
	struct nlattr *nla = NULL;

	while (at + sizeof(*nla) <= m->hdr.nlmsg_len) {
		nla = (void *)&m->bytes[at];
		if (!pick-- || nla->nla_len < sizeof(*nla))
			break;
		at += NLA_ALIGN(nla->nla_len);
	}
	return nla;
}

static void spoil(struct message *m)
{
	struct genlmsghdr *genl = NLMSG_DATA(&m->hdr);
	struct nlattr *nla = some_attribute(m);
	size_t i, flips = 1 + below(8);

	switch (below(8)) {
	case 0:
		for (i = 0; i < flips; i++)
			m->bytes[NLMSG_HDRLEN + below(m->hdr.nlmsg_len - NLMSG_HDRLEN)] = random();
		break;
	case 1:
		m->hdr.nlmsg_len = NLMSG_HDRLEN + below(m->hdr.nlmsg_len - NLMSG_HDRLEN + 1);
		break;
	case 2:
		put_nest(m, below(70));
		break;
	case 3:
		if (nla)
			nla->nla_type = random();
		break;
	case 4:
		if (nla)
			nla->nla_len = below(2) ? below(16) : below(1 << 16);
		break;
	case 5:
		genl->cmd = random();
		break;
	case 6:
		m->hdr.nlmsg_flags = random();
		break;
	default:
		genl->version = random();
		genl->reserved = random();
		break;
	}
}

static void make(struct message *m)
{
	const struct operation *op = &operations[below(N(operations))];
	struct genlmsghdr *genl = NLMSG_DATA(&m->hdr);
	size_t i;

	memset(m, 0, sizeof(*m));
	m->hdr.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	m->hdr.nlmsg_type = family;
	m->hdr.nlmsg_seq = 1 + sent;
	m->hdr.nlmsg_flags = NLM_F_REQUEST | (op->dump ? NLM_F_DUMP : 0) |
			     (below(2) ? NLM_F_ACK : 0);
	genl->cmd = op->cmd;
	genl->version = BRKWATCH_FAMILY_VERSION;
	for (i = 0; i < op->n; i++)
		if (below(2))
			put_attribute(m, &op->attributes[i]);
	if (!below(8) && op->n)
		put_attribute(m, &op->attributes[below(op->n)]);
	if (below(2))
		spoil(m);
}

static void one(void)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	size_t i = below(SOCKETS), t = below(TARGETS);
	struct message m;

	if (!below(256)) {
		target_end(t);
		target_begin(t);
	}
	if (!below(32))
		socket_end(i);
	if (sockets[i] < 0)
		socket_begin(i);
	if (!below(32))
		socket_option(sockets[i]);
	make(&m);
	/* Bytes behind the length are not sent; a message may be shorter than its length says. */
	if (sendto(sockets[i], &m, m.hdr.nlmsg_len - (below(16) ? 0 : below(4)), 0,
		   (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		unsent++;
	sent++;
	receive(sockets[i], below(4) ? 4 : 0);
	kcov_take();
}

/* Inserting the probes takes as long as some hundred requests, and not every user may. */
static void hold(struct peer *peer)
{
	peer_close(peer);
	if (!peer_open(peer))
		peer_session(peer, 4096, ALL_KINDS);
}

static void count(struct nlattr **tb, void *arg)
{
	*(unsigned int *)arg += peer_u32(tb, BRKWATCH_A_EVENT_KIND) == BRKWATCH_EVENT_KIND_BRK;
}

/* The module works as before if each query causes one event. */
static int verify(void)
{
	unsigned int seen = 0, i;
	struct peer peer;
	int err;

	if (peer_open(&peer))
		return 1;
	err = peer_session(&peer, 4096, ALL_KINDS);
	if (!err)
		err = peer_watch(&peer, getpid(), false);
	for (i = 0; i < QUERIES; i++)
		syscall(SYS_brk, 0);
	if (err >= 0)
		err = peer_drain(&peer, count, &seen);
	if (err < 0 || seen != QUERIES)
		printf("# a session afterwards: %d (%s), %u of %d events\n", err, peer.extack, seen,
		       QUERIES);
	peer_close(&peer);
	return err < 0 || seen != QUERIES;
}

int main(int argc, char **argv)
{
	unsigned long messages = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	struct peer peer, held = { 0 };
	size_t i;

	if (!messages || peer_open(&peer)) {
		fprintf(stderr, "usage: fuzz SEED MESSAGES, with the module loaded\n");
		return 2;
	}
	family = peer.family;
	peer_close(&peer);
	srandom(strtoul(argv[1], NULL, 0));
	memset(sockets, -1, sizeof(sockets));
	for (i = 0; i < TARGETS; i++)
		target_begin(i);
	kcov_begin();
	while (messages--) {
		if (!(sent % HELD))
			hold(&held);
		one();
	}
	peer_close(&held);
	for (i = 0; i < SOCKETS; i++)
		socket_end(i);
	for (i = 0; i < TARGETS; i++)
		target_end(i);
	printf("# seed %s: %lu messages, %lu not sent, %lu answers, %lu refusals\n", argv[1], sent,
	       unsent, answers, refused);
	if (argc > 3)
		kcov_save(argv[3]);
	return verify();
}
