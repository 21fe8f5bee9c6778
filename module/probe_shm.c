// SPDX-License-Identifier: GPL-2.0
/* shmat(2) and shmdt(2): System V shared memory. */
#include <linux/err.h>
#include <linux/ipc.h>
#include <linux/uaccess.h>

#include "probe.h"
#include "record.h"
#include "refusals.h"
#include "watch.h"

/* Marks a call that came through ipc(2): the place where the kernel wrote the address. */
#define IPC_RESULT 3

static void shmat_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	u32 addr;

	rec->number = call->arg[0];
	rec->map.addr = call->arg[1];
	rec->map.flags = call->arg[2];
	rec->map.result = result;
	if (rec->error || !call->arg[IPC_RESULT])
		return;
	/* The kernel has just written the address, so its page is there. */
	if (!copy_from_user_nofault(&addr, (const void __user *)call->arg[IPC_RESULT],
				    sizeof(addr)))
		rec->map.result = addr;
}

static void shmdt_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	rec->map.addr = call->arg[0];
	rec->map.result = result;
}

static bool shmat_entry(struct bw_call *call)
{
	call->arg[IPC_RESULT] = 0;
	return true;
}

static void shmat_count(struct bw_watch *watch, const struct bw_call *call, unsigned long result)
{
	struct bw_counters *c = &watch->counters;

	c->shmat_calls++;
	if (IS_ERR_VALUE(result)) {
		c->shmat_failed++;
		bw_refusals_count(&watch->tables->refusals, BRKWATCH_EVENT_KIND_SHMAT,
				  bw_call_error(result));
	}
}

static void shmdt_count(struct bw_watch *watch, const struct bw_call *call, unsigned long result)
{
	struct bw_counters *c = &watch->counters;

	c->shmdt_calls++;
	if (IS_ERR_VALUE(result)) {
		c->shmdt_failed++;
		bw_refusals_count(&watch->tables->refusals, BRKWATCH_EVENT_KIND_SHMDT,
				  bw_call_error(result));
	}
}

const struct bw_call_type bw_shmat_call = {
	.name = "shmat",
	.kind = BRKWATCH_EVENT_KIND_SHMAT,
	.duration = NO_DISTRIBUTION,
	.entry = shmat_entry,
	.record = shmat_record,
	.count = shmat_count,
};

const struct bw_call_type bw_shmdt_call = {
	.name = "shmdt",
	.kind = BRKWATCH_EVENT_KIND_SHMDT,
	.duration = NO_DISTRIBUTION,
	.record = shmdt_record,
	.count = shmdt_count,
};

/* One 32-bit call for all of System V IPC: call, first, second, third, address. */
static bool ipc_entry(struct bw_call *call)
{
	unsigned long first = call->arg[1], second = call->arg[2], third = call->arg[3];
	unsigned long addr = call->arg[4];

	switch (call->arg[0] & 0xffff) {
	case SHMAT:
		call->type = &bw_shmat_call;
		call->arg[0] = first;
		call->arg[1] = addr;
		call->arg[2] = second;
		call->arg[IPC_RESULT] = third;
		return true;
	case SHMDT:
		call->type = &bw_shmdt_call;
		call->arg[0] = addr;
		return true;
	default:
		return false;
	}
}

const struct bw_call_type bw_ipc_call = { .name = "ipc", .entry = ipc_entry };
