// SPDX-License-Identifier: GPL-2.0
/* A process's life: exec and exit. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/binfmts.h>
#include <linux/netlink.h>
#include <linux/sched/signal.h>
#include <linux/tracepoint.h>

#include "probe.h"
#include "record.h"
#include "watch.h"

static void life_event(struct record *rec)
{
	/* Newer kernels call tracepoint probes with preemption on. */
	preempt_disable();
	probe_record_state(rec);
	watch_event(rec);
	preempt_enable();
}

static void probe_exec(void *data, struct task_struct *task, pid_t old_pid,
		       struct linux_binprm *bprm)
{
	struct record rec = { .kind = BRKWATCH_EVENT_KIND_EXEC };

	life_event(&rec);
}

/*
 * live is decremented before this point, so whoever finds 0 here knows that
 * every other thread is past its last system call. Two threads may: the watch
 * takes the first one's word.
 */
static void probe_exit(void *data, struct task_struct *task)
{
	struct record rec = { .kind = BRKWATCH_EVENT_KIND_EXIT };
	struct signal_struct *signal = task->signal;

	if (atomic_read(&signal->live))
		return;
	/* Set by whatever ended the process, or by the last thread that left. */
	rec.exit_code = signal->group_exit_code;
	life_event(&rec);
}

/**
 * struct life - a tracepoint and the function on it
 * @name: of the tracepoint; few are exported, so it is looked up by name
 * @function: what to call
 * @missing: message when the kernel does not have it
 * @tp: the tracepoint, once found
 */
struct life {
	const char *name;
	void *function;
	const char *missing;
	struct tracepoint *tp;
};

#define LIFE(tracepoint, probe)                                                    \
	{                                                                          \
		.name = tracepoint, .function = probe,                             \
		.missing = "this kernel lets no one probe tracepoint " tracepoint, \
	}

static struct life lives[] = {
	LIFE("sched_process_exec", probe_exec),
	LIFE("sched_process_exit", probe_exit),
};

static void life_find(struct tracepoint *tp, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(lives); i++)
		if (!strcmp(tp->name, lives[i].name))
			lives[i].tp = tp;
}

static void life_unregister_first(int n)
{
	while (n--)
		tracepoint_probe_unregister(lives[n].tp, lives[n].function, NULL);
	tracepoint_synchronize_unregister();
}

/**
 * life_register() - probe exec and exit
 * @extack: gets a sentence that names the tracepoint on error
 *
 * Return: 0, -ENOENT or the tracepoint's error, with nothing left behind.
 */
int life_register(struct netlink_ext_ack *extack)
{
	int i, err;

	for_each_kernel_tracepoint(life_find, NULL);
	for (i = 0; i < ARRAY_SIZE(lives); i++) {
		err = -ENOENT;
		if (lives[i].tp)
			err = tracepoint_probe_register(lives[i].tp, lives[i].function, NULL);
		if (err) {
			extack->_msg = lives[i].missing;
			pr_err("%s (%pe)\n", lives[i].missing, ERR_PTR(err));
			life_unregister_first(i);
			return err;
		}
	}
	return 0;
}

/**
 * life_unregister() - no longer probe exec and exit; no handler runs on return
 */
void life_unregister(void)
{
	life_unregister_first(ARRAY_SIZE(lives));
}

/**
 * exec_count() - the heap starts anew
 * @c: counters of the process
 * @rec: the event
 */
void exec_count(struct counters *c, const struct record *rec)
{
	c->heap_start = rec->heap_start;
	c->brk = rec->brk;
	c->brk_first = rec->brk;
	c->brk_peak = rec->brk;
}
