// SPDX-License-Identifier: GPL-2.0
/* --mark: send a mark to processes. */
#include <errno.h>
#include <string.h>

#include "wire/client.h"
#include "mark.h"
#include "lib/say.h"

static void say_refusal(const struct channel *channel, pid_t pid, int err)
{
	const char *reason = channel_reason(channel, err);

	if (err == -EPERM)
		say("cannot mark process %d: %s; run as root: sudo brkwatch ...", pid, reason);
	else if (err == -ESRCH)
		say("cannot mark process %d: %s; see: ps -e", pid, reason);
	else
		say("cannot mark process %d: %s; see: sudo dmesg", pid, reason);
}

int mark_all(const struct pidlist *pids, const char *text)
{
	struct channel *channel;
	int first = channel_open(&channel);
	size_t i;

	/* No session watches the process, so there is no point in loading the module. */
	if (first == -ENOENT)
		say("the module is not loaded, so nobody watches; watch first: brkwatch -p PID");
	else if (first)
		say("cannot talk to the module: %s; see: sudo dmesg", strerror(-first));
	if (first)
		return first;
	for (i = 0; i < pids->n; i++) {
		int err = client_mark(channel, pids->v[i], text);

		if (err)
			say_refusal(channel, pids->v[i], err);
		first = first ?: err;
	}
	channel_close(channel);
	return first;
}
