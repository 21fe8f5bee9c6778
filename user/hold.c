// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "hold.h"

#define HELD_MIN 16

static struct held *find(const struct hold *hold, pid_t tid)
{
	size_t i;

	for (i = 0; i < hold->n; i++)
		if (hold->v[i].tid == tid)
			return &hold->v[i];
	return NULL;
}

/* 0 when we do not trace such a thread any more; a zombie may still be there. */
static pid_t process_of(pid_t tid)
{
	pid_t pid = 0, tracer = 0;
	char path[64], line[128];
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	status = fopen(path, "re");
	if (!status)
		return 0;
	while (fgets(line, sizeof(line), status)) {
		if (sscanf(line, "Tgid: %d", &pid) == 1)
			continue;
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	}
	fclose(status);
	return tracer == getpid() ? pid : 0;
}

/*
 * A new thread is told of by its maker and by its own first stop, in any order. It
 * may even be gone when the maker's word comes.
 */
static int add(struct hold *hold, pid_t tid)
{
	pid_t pid = find(hold, tid) ? 0 : process_of(tid);
	struct held *v;

	if (!pid)
		return 0;
	v = array_room(hold->v, hold->n, &hold->cap, sizeof(*v), HELD_MIN);
	if (!v)
		return -ENOMEM;
	hold->v = v;
	hold->v[hold->n++] = (struct held){ .tid = tid, .pid = pid };
	return 0;
}

static void forget(struct hold *hold, struct held *held)
{
	*held = hold->v[--hold->n];
}

/* Does any thread of a process still make calls? */
static bool lives(const struct hold *hold, pid_t pid)
{
	size_t i;

	for (i = 0; i < hold->n; i++)
		if (hold->v[i].pid == pid && !hold->v[i].leaving)
			return true;
	return false;
}

/* What fails does so because the thread was killed meanwhile. */
static void go_on(pid_t tid, int sig)
{
	ptrace(PTRACE_CONT, tid, NULL, sig);
}

static int serve_new(struct hold *hold, pid_t tid)
{
	unsigned long child = 0;
	int err = 0;

	if (!ptrace(PTRACE_GETEVENTMSG, tid, NULL, &child))
		err = add(hold, child);
	go_on(tid, 0);
	return err;
}

/* The thread that called exec has the id of the first one now, and is the only one. */
static int serve_exec(struct hold *hold, pid_t tid)
{
	size_t i = 0;
	int err;

	while (i < hold->n) {
		if (hold->v[i].pid == tid)
			forget(hold, &hold->v[i]);
		else
			i++;
	}
	err = add(hold, tid);
	go_on(tid, 0);
	return err;
}

static int serve_exit(struct hold *hold, pid_t tid)
{
	struct held *held = find(hold, tid);
	int err = 0;

	if (held) {
		held->leaving = true;
		if (!lives(hold, held->pid))
			err = hold->last(held->pid, true, hold->arg);
	}
	go_on(tid, 0);
	return err;
}

static bool is_stop(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* The first stop of a new thread, or a job-control stop, or the end of that. */
static int serve_stop(struct hold *hold, pid_t tid, int sig)
{
	int err = add(hold, tid);
	struct held *held = find(hold, tid);

	if (held && !hold->follow && held->pid != hold->child) {
		/* clone(2) can make a process that looks like a thread up to here. */
		forget(hold, held);
		ptrace(PTRACE_DETACH, tid, NULL, 0);
	} else if (is_stop(sig)) {
		ptrace(PTRACE_LISTEN, tid, NULL, 0);
	} else {
		go_on(tid, 0);
	}
	return err;
}

static int serve_end(struct hold *hold, pid_t tid, int status)
{
	struct held *held = find(hold, tid);
	struct held gone;

	if (tid == hold->child) {
		hold->ended = true;
		hold->status = status;
	}
	if (!held)
		return 0;
	gone = *held;
	forget(hold, held);
	/* A second SIGKILL ends even what is held. */
	if (!gone.leaving && !lives(hold, gone.pid))
		return hold->last(gone.pid, false, hold->arg);
	return 0;
}

static int serve(struct hold *hold, pid_t tid, int status)
{
	if (!WIFSTOPPED(status))
		return serve_end(hold, tid, status);
	switch (status >> 16) {
	case PTRACE_EVENT_CLONE:
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
		return serve_new(hold, tid);
	case PTRACE_EVENT_EXEC:
		return serve_exec(hold, tid);
	case PTRACE_EVENT_EXIT:
		return serve_exit(hold, tid);
	case PTRACE_EVENT_STOP:
		return serve_stop(hold, tid, WSTOPSIG(status));
	default:
		go_on(tid, WSTOPSIG(status));
		return 0;
	}
}

int hold_begin(struct hold *hold, pid_t pid)
{
	long options = PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;

	if (hold->follow)
		options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
	hold->child = pid;
	if (ptrace(PTRACE_SEIZE, pid, NULL, options))
		return -errno;
	return add(hold, pid);
}

int hold_serve(struct hold *hold)
{
	int status, err = 0;
	pid_t tid;

	while (!err && (tid = waitpid(-1, &status, WNOHANG | __WALL)) > 0)
		err = serve(hold, tid, status);
	return err;
}

void hold_free(struct hold *hold)
{
	free(hold->v);
	memset(hold, 0, sizeof(*hold));
}
