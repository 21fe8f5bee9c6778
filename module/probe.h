/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_PROBE_H
#define _BRKWATCH_PROBE_H

#include <linux/brkwatch.h>
#include <linux/types.h>

struct counters;
struct netlink_ext_ack;
struct record;

/**
 * struct call - what the entry of a probed call keeps for its return
 * @time: CLOCK_MONOTONIC in ns at entry
 * @brk: program break at entry
 * @arg: arguments of the system call
 */
struct call {
	u64 time;
	u64 brk;
	unsigned long arg[6];
};

/**
 * struct call_type - one kind of call
 * @name: as strace writes it
 * @record: fill the part of a record that is this call's own
 */
struct call_type {
	const char *name;
	void (*record)(struct record *rec, const struct call *call, unsigned long result);
};

extern const struct call_type brk_call, mmap_call, munmap_call;

void brk_count(struct counters *c, const struct record *rec);
void mmap_count(struct counters *c, const struct record *rec);
void munmap_count(struct counters *c, const struct record *rec);
void exec_count(struct counters *c, const struct record *rec);

int probe_init(void);
int probe_register(struct netlink_ext_ack *extack);
void probe_unregister(void);
u64 probe_missed(void);
void probe_record_state(struct record *rec);

int life_register(struct netlink_ext_ack *extack);
void life_unregister(void);

#endif
