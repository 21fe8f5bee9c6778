// SPDX-License-Identifier: GPL-2.0
/* --status: report whether the module works, and how. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wire/channel.h"
#include "lib/say.h"
#include "wire/session.h"
#include "status.h"

#define MODULE "/sys/module/brkwatch/"
#define PARAMETER MODULE "parameters/"
/* The protocol takes no less than one page of events. */
#define RING_BYTES 4096
#define LINE_MAX_LEN 128

/* Reads the first line of a kernel's file. Returns false, and "unknown", if that fails. */
static bool read_line(const char *path, char line[LINE_MAX_LEN])
{
	FILE *file = fopen(path, "re");
	bool got = file && fgets(line, LINE_MAX_LEN, file);

	if (file)
		fclose(file);
	if (got)
		line[strcspn(line, "\n")] = '\0';
	else
		snprintf(line, LINE_MAX_LEN, "unknown");
	return got;
}

/* A kernel that Secure Boot has locked down takes no unsigned modules either. */
static bool wants_signature(void)
{
	char line[LINE_MAX_LEN];

	if (read_line("/sys/module/module/parameters/sig_enforce", line) && !strcmp(line, "Y"))
		return true;
	return read_line("/sys/kernel/security/lockdown", line) && !strstr(line, "[none]");
}

static bool is_loaded(void)
{
	struct channel *channel;
	int err = channel_open(&channel);

	channel_close(channel);
	if (!err)
		return true;
	if (err != -ENOENT) {
		say("cannot talk to the module: %s; see: sudo dmesg", strerror(-err));
		return false;
	}
	printf("module:    not loaded; run: sudo modprobe brkwatch\n");
	if (wants_signature())
		printf("signature: this kernel takes signed modules alone; sign it with a key that it "
		       "knows: man mokutil\n");
	return false;
}

static void put_module(void)
{
	char version[LINE_MAX_LEN];

	read_line(MODULE "version", version);
	printf("module:    loaded, version %s\n", version);
	if (!strcmp(version, BRKWATCH_VERSION))
		printf("tool:      version %s, as the module's\n", BRKWATCH_VERSION);
	else
		printf("tool:      version %s, another than the module's; install both of one\n",
		       BRKWATCH_VERSION);
}

static void put_limits(void)
{
	char sessions[LINE_MAX_LEN], watches[LINE_MAX_LEN], rings[LINE_MAX_LEN];
	char users[LINE_MAX_LEN];

	read_line(PARAMETER "sessions_max", sessions);
	read_line(PARAMETER "watches_max", watches);
	read_line(PARAMETER "rings_max", rings);
	printf("limits:    a user may have %s sessions, %s watches, %s bytes of rings\n", sessions,
	       watches, rings);
	if (read_line(PARAMETER "unprivileged", users))
		printf("users:     %s\n",
		       strcmp(users, "Y") ? "only privileged ones may watch (unprivileged=n)" :
					    "each may watch own processes (unprivileged=y)");
}

/*
 * Each session holds a reference to the module. While no session is open, a call in flight may hold
 * one as well, so look while there is one of our own.
 */
static void put_sessions(bool own)
{
	char references[LINE_MAX_LEN];

	if (read_line(MODULE "refcnt", references))
		printf("sessions:  %lu open\n", strtoul(references, NULL, 10) - own);
}

static int count_brk(const struct event *ev, void *arg)
{
	unsigned int *seen = arg;

	*seen += ev->kind == BRKWATCH_EVENT_KIND_BRK;
	return 0;
}

bool status_is_disarmed(void)
{
	char enabled[LINE_MAX_LEN];

	return read_line(KPROBES_ENABLED, enabled) && !strcmp(enabled, "0");
}

/* The tool is a 64-bit program, and the entry of 32-bit ones is optional. */
static int note_brk(const struct probe_state *probe, void *arg)
{
	bool *disarmed = arg;

	if (!strcmp(probe->name, "brk") && !probe->optional)
		*disarmed = probe->state == BRKWATCH_PROBE_STATE_DISARMED;
	return 0;
}

/* Kprobes may be disarmed where brk has another hook, so ask the module as well. */
static void put_unseen(const struct session *session)
{
	bool disarmed = false;

	client_probe_get(session->channel, note_brk, &disarmed);
	if (disarmed && status_is_disarmed())
		printf("brk(0):    not seen: all kprobes are disarmed; run: echo 1 | sudo tee " KPROBES_ENABLED
		       "\n");
	else
		printf("brk(0):    not seen: its probe does not fire; see: sudo dmesg\n");
}

/* Make a call of our own, because the module must deliver an event for it. */
static bool see_brk(struct session *session)
{
	unsigned int seen = 0;
	struct event_taker taker = { .take = count_brk, .arg = &seen };
	int err = session_watch(session, getpid(), false);

	if (err)
		return false;
	syscall(SYS_brk, 0);
	err = client_drain(session->channel, &taker);
	if (err)
		say("cannot read events: %s; see: sudo dmesg",
		    channel_reason(session->channel, err));
	else if (seen)
		printf("brk(0):    seen\n");
	else
		put_unseen(session);
	return !err && seen;
}

static int put_probe(const struct probe_state *probe, void *arg)
{
	static const char *const states[] = {
		[BRKWATCH_PROBE_STATE_ACTIVE] = "active",
		[BRKWATCH_PROBE_STATE_MISSING] = "missing: this kernel has no such function",
		[BRKWATCH_PROBE_STATE_REFUSED] = "refused by this kernel",
		[BRKWATCH_PROBE_STATE_DISARMED] = "disarmed: it sees nothing",
	};
	static const char *const hooks[] = {
		[BRKWATCH_HOOK_KPROBE] = "kprobe",
		[BRKWATCH_HOOK_DIRECT] = "direct",
		[BRKWATCH_HOOK_TRACEPOINT] = "tracepoint",
	};
	bool *complete = arg;

	printf("%-16s %-36s %-10s %s%s\n", probe->name, probe->symbol,
	       probe->hook == HOOK_UNKNOWN ? "-" : hooks[probe->hook], states[probe->state],
	       probe->optional && probe->state != BRKWATCH_PROBE_STATE_ACTIVE ? " (optional)" : "");
	if (probe->state != BRKWATCH_PROBE_STATE_ACTIVE && !probe->optional)
		*complete = false;
	return 0;
}

static bool put_probes(const struct session *session)
{
	bool complete = true;
	int err;

	printf("\n%-16s %-36s %-10s %s\n", "probe", "symbol", "hook", "state");
	err = client_probe_get(session->channel, put_probe, &complete);
	if (err)
		say("cannot ask for the probes: %s; see: sudo dmesg",
		    channel_reason(session->channel, err));
	return !err && complete;
}

int status_show(void)
{
	const struct session_request request = {
		.ring_bytes = RING_BYTES,
		.latencies = true,
		.filter.events = 1,
	};
	struct session session;
	bool good = false;
	int err;

	if (!is_loaded())
		return EXIT_FAILURE;
	put_module();
	put_limits();
	fflush(stdout);
	err = session_begin(&session, &request, NULL);
	put_sessions(!err);
	printf("session:   %s\n", err ? "not possible" : "possible");
	if (!err) {
		good = see_brk(&session);
		good &= put_probes(&session);
	}
	session_end(&session);
	return fflush(stdout) || !good ? EXIT_FAILURE : EXIT_SUCCESS;
}
