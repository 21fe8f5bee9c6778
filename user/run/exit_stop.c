// SPDX-License-Identifier: GPL-2.0
/* Stopping the processes of --check CMD at their exit, with ptrace(2). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "run/exit_stop.h"

#define HELD_MIN 16

static struct held *find(const struct exit_stop *exit_stop, pid_t tid)
{
	size_t i;

	for (i = 0; i < exit_stop->n; i++)
		if (exit_stop->v[i].tid == tid)
			return &exit_stop->v[i];
	return NULL;
}

/* Returns 0 if we do not trace the thread any more. Its zombie may still be in /proc. */
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
 * A stop of the creator and the first stop of the new thread both report it, in any order. The
 * thread may even be gone when the creator's stop arrives.
 */
static int add(struct exit_stop *exit_stop, pid_t tid)
{
	pid_t pid = find(exit_stop, tid) ? 0 : process_of(tid);
	struct held *v;

	if (!pid)
		return 0;
	v = array_room(exit_stop->v, exit_stop->n, &exit_stop->cap, sizeof(*v), HELD_MIN);
	if (!v)
		return -ENOMEM;
	exit_stop->v = v;
	exit_stop->v[exit_stop->n++] = (struct held){ .tid = tid, .pid = pid };
	return 0;
}

static void forget(struct exit_stop *exit_stop, struct held *held)
{
	*held = exit_stop->v[--exit_stop->n];
}

/* Does any thread of a process still make calls? */
static bool lives(const struct exit_stop *exit_stop, pid_t pid)
{
	size_t i;

	for (i = 0; i < exit_stop->n; i++)
		if (exit_stop->v[i].pid == pid && !exit_stop->v[i].leaving)
			return true;
	return false;
}

/* ptrace() fails here only if the thread was killed meanwhile. */
static void go_on(pid_t tid, int sig)
{
	ptrace(PTRACE_CONT, tid, NULL, sig);
}

static int serve_new(struct exit_stop *exit_stop, pid_t tid)
{
	unsigned long child = 0;
	int err = 0;

	if (!ptrace(PTRACE_GETEVENTMSG, tid, NULL, &child))
		err = add(exit_stop, child);
	go_on(tid, 0);
	return err;
}

/* The thread that called exec has the id of the first one now, and is the only one. */
static int serve_exec(struct exit_stop *exit_stop, pid_t tid)
{
	size_t i = 0;
	int err;

	while (i < exit_stop->n) {
		if (exit_stop->v[i].pid == tid)
			forget(exit_stop, &exit_stop->v[i]);
		else
			i++;
	}
	err = add(exit_stop, tid);
	go_on(tid, 0);
	return err;
}

static int serve_exit(struct exit_stop *exit_stop, pid_t tid)
{
	struct held *held = find(exit_stop, tid);
	int err = 0;

	if (held) {
		held->leaving = true;
		if (!lives(exit_stop, held->pid))
			err = exit_stop->last(held->pid, true, exit_stop->arg);
	}
	go_on(tid, 0);
	return err;
}

static bool is_stop(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* The kernel reports the first stop of a new thread, a job-control stop and its end alike. */
static int serve_stop(struct exit_stop *exit_stop, pid_t tid, int sig)
{
	int err = add(exit_stop, tid);
	struct held *held = find(exit_stop, tid);

	if (held && !exit_stop->follow && held->pid != exit_stop->child) {
		/* clone(2) can make a process that looks like a thread up to here. */
		forget(exit_stop, held);
		ptrace(PTRACE_DETACH, tid, NULL, 0);
	} else if (is_stop(sig)) {
		ptrace(PTRACE_LISTEN, tid, NULL, 0);
	} else {
		go_on(tid, 0);
	}
	return err;
}

static int serve_end(struct exit_stop *exit_stop, pid_t tid, int status)
{
	struct held *held = find(exit_stop, tid);
	struct held gone;

	if (tid == exit_stop->child) {
		exit_stop->ended = true;
		exit_stop->status = status;
	}
	if (!held)
		return 0;
	gone = *held;
	forget(exit_stop, held);
	/* A second SIGKILL ends even a held thread. */
	if (!gone.leaving && !lives(exit_stop, gone.pid))
		return exit_stop->last(gone.pid, false, exit_stop->arg);
	return 0;
}

static int serve(struct exit_stop *exit_stop, pid_t tid, int status)
{
	if (!WIFSTOPPED(status))
		return serve_end(exit_stop, tid, status);
	switch (status >> 16) {
	case PTRACE_EVENT_CLONE:
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
		return serve_new(exit_stop, tid);
	case PTRACE_EVENT_EXEC:
		return serve_exec(exit_stop, tid);
	case PTRACE_EVENT_EXIT:
		return serve_exit(exit_stop, tid);
	case PTRACE_EVENT_STOP:
		return serve_stop(exit_stop, tid, WSTOPSIG(status));
	default:
		go_on(tid, WSTOPSIG(status));
		return 0;
	}
}

int exit_stop_begin(struct exit_stop *exit_stop, pid_t pid)
{
	long options = PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;

	if (exit_stop->follow)
		options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
	exit_stop->child = pid;
	if (ptrace(PTRACE_SEIZE, pid, NULL, options))
		return -errno;
	return add(exit_stop, pid);
}

int exit_stop_serve(struct exit_stop *exit_stop)
{
	int status, err = 0;
	pid_t tid;

	while (!err && (tid = waitpid(-1, &status, WNOHANG | __WALL)) > 0)
		err = serve(exit_stop, tid, status);
	return err;
}

void exit_stop_free(struct exit_stop *exit_stop)
{
	free(exit_stop->v);
	memset(exit_stop, 0, sizeof(*exit_stop));
}
