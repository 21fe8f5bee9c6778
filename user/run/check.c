// SPDX-License-Identifier: GPL-2.0
/* --check: compare the account of a process with /proc/PID/maps. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/kcmp.h>

#include "ledger/address_space.h"
#include "lib/format.h"
#include "run/check.h"
#include "run/loading.h"
#include "run/pipeline.h"
#include "run/proc_maps.h"
#include "view/text.h"

struct check {
	struct view view;
	struct pipeline *pipeline;
};

static struct check *check_of(struct view *view)
{
	return container_of(view, struct check, view);
}

/* A process with an account to compare. */
struct subject {
	struct check *check;
	pid_t pid;
	uint32_t watch;
	struct process *process;
};

static void put_title(const struct subject *subject)
{
	char path[64], comm[COMM_LEN + 1] = "", name[FORMAT_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", subject->pid);
	file = fopen(path, "re");
	if (file) {
		if (!fgets(comm, sizeof(comm), file))
			comm[0] = '\0';
		fclose(file);
	}
	comm[strcspn(comm, "\n")] = '\0';
	fprintf(subject->check->view.out, "check %d (%s): ", subject->pid, format_comm(name, comm));
}

static void put_failure(const struct subject *subject, const char *why)
{
	put_title(subject);
	fprintf(subject->check->view.out, "not compared: %s\n", why);
	subject->check->view.differs = true;
}

static const char *prot_name(char buf[8], int prot)
{
	if (prot < 0)
		return "none";
	snprintf(buf, 8, "%c%c%c", prot & PROT_BIT_READ ? 'r' : '-',
		 prot & PROT_BIT_WRITE ? 'w' : '-', prot & PROT_BIT_EXEC ? 'x' : '-');
	return buf;
}

static int put_difference(uint64_t start, uint64_t end, int ours, int theirs, void *arg)
{
	char a[8], b[8];

	fprintf(arg, "differs: %" PRIx64 "-%" PRIx64 " ledger %s, kernel %s\n", start, end,
		prot_name(a, ours), prot_name(b, theirs));
	return 0;
}

static int ignore_difference(uint64_t start, uint64_t end, int ours, int theirs, void *arg)
{
	(void)start;
	(void)end;
	(void)ours;
	(void)theirs;
	(void)arg;
	return 0;
}

/*
 * Only smaps shows which areas grow down. The tool reads it only if something differs, because
 * the kernel takes long to write it.
 */
static int read_maps(const struct subject *subject, struct ranges *maps)
{
	int err = proc_maps_read(subject->pid, true, maps);

	if (err || !address_space_compare(subject->process->space, maps, ignore_difference, NULL))
		return err;
	ranges_free(maps);
	return proc_maps_read(subject->pid, false, maps);
}

/*
 * No later event shows that the end of a stream is missing. The missing events may belong to
 * another process in the same address space, or to one that had it copied. An orphan may also
 * live in the address space of another process.
 */
static bool is_short(const struct pipeline *in)
{
	return in->orphans || in->session->state.lost_ring != in->view->ledger->lost;
}

static int renew(const struct subject *subject)
{
	struct pipeline *in = subject->check->pipeline;

	if (!is_short(in) && subject->process->space->exact)
		return 0;
	return pipeline_renew(in, subject->watch);
}

static int compare(const struct subject *subject)
{
	FILE *out = subject->check->view.out;
	const struct address_space *space;
	struct ranges maps = { 0 };
	int differences;
	int err = renew(subject);

	if (err)
		return err;
	space = subject->process->space;
	err = read_maps(subject, &maps);
	if (err == -ENOMEM)
		return err;
	if (err) {
		put_failure(subject, err == -ENODATA ? "it has no memory" : strerror(-err));
		ranges_free(&maps);
		return 0;
	}
	differences = address_space_compare(space, &maps, ignore_difference, NULL);
	put_title(subject);
	fprintf(out, "%zu ranges, %d differences, %" PRIu32 " uncertain, %" PRIu32 " snapshot(s)\n",
		maps.n, differences, space->doubts, space->snapshots);
	address_space_compare(space, &maps, put_difference, out);
	subject->check->view.differs |= differences;
	ranges_free(&maps);
	return 0;
}

static int check_look(struct view *view, const struct counters *watch)
{
	struct check *check = check_of(view);
	struct process *process = ledger_find(check->view.ledger, watch->id);
	struct subject subject = { check, watch->pid, watch->id, process };

	if (process && process->gone)
		return 0;
	if (!process || !process->space) {
		put_failure(&subject, "nothing is known of it");
		return 0;
	}
	return compare(&subject);
}

/* If several watches have this pid, the last one belongs to the process that is there. */
static uint32_t watch_of(const struct session *session, pid_t pid)
{
	size_t i = session->n;

	while (i--)
		if (session->watches[i].pid == (uint32_t)pid)
			return session->watches[i].id;
	return 0;
}

/* Only the kernel knows whether another process still uses the address space of an orphan. */
static bool is_shared(const struct subject *subject)
{
	const struct session *session = subject->check->pipeline->session;
	size_t i;

	if (subject->process && subject->process->space && subject->process->space->users > 1)
		return true;
	for (i = 0; subject->check->pipeline->orphans && i < session->n; i++) {
		const struct counters *other = &session->watches[i];

		if (!other->exited && other->id != subject->watch &&
		    syscall(SYS_kcmp, subject->pid, other->pid, KCMP_VM, 0, 0) == 0)
			return true;
	}
	return false;
}

/* If other processes still use the address space, the last of them is compared instead. */
static int check_exit(struct view *view, pid_t pid, bool there)
{
	struct check *check = check_of(view);
	struct session *session = check->pipeline->session;
	struct subject subject = { check, pid, 0, NULL };
	int err = pipeline_drain(check->pipeline);

	/* The clone event may be lost, and so may all events of the child. */
	if (!err && !watch_of(session, pid)) {
		check->pipeline->orphans = true;
		err = session_refresh(session);
	}
	if (err)
		return err;
	subject.watch = watch_of(session, pid);
	if (subject.watch) {
		subject.process = ledger_process(check->view.ledger, subject.watch);
		if (!subject.process)
			return -ENOMEM;
	}
	if (is_shared(&subject))
		return 0;
	if (!there)
		put_failure(&subject, "it was killed once more while it ended");
	else if (!subject.process || !subject.process->space)
		put_failure(&subject, "it was not watched");
	else
		err = compare(&subject);
	return err;
}

static int check_event(struct view *view, const struct step *step)
{
	/* The ledger takes all other events. */
	if (step->ev->kind == BRKWATCH_EVENT_KIND_MARK)
		return put_line(view, step);
	return 0;
}

static int check_end(struct view *view, const struct report *report)
{
	put_losses(view, report);
	return 0;
}

static int check_open(struct view *view, const struct view_context *context)
{
	check_of(view)->pipeline = context->pipeline;
	return 0;
}

const struct view_type check_view = {
	.option = "check",
	.traits = VIEW_WHOLE | VIEW_LOOKS | VIEW_COMPARES,
	.events = LEDGER_EVENTS,
	.size = VIEW_SIZE(struct check),
	.open = check_open,
	.event = check_event,
	.end = check_end,
	.look = check_look,
	.exit = check_exit,
};
