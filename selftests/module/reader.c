// SPDX-License-Identifier: GPL-2.0
/*
 * reader PID...: watches the processes, prints "ready", and drains until it is killed.
 * Without a PID it only holds its session.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "peer.h"

int main(int argc, char **argv)
{
	struct peer peer;
	int i, err;

	if (peer_open(&peer)) {
		fprintf(stderr, "reader: no family\n");
		return 1;
	}
	err = peer_session(&peer, 1 << 16, ALL_KINDS);
	for (i = 1; !err && i < argc; i++) {
		int id = peer_watch(&peer, atoi(argv[i]), false);

		err = id < 0 ? id : 0;
	}
	if (err) {
		fprintf(stderr, "reader: %d: %s\n", err, peer.extack);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	if (argc == 1)
		pause();
	while (!peer_drain(&peer, NULL, NULL))
		;
	return 1;
}
