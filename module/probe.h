/* SPDX-License-Identifier: GPL-2.0 */
/* Probes see system calls and lifecycle events while a session is open. */
#ifndef _BRKWATCH_PROBE_H
#define _BRKWATCH_PROBE_H

#include <linux/brkwatch.h>
#include <linux/types.h>

struct bw_counters;
struct netlink_ext_ack;
struct bw_record;

/**
 * struct bw_call - what the entry of a probed call keeps for its return
 * @type: which call it is
 * @epoch: bw_watch_epoch() at entry
 * @time: CLOCK_MONOTONIC in ns at entry
 * @brk: program break at entry
 * @seat: where the call is counted among those in flight
 * @arg: arguments of the system call
 */
struct bw_call {
	const struct bw_call_type *type;
	u64 epoch;
	u64 time;
	u64 brk;
	atomic_t *seat;
	unsigned long arg[6];
};

/**
 * struct bw_call_type - one kind of call
 * @name: as strace writes it
 * @entry: convert the arguments of a 32-bit entry of another shape, and set the
 *	type of the call; false if the call is none that is probed
 * @record: fill the part of a record that is this call's own
 * @count: add a call of current to its counters, which are locked; return
 *	the bytes that the heap grew by, or that were mapped or unmapped
 */
struct bw_call_type {
	const char *name;
	bool (*entry)(struct bw_call *call);
	void (*record)(struct bw_record *rec, const struct bw_call *call, unsigned long result);
	u64 (*count)(struct bw_counters *c, const struct bw_record *rec);
};

extern const struct bw_call_type bw_brk_call, bw_mmap_call, bw_munmap_call, bw_mremap_call,
	bw_mprotect_call, bw_pkey_mprotect_call, bw_madvise_call, bw_shmat_call, bw_shmdt_call;
/* 32-bit entries of another shape. */
extern const struct bw_call_type bw_mmap_struct_call, bw_mmap_pages_call, bw_ipc_call;

/**
 * struct bw_probe_info - the description of a probe
 * @name: the call or lifecycle event
 * @symbol: function or tracepoint
 * @state: enum brkwatch_probe_state
 * @optional: sessions open without it
 * @missed: calls that went past it
 */
struct bw_probe_info {
	const char *name;
	const char *symbol;
	u32 state;
	bool optional;
	u64 missed;
};

int bw_probe_init(void);
int bw_probe_register(struct netlink_ext_ack *extack);
void bw_probe_unregister(void);
u64 bw_probe_missed(void);
bool bw_probe_info(unsigned int n, struct bw_probe_info *info);

int bw_lifecycle_register(struct netlink_ext_ack *extack);
void bw_lifecycle_unregister(void);
bool bw_lifecycle_info(unsigned int n, struct bw_probe_info *info);

void bw_map_record(struct bw_record *rec, const struct bw_call *call, unsigned long result);

#endif
