// SPDX-License-Identifier: GPL-2.0
/*
 * reader [-acl] [-b BYTES] PID...: watches the processes, prints "ready", and drains until it is
 * killed. Without a PID it only holds its session. With -a calls come with who made them, and
 * failed calls with what decided them; with -l it is measured how long they take; with -c they are
 * counted, and no ring takes them. The ring of a CPU has so many bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "peer.h"

static int wish_parse(struct peer_wish *wish, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "ab:cl")) > 0) {
		if (option == 'a')
			wish->askers = wish->limits = true;
		else if (option == 'c')
			wish->events = 0;
		else if (option == 'l')
			wish->latencies = true;
		else if (option == 'b')
			wish->ring_bytes = strtoul(optarg, NULL, 0);
		else
			exit(2);
	}
	return optind;
}

int main(int argc, char **argv)
{
	struct peer_wish wish = { .ring_bytes = 1 << 16, .events = ALL_KINDS };
	int i = wish_parse(&wish, argc, argv), err;
	bool idle = i == argc;
	struct peer peer;

	if (peer_open(&peer)) {
		fprintf(stderr, "reader: no family\n");
		return 1;
	}
	err = peer_session_as(&peer, &wish);
	for (; !err && i < argc; i++) {
		int id = peer_watch(&peer, atoi(argv[i]), false);

		err = id < 0 ? id : 0;
	}
	if (err) {
		fprintf(stderr, "reader: %d: %s\n", err, peer.extack);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	if (idle)
		pause();
	while (!peer_drain(&peer, NULL, NULL))
		;
	return 1;
}
