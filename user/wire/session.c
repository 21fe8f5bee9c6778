// SPDX-License-Identifier: GPL-2.0
/* The tool's session with the module, live or out of a capture. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "wire/kmod.h"
#include "wire/capture_read.h"
#include "lib/say.h"
#include "wire/session.h"
#include "lib/timestamp.h"

#define WATCHES_MIN 8

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

static bool is_denied(int err)
{
	return err == -EPERM || err == -EACCES;
}

static void say_session(const struct session *session, const struct session_request *request,
			int err)
{
	const char *reason = channel_reason(session->channel, err);

	if (err == -EPROTO)
		say_version(session->state.protocol);
	else if (is_denied(err))
		say("%s; run as root: sudo brkwatch ...", reason);
	else if (err == -EBUSY)
		say("%s; run: sudo sysctl kernel.ftrace_enabled=1", reason);
	else if (err == -EDQUOT)
		say("%s; end another brkwatch, or see the limits: modinfo -p brkwatch", reason);
	else if (err == -ENOMEM)
		say("no memory for the ring (%s); try a smaller --buffer", reason);
	else if (request->filter.cgroup && (err == -ENOENT || err == -ENOTDIR))
		say("--cgroup: %s; see: ls /sys/fs/cgroup", reason);
	else
		say("cannot open a session: %s; see: sudo dmesg", reason);
}

static int begin_capture(struct session *session, struct capture *capture)
{
	int err = channel_tap(session->channel, capture_message, capture);

	if (err)
		say("cannot ask for the module's family: %s; see: sudo dmesg", strerror(-err));
	else
		capture_begin(capture, channel_family(session->channel));
	return err;
}

/* A capture of two requests is replayed as two requests. */
static int open_session(struct session *session, const struct session_request *request)
{
	struct session_request less = *request;
	int err = client_session_new(session->channel, request, &session->state);

	session->askers = request->askers && !err;
	if (!request->askers || !is_denied(err))
		return err;
	less.askers = false;
	return client_session_new(session->channel, &less, &session->state);
}

static int begin(struct session *session, const struct session_request *request,
		 struct capture *capture)
{
	int err = 0;

	if (capture) {
		capture->meta.began = session->began;
		err = begin_capture(session, capture);
	}
	if (err)
		return err;
	err = open_session(session, request);
	if (err)
		say_session(session, request, err);
	return err;
}

int session_begin(struct session *session, const struct session_request *request,
		  struct capture *capture)
{
	int err;

	memset(session, 0, sizeof(*session));
	err = open_channel(&session->channel);
	if (err)
		return err;
	session->began = timestamp_now();
	return begin(session, request, capture);
}

int session_replay(struct session *session, struct capture_reader *reader, uint64_t began,
		   struct capture *capture)
{
	const struct session_request request = { .askers = true, .filter.events = 1 };
	int err;

	memset(session, 0, sizeof(*session));
	err = channel_replay(&session->channel, reader);
	if (err) {
		say("no memory to read a capture; end some other programs");
		return err;
	}
	session->began = began;
	/* The file may end before the module's answer. */
	session->state.protocol = BRKWATCH_PROTOCOL_VERSION;
	return begin(session, &request, capture);
}

/* The place of a watch in the list, also if it is not there yet. */
static size_t place_of(const struct session *session, uint32_t id)
{
	return array_place(session->watches, session->n, sizeof(*session->watches),
			   offsetof(struct counters, id), id);
}

const struct counters *session_find(const struct session *session, uint32_t id)
{
	size_t at = place_of(session, id);

	return at < session->n && session->watches[at].id == id ? &session->watches[at] : NULL;
}

static int insert(struct session *session, size_t at, const struct counters *counters)
{
	struct counters *v = array_insert(session->watches, &session->n, &session->cap, sizeof(*v),
					  WATCHES_MIN, at);

	if (!v)
		return -ENOMEM;
	session->watches = v;
	session->watches[at] = *counters;
	session->ended += counters->exited;
	return 0;
}

static int take_counters(const struct counters *counters, void *arg)
{
	struct session *session = arg;
	size_t at = place_of(session, counters->id);

	if (at == session->n || session->watches[at].id != counters->id)
		return insert(session, at, counters);
	session->ended += counters->exited - session->watches[at].exited;
	session->watches[at] = *counters;
	return 0;
}

int session_learn(struct session *session, uint32_t id, uint32_t pid, const char *comm)
{
	struct counters counters = { .id = id, .pid = pid, .seccomp = SECCOMP_UNKNOWN };

	if (session_find(session, id))
		return 0;
	memcpy(counters.comm, comm, sizeof(counters.comm));
	return take_counters(&counters, session);
}

static void say_watch(const struct session *session, pid_t pid, int err)
{
	const char *reason = channel_reason(session->channel, err);

	if (err == -ESRCH)
		say("no process %d to watch: %s; see: ps -e", pid, reason);
	else if (err == -EPERM || err == -EACCES)
		say("may not watch process %d: %s; run as root: sudo brkwatch ...", pid, reason);
	else if (err == -EDQUOT)
		say("cannot watch process %d: %s; watch fewer, or see the limits: "
		    "modinfo -p brkwatch",
		    pid, reason);
	else
		say("cannot watch process %d: %s; name another, see: ps -e", pid, reason);
}

int session_watch(struct session *session, pid_t pid, bool on_exec)
{
	struct counters counters;
	int err = client_watch_new(session->channel, pid, on_exec, &counters);

	if (err) {
		/* The reader of the file reports what it lacks. */
		if (err != -EBADMSG || !channel_replays(session->channel))
			say_watch(session, pid, err);
		return err;
	}
	err = take_counters(&counters, session);
	if (err)
		say("no memory to watch process %d; watch fewer", pid);
	return err;
}

int session_refresh(struct session *session)
{
	return client_watch_get(session->channel, CLIENT_ALL, take_counters, session);
}

int session_watch_all(struct session *session)
{
	int err = client_watch_all(session->channel, &session->state);

	if (!err)
		err = session_refresh(session);
	if (err == -EPERM || err == -EACCES)
		say("may not watch every process: %s; run as root: sudo brkwatch ...",
		    channel_reason(session->channel, err));
	else if (err)
		say("cannot watch every process: %s; watch some with -p",
		    channel_reason(session->channel, err));
	return err;
}

int session_collect(struct session *session)
{
	return client_watch_get(session->channel, CLIENT_GONE, take_counters, session);
}

int session_part(struct session *session, int (*take)(const struct counters *last, void *arg),
		 void *arg)
{
	size_t i, kept = 0;
	int err = 0;

	for (i = 0; i < session->n && session->ended; i++) {
		const struct counters *c = &session->watches[i];

		if (c->exited && !err)
			err = take(c, arg);
		if (c->exited && !err)
			continue;
		if (kept != i)
			session->watches[kept] = *c;
		kept++;
	}
	if (session->ended)
		session->n = kept;
	session->ended = 0;
	return err;
}

int session_stop(struct session *session)
{
	return client_watch_get(session->channel, CLIENT_STOP, take_counters, session);
}

void session_end(struct session *session)
{
	channel_close(session->channel);
	free(session->watches);
	memset(session, 0, sizeof(*session));
}
