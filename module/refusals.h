/* SPDX-License-Identifier: GPL-2.0 */
/* Which calls of a process failed, and with which errno. */
#ifndef _BRKWATCH_REFUSALS_H
#define _BRKWATCH_REFUSALS_H

#include <linux/types.h>

#define REFUSALS 15

/**
 * struct bw_refusal - failed calls of one kind with one errno
 * @kind: enum brkwatch_event_kind
 * @error: the errno
 * @calls: how many; 0 if the entry is free
 */
struct bw_refusal {
	u16 kind;
	u16 error;
	u64 calls;
};

/**
 * struct bw_refusals - the failed calls of a process
 * @v: the pairs of call and errno that came first, in that order; free entries come last
 * @others: calls of all other pairs
 */
struct bw_refusals {
	struct bw_refusal v[REFUSALS];
	u64 others;
};

void bw_refusals_count(struct bw_refusals *refusals, u16 kind, u16 error);

#endif
