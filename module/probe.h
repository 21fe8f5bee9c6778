/* SPDX-License-Identifier: GPL-2.0 */
/* Probes see system calls and lifecycle events while a session is open. */
#ifndef _BRKWATCH_PROBE_H
#define _BRKWATCH_PROBE_H

#include <linux/brkwatch.h>
#include <linux/err.h>
#include <linux/types.h>

#include "distribution.h"
#include "record.h"

struct bw_watch;
struct netlink_ext_ack;

/**
 * struct bw_call - what the entry of a probed call keeps for its return
 * @type: which call it is, if it has no handlers of its own
 * @epoch: bw_watch_epoch() at entry
 * @time: CLOCK_MONOTONIC in ns at entry, or 0 if no session wants to know how long the call takes
 * @brk: program break at entry
 * @seat: where a kretprobe counts the call among those in flight
 * @traits: bits of enum brkwatch_trait that the entry knows, if it has no handlers of its own
 * @arg: arguments of the system call
 */
struct bw_call {
	const struct bw_call_type *type;
	u64 epoch;
	u64 time;
	u64 brk;
	atomic_t *seat;
	u32 traits;
	unsigned long arg[6];
};

/**
 * struct bw_call_type - one kind of call
 * @name: as strace writes it
 * @kind: enum brkwatch_event_kind
 * @duration: the distribution that counts how long it took, or NO_DISTRIBUTION
 * @entry: convert the arguments of a 32-bit entry of another shape, and set the
 *	type of the call; false if the call is none that is probed
 * @leave: look at what shows only when the call returns, and set the type of the call; comes once,
 *	before those below. May be NULL, as @entry and @note
 * @note: let current note what a watch needs to know besides counters
 * @record: fill the part of a record that is this call's own; its error is set
 * @count: add a call of current to what a watch counts, which is locked
 */
struct bw_call_type {
	const char *name;
	u32 kind;
	u32 duration;
	bool (*entry)(struct bw_call *call);
	void (*leave)(struct bw_call *call, unsigned long result);
	void (*note)(struct bw_watch *watch, const struct bw_call *call, unsigned long result);
	void (*record)(struct bw_record *rec, const struct bw_call *call, unsigned long result);
	void (*count)(struct bw_watch *watch, const struct bw_call *call, unsigned long result);
};

/* How long some calls take is not counted. */
#define NO_DISTRIBUTION DISTRIBUTIONS

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
 * @hook: enum brkwatch_hook; of a probe that is in
 */
struct bw_probe_info {
	const char *name;
	const char *symbol;
	u32 state;
	bool optional;
	u64 missed;
	u32 hook;
};

int bw_probe_init(void);
int bw_probe_register(u32 hook, struct netlink_ext_ack *extack);
void bw_probe_unregister(void);
u64 bw_probe_missed(void);
bool bw_probe_info(unsigned int n, struct bw_probe_info *info);

int bw_lifecycle_register(struct netlink_ext_ack *extack);
void bw_lifecycle_unregister(void);
bool bw_lifecycle_info(unsigned int n, struct bw_probe_info *info);

/**
 * bw_call_error() - the errno of a call
 * @result: what it returned
 *
 * Return: the errno, or 0 if the call did not fail.
 */
static __always_inline u16 bw_call_error(unsigned long result)
{
	return IS_ERR_VALUE(result) ? -(long)result : 0;
}

/**
 * bw_map_record() - record what calls about mappings have in common
 * @rec: to fill: address, length and result
 * @call: the call, with address and length first
 * @result: what it returned
 */
static inline void bw_map_record(struct bw_record *rec, const struct bw_call *call,
				 unsigned long result)
{
	rec->map.addr = call->arg[0];
	rec->map.length = call->arg[1];
	rec->map.result = result;
}

#endif
