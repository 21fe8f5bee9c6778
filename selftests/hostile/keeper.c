// SPDX-License-Identifier: GPL-2.0
/*
 * keeper RING: a session of RING bytes a CPU that follows children, reads commands from its
 * standard input and answers each line with a line:
 *	add PID    watch a process
 *	drain      take what is in the ring
 *	map ID     look at what a watched process has mapped
 *	race PID   watch a process, and look at it until the module refuses
 *	end        stop, drain, and print: made, delivered, lost and received
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netlink.h>

#include <netlink/attr.h>

#include "../module/peer.h"

struct totals {
	uint64_t made;
	uint64_t delivered;
	uint64_t lost;
};

static void take_totals(struct nlattr **tb, void *arg)
{
	struct totals *totals = arg;

	totals->made = peer_u64(tb, BRKWATCH_A_SESSION_MADE);
	totals->delivered = peer_u64(tb, BRKWATCH_A_SESSION_DELIVERED);
	totals->lost = peer_u64(tb, BRKWATCH_A_SESSION_LOST_RING);
}

static void count(struct nlattr **tb, void *arg)
{
	(void)tb;
	++*(uint64_t *)arg;
}

static int map(struct peer *peer, uint32_t watch)
{
	struct nl_msg *msg = peer_request(peer, BRKWATCH_CMD_SNAPSHOT_GET, NLM_F_DUMP);

	nla_put_u32(msg, BRKWATCH_A_AREA_WATCH, watch);
	return peer_call(peer, msg, NULL, NULL);
}

static int race(struct peer *peer, pid_t pid)
{
	int watch = peer_watch(peer, pid, false), err = watch;

	while (err >= 0)
		err = map(peer, watch);
	return err;
}

static int begin(struct peer *peer, uint32_t ring)
{
	const struct peer_wish wish = { .ring_bytes = ring, .events = ALL_KINDS, .follow = true };

	return peer_session_as(peer, &wish);
}

static int end(struct peer *peer, uint64_t received)
{
	struct nl_msg *stop = peer_request(peer, BRKWATCH_CMD_WATCH_GET, NLM_F_DUMP);
	struct totals totals = {};
	int err;

	nla_put_flag(stop, BRKWATCH_A_WATCH_STOP);
	err = peer_call(peer, stop, NULL, NULL);
	if (!err)
		err = peer_drain(peer, count, &received);
	if (!err)
		err = peer_call(peer, peer_request(peer, BRKWATCH_CMD_SESSION_GET, 0), take_totals,
				&totals);
	printf("%d %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", err, totals.made,
	       totals.delivered, totals.lost, received);
	return err;
}

/*
 * Makes room beside unread wakeups for the parts of a dump, as the tool does, because the
 * kernel refuses it otherwise. A wakeup without room must not fail a request.
 */
static int make_room(struct peer *peer)
{
	int fd = nl_socket_get_fd(peer->sk), on = 1, bytes = 4 << 20;

	return setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof(on)) ||
	       setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
}

int main(int argc, char **argv)
{
	uint64_t received = 0;
	struct peer peer;
	char line[64];
	int err;

	if (argc != 2 || peer_open(&peer) || make_room(&peer))
		return 2;
	err = begin(&peer, strtoul(argv[1], NULL, 0));
	printf("%d %s\n", err, peer.extack);
	fflush(stdout);
	while (!err && fgets(line, sizeof(line), stdin)) {
		if (!strncmp(line, "end", 3))
			return !!end(&peer, received);
		if (!strncmp(line, "add ", 4))
			printf("%d\n", peer_watch(&peer, atoi(line + 4), false));
		else if (!strncmp(line, "map ", 4))
			printf("%d\n", map(&peer, atoi(line + 4)));
		else if (!strncmp(line, "race ", 5))
			printf("%d\n", race(&peer, atoi(line + 5)));
		else
			printf("%d\n", peer_drain(&peer, count, &received));
		fflush(stdout);
	}
	return !!err;
}
