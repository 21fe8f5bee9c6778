// SPDX-License-Identifier: GPL-2.0
/* shmat(2) and shmdt(2): System V shared memory. */
#include <linux/err.h>
#include <linux/ipc.h>
#include <linux/uaccess.h>

#include "probe.h"
#include "record.h"
#include "watch.h"

/* Marks a call that came through ipc(2): the place where the kernel wrote the address. */
#define IPC_RESULT 3

static void shmat_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	u32 addr;

	rec->kind = BRKWATCH_EVENT_KIND_SHMAT;
	rec->number = call->arg[0];
	rec->map.addr = call->arg[1];
	rec->map.flags = call->arg[2];
	rec->map.result = result;
	rec->error = IS_ERR_VALUE(result) ? -(long)result : 0;
	if (rec->error || !call->arg[IPC_RESULT])
		return;
	/* The kernel has just written the address, so its page is there. */
	if (!copy_from_user_nofault(&addr, (const void __user *)call->arg[IPC_RESULT],
				    sizeof(addr)))
		rec->map.result = addr;
}

static void shmdt_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	rec->kind = BRKWATCH_EVENT_KIND_SHMDT;
	rec->map.addr = call->arg[0];
	rec->map.result = result;
	rec->error = IS_ERR_VALUE(result) ? -(long)result : 0;
}

static bool shmat_entry(struct bw_call *call)
{
	call->arg[IPC_RESULT] = 0;
	return true;
}

static u64 shmat_count(struct bw_counters *c, const struct bw_record *rec)
{
	c->shmat_calls++;
	if (rec->error) {
		c->shmat_failed++;
		bw_refusals_count(&bw_watch_tables(c)->refusals, rec);
	}
	return 0;
}

static u64 shmdt_count(struct bw_counters *c, const struct bw_record *rec)
{
	c->shmdt_calls++;
	if (rec->error) {
		c->shmdt_failed++;
		bw_refusals_count(&bw_watch_tables(c)->refusals, rec);
	}
	return 0;
}

const struct bw_call_type bw_shmat_call = {
	.name = "shmat",
	.entry = shmat_entry,
	.record = shmat_record,
	.count = shmat_count,
};

const struct bw_call_type bw_shmdt_call = {
	.name = "shmdt",
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
