// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "say.h"
#include "session.h"
#include "status.h"

#define VERSION "/sys/module/brkwatch/version"
/* The least that the protocol takes: nothing is watched. */
#define RING_BYTES 4096

static bool is_loaded(void)
{
	struct channel *channel;
	int err = channel_open(&channel);

	channel_close(channel);
	if (err && err != -ENOENT)
		say("cannot talk to the module: %s; see: sudo dmesg", strerror(-err));
	else if (err)
		printf("module:  not loaded; run: sudo modprobe brkwatch\n");
	return !err;
}

static void put_module(void)
{
	FILE *file = fopen(VERSION, "re");
	char version[64] = "unknown";

	if (file && fgets(version, sizeof(version), file))
		version[strcspn(version, "\n")] = '\0';
	if (file)
		fclose(file);
	printf("module:  loaded, version %s\n", version);
}

static int put_probe(const struct probe_state *probe, void *arg)
{
	static const char *const states[] = {
		[BRKWATCH_PROBE_STATE_ACTIVE] = "active",
		[BRKWATCH_PROBE_STATE_MISSING] = "missing: this kernel has no such function",
		[BRKWATCH_PROBE_STATE_REFUSED] = "refused by this kernel",
	};
	bool *complete = arg;

	printf("%-16s %-36s %s%s\n", probe->name, probe->symbol, states[probe->state],
	       probe->optional && probe->state != BRKWATCH_PROBE_STATE_ACTIVE ? " (optional)" : "");
	if (probe->state != BRKWATCH_PROBE_STATE_ACTIVE && !probe->optional)
		*complete = false;
	return 0;
}

int status_show(void)
{
	const struct session_request request = { .ring_bytes = RING_BYTES, .filter.events = 1 };
	struct session session;
	bool complete = true;
	int err;

	if (!is_loaded())
		return EXIT_FAILURE;
	put_module();
	fflush(stdout);
	err = session_begin(&session, &request, NULL);
	printf("session: %s\n", err ? "not possible" : "possible");
	if (!err) {
		printf("tool:    version %s, protocol %d, as the module's\n\n", BRKWATCH_VERSION,
		       BRKWATCH_PROTOCOL_VERSION);
		printf("%-16s %-36s %s\n", "probe", "symbol", "state");
		err = client_probe_get(session.channel, put_probe, &complete);
		if (err)
			say("cannot ask for the probes: %s; see: sudo dmesg",
			    channel_reason(session.channel, err));
	}
	session_end(&session);
	return err || !complete || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
