// SPDX-License-Identifier: GPL-2.0
/*
 * handover PROGRAM: a process opens a session, watches itself, leaves the socket to
 * a child and becomes PROGRAM, which runs as another user and repeats its input.
 * The child prints what it still receives: the kinds of events after the exec, and
 * the answers to a watch and a snapshot of that process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netlink/attr.h>

#include "../module/peer.h"

static void put_kind(struct nlattr **tb, void *arg)
{
	(void)arg;
	printf("event %u\n", peer_u32(tb, BRKWATCH_A_EVENT_KIND));
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int look(struct peer *peer, pid_t pid)
{
	struct nl_msg *msg = peer_request(peer, BRKWATCH_CMD_SNAPSHOT_GET, NLM_F_DUMP);

	nla_put_u32(msg, BRKWATCH_A_AREA_WATCH, 1);
	printf("drain %d\n", peer_drain(peer, put_kind, NULL));
	printf("snapshot %s\n", strerrorname_np(-peer_call(peer, msg, NULL, NULL)));
	printf("watch %s\n", strerrorname_np(-peer_watch(peer, pid, false)));
	return 0;
}

int main(int argc, char **argv)
{
	int in[2], out[2];
	pid_t self = getpid(), child;
	struct peer peer;
	char line[8] = "here\n";

	if (argc != 2 || pipe(in) || pipe(out))
		die("handover");
	if (peer_open(&peer) || peer_session(&peer, 0, ALL_KINDS) ||
	    peer_watch(&peer, self, false) != 1)
		die(peer.extack);
	child = fork();
	if (child < 0)
		die("fork");
	if (child) {
		if (dup2(in[0], STDIN_FILENO) < 0 || dup2(out[1], STDOUT_FILENO) < 0)
			die("dup2");
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		execl(argv[1], argv[1], NULL);
		die(argv[1]);
	}
	close(in[0]);
	close(out[1]);
	/* PROGRAM runs once it has repeated this line. */
	if (write(in[1], line, 5) != 5 || read(out[0], line, 5) != 5)
		die("pipe");
	return look(&peer, self);
}
