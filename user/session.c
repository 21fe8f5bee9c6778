// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "kmod.h"
#include "say.h"
#include "session.h"

#define NSEC_PER_SEC 1000000000ULL

static uint64_t now(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static int open_channel(struct channel **channel)
{
	int err = channel_open(channel);

	if (err == -ENOENT) {
		err = kmod_load();
		if (err)
			return err;
		err = channel_open(channel);
	}
	if (err)
		say("cannot talk to the module: %s; see: sudo dmesg", strerror(-err));
	return err;
}

static void say_version(uint32_t module)
{
	if (module < BRKWATCH_PROTOCOL_VERSION)
		say("the loaded module is older than this tool (protocol %u, %u); "
		    "run: sudo rmmod brkwatch && sudo modprobe brkwatch",
		    module, BRKWATCH_PROTOCOL_VERSION);
	else
		say("this tool is older than the loaded module (protocol %u, %u); "
		    "install the tool that came with it",
		    BRKWATCH_PROTOCOL_VERSION, module);
}

int session_begin(struct session *session, uint32_t ring_bytes, uint32_t events)
{
	int err;

	memset(session, 0, sizeof(*session));
	err = open_channel(&session->channel);
	if (err)
		return err;
	session->began = now();
	err = client_session_new(session->channel, ring_bytes, events, &session->state);
	if (err == -EPROTO)
		say_version(session->state.protocol);
	else if (err == -EPERM)
		say("%s; run as root: sudo brkwatch ...", channel_reason(session->channel, err));
	else if (err == -ENOMEM)
		say("no memory for the ring (%s); try a smaller --buffer",
		    channel_reason(session->channel, err));
	else if (err)
		say("cannot open a session: %s; see: sudo dmesg",
		    channel_reason(session->channel, err));
	return err;
}

static void say_watch(const struct session *session, pid_t pid, int err)
{
	const char *reason = channel_reason(session->channel, err);

	if (err == -ESRCH)
		say("no process %d to watch: %s; see: ps -e", pid, reason);
	else if (err == -EPERM)
		say("may not watch process %d: %s; run as root: sudo brkwatch ...", pid, reason);
	else
		say("cannot watch process %d: %s; name another, see: ps -e", pid, reason);
}

int session_watch(struct session *session, pid_t pid, bool on_exec)
{
	struct counters *watches = reallocarray(session->watches, session->n + 1, sizeof(*watches));
	int err;

	if (!watches) {
		say("no memory to watch process %d; watch fewer", pid);
		return -ENOMEM;
	}
	session->watches = watches;
	err = client_watch_new(session->channel, pid, on_exec, &watches[session->n]);
	if (err)
		say_watch(session, pid, err);
	else
		session->n++;
	return err;
}

/* The module answers in the order in which the watches were made. */
static void take_last(const struct counters *counters, void *arg)
{
	struct session *session = arg;
	size_t i;

	for (i = session->stopped; i < session->n; i++) {
		if (session->watches[i].id == counters->id) {
			session->watches[i] = *counters;
			session->stopped = i + 1;
			return;
		}
	}
}

int session_stop(struct session *session)
{
	return client_watch_stop(session->channel, take_last, session);
}

void session_end(struct session *session)
{
	channel_close(session->channel);
	free(session->watches);
	memset(session, 0, sizeof(*session));
}
