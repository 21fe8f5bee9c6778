/* SPDX-License-Identifier: GPL-2.0 */
/* Probes see system calls and lifecycle events while a session is open. */
#ifndef _BRKWATCH_PROBE_H
#define _BRKWATCH_PROBE_H

#include <linux/brkwatch.h>
#include <linux/types.h>

struct counters;
struct netlink_ext_ack;
struct record;

/**
 * struct call - what the entry of a probed call keeps for its return
 * @type: which call it is
 * @time: CLOCK_MONOTONIC in ns at entry
 * @brk: program break at entry
 * @arg: arguments of the system call
 */
struct call {
	const struct call_type *type;
	u64 time;
	u64 brk;
	unsigned long arg[6];
};

/**
 * struct call_type - one kind of call
 * @name: as strace writes it
 * @entry: bring the arguments of a 32-bit entry of another shape into that of
 *	the call, and set its type; false if it is none of ours
 * @record: fill the part of a record that is this call's own
 * @count: count the call among those of current, whose counters are locked; return
 *	the bytes that the heap grew by, or that were mapped or unmapped
 */
struct call_type {
	const char *name;
	bool (*entry)(struct call *call);
	void (*record)(struct record *rec, const struct call *call, unsigned long result);
	u64 (*count)(struct counters *c, const struct record *rec);
};

extern const struct call_type brk_call, mmap_call, munmap_call, mremap_call, mprotect_call,
	pkey_mprotect_call, madvise_call, shmat_call, shmdt_call;
/* 32-bit entries of another shape. */
extern const struct call_type mmap_struct_call, mmap_pages_call, ipc_call;

/**
 * struct probe_info - what there is to say of a probe
 * @name: the call or lifecycle event
 * @symbol: function or tracepoint
 * @state: enum brkwatch_probe_state
 * @optional: sessions open without it
 * @missed: calls that went past it
 */
struct probe_info {
	const char *name;
	const char *symbol;
	u32 state;
	bool optional;
	u64 missed;
};

int probe_init(void);
int probe_register(struct netlink_ext_ack *extack);
void probe_unregister(void);
u64 probe_missed(void);
bool probe_info(unsigned int n, struct probe_info *info);

int lifecycle_register(struct netlink_ext_ack *extack);
void lifecycle_unregister(void);
bool lifecycle_info(unsigned int n, struct probe_info *info);

void map_record(struct record *rec, const struct call *call, unsigned long result);

#endif
