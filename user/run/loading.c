// SPDX-License-Identifier: GPL-2.0
/* Snapshots of address spaces and images of their code, on their way into the ledger. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/say.h"
#include "run/code_files.h"
#include "run/loading.h"

static int note_file(struct pipeline *in, const struct image *image)
{
	return in->session->askers ? elf_files_add(&in->stacks.files, image) : 0;
}

static int keep_image(const struct image *image, void *arg)
{
	struct pipeline *in = arg;
	int err = note_file(in, image);

	return err || !pipeline_knows_code(in) ? err : stacks_image(&in->stacks, image);
}

static int take_image(const struct image *image, void *arg)
{
	struct pipeline *in = arg;
	int err = note_file(in, image);

	return err || !pipeline_knows_code(in) ? err : stacks_now(&in->stacks, image);
}

/*
 * If the snapshot is older than the last drain, the clone event of its process would have
 * arrived by now. If the process is unknown all the same, the tool has parted with it. The exec
 * was lost, so that no event would ever take the snapshot.
 */
static int keep_exec(const struct snapshot *snapshot, void *arg)
{
	struct pipeline *in = arg;

	if (snapshot->time < in->seen && !session_find(in->session, snapshot->watch)) {
		free(snapshot->areas);
		return 0;
	}
	return snapshots_add(&in->execs, snapshot);
}

static int keep_asked(const struct snapshot *snapshot, void *arg)
{
	struct pipeline *in = arg;

	return snapshots_add(&in->asked, snapshot);
}

/*
 * The module returns one of these errors if it cannot look at the memory of a process now: the
 * process stays in execve() or keeps a lock, its user has left too much behind, or signals came to
 * the tool for as long as it asked.
 */
static bool is_for_later(int err)
{
	return err == -EAGAIN || err == -EUSERS || err == -EINTR;
}

/*
 * The others mean that the process is gone, or that the tool may no longer read it. None is a
 * reason to give up the other processes.
 */
static bool is_out_of_sight(int err)
{
	return err == -ESRCH || err == -ENOENT || err == -EPERM || err == -EACCES ||
	       is_for_later(err);
}

static void say_put_off(const struct counters *process)
{
	say("passing over process %" PRIu32 " for now: it keeps its memory locked; see: "
	    "cat /proc/%" PRIu32 "/status",
	    process->pid, process->pid);
}

int pipeline_snapshot(struct pipeline *in, uint32_t watch)
{
	int err = client_snapshot_get(in->session->channel, watch, keep_asked, in);
	const struct counters *process = session_find(in->session, watch);
	bool again = put_off_drop(&in->put_off, watch);

	if (!err && again && process)
		say("process %" PRIu32 " can be looked at again", process->pid);
	if (!is_out_of_sight(err))
		return err;
	ledger_unwanted(in->view->ledger, watch);
	if (!is_for_later(err))
		return 0;
	if (!again && process)
		say_put_off(process);
	return put_off_add(&in->put_off, watch);
}

/* Watch 0 stands for all images that came with the events drained before. */
int fetch_images(struct pipeline *in)
{
	int err;

	if (!in->session->state.has_images)
		return 0;
	err = client_image_get(in->session->channel, 0, keep_image, in);
	/* A capture may end before the reply. */
	return err && err != -ENOENT ? err : code_files_know(in);
}

int ask_images(struct pipeline *in, uint32_t watch)
{
	int err;

	if (!in->session->state.has_images)
		return 0;
	err = client_image_get(in->session->channel, watch, take_image, in);
	return err && !is_out_of_sight(err) ? err : code_files_know(in);
}

int ask_all(struct pipeline *in)
{
	uint32_t watch;
	int err = 0;

	while (!err && ledger_wants(in->view->ledger, &watch))
		err = pipeline_snapshot(in, watch);
	return err;
}

int ask_again(struct pipeline *in)
{
	uint32_t watch;

	return put_off_due(&in->put_off, &watch) ? pipeline_snapshot(in, watch) : 0;
}

static int load(struct pipeline *in, struct snapshot *snapshot)
{
	int err = ledger_snapshot(in->view->ledger, snapshot);

	snapshot_free(snapshot);
	return err;
}

int load_older(struct pipeline *in, uint64_t time)
{
	struct snapshot snapshot;
	int err = 0;

	while (!err && snapshots_take_older(&in->asked, time, &snapshot))
		err = load(in, &snapshot);
	return err;
}

int load_exec(struct pipeline *in, const struct event *ev)
{
	struct snapshot snapshot;
	bool found = snapshots_take(&in->execs, ev->snapshot, &snapshot);
	int err = 0;

	if (!found)
		err = client_snapshot_get(in->session->channel, 0, keep_exec, in);
	if (err && !is_out_of_sight(err))
		return err;
	found = found || snapshots_take(&in->execs, ev->snapshot, &snapshot);
	if (in->view->filtered) {
		if (found)
			snapshot_free(&snapshot);
		return 0;
	}
	return found ? load(in, &snapshot) : pipeline_snapshot(in, ev->watch);
}

static int load_now(const struct snapshot *snapshot, void *arg)
{
	struct pipeline *in = arg;
	struct snapshot mine = *snapshot;

	return load(in, &mine);
}

int pipeline_renew(struct pipeline *in, uint32_t watch)
{
	int err;

	/* An earlier snapshot must not be booked after this one. */
	snapshots_forget(&in->asked, watch);
	/* All losses happened before this snapshot. */
	ledger_lossy(in->view->ledger, false);
	err = client_snapshot_get(in->session->channel, watch, load_now, in);
	return is_out_of_sight(err) ? 0 : err;
}
