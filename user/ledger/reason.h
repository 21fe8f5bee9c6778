/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why the kernel refused a call: which limits the call would have exceeded. The rules are those of
 * the kernels 6.1 to 7.x.
 * Pure: no input, no output, no clock.
 */
#ifndef BRKWATCH_REASON_H
#define BRKWATCH_REASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/geometry.h"
#include "event/system_facts.h"
#include "ledger/step.h"

/**
 * enum reason_what - what stands in the way of a call
 * @REASON_AS: RLIMIT_AS, the limit on the address space
 * @REASON_DATA: RLIMIT_DATA, the limit on private writable memory
 * @REASON_MEMLOCK: RLIMIT_MEMLOCK, the limit on locked memory
 * @REASON_MAX_MAP_COUNT: vm.max_map_count, the limit on mappings
 * @REASON_OVERCOMMIT: vm.overcommit_memory, the limit on what the kernel promises
 * @REASON_CGROUP: the memory limit of the control group
 * @REASON_OCCUPIED: a mapping
 * @REASON_OUT_OF_REACH: the end of the addresses, or the start of the heap
 * @REASON_SEALED: mseal(2)
 * @REASON_LOCKED: a lock on the memory, as of mlockall(2)
 * @REASON_UNKNOWN: nothing that the figures show
 */
enum reason_what {
	REASON_AS,
	REASON_DATA,
	REASON_MEMLOCK,
	REASON_MAX_MAP_COUNT,
	REASON_OVERCOMMIT,
	REASON_CGROUP,
	REASON_OCCUPIED,
	REASON_OUT_OF_REACH,
	REASON_SEALED,
	REASON_LOCKED,
	REASON_UNKNOWN,
};

/* A figure of a reason that is not known, or that there is not. */
#define REASON_NO_FIGURE UINT64_MAX
/* Room for all that can stand in the way of one call. */
#define REASONS_MAX 8

/**
 * struct reason - one thing that stands in the way of a call
 * @what: which
 * @guess: it only may be so: show "?" and build no sentence on it
 * @limit: the most that the kernel grants, or REASON_NO_FIGURE; mappings or bytes, by @what
 * @would_be: what the call would have made, or REASON_NO_FIGURE
 * @at: where the mapping that occupies the place begins to be in the way, 0 if that is not known
 * @tag: tag of that mapping, see ledger/tag.h; 0 likewise
 */
struct reason {
	enum reason_what what;
	bool guess;
	uint64_t limit;
	uint64_t would_be;
	uint64_t at;
	uint64_t tag;
};

/**
 * reason_name() - the name of what stands in the way
 * @what: which
 *
 * Return: its name, such as "RLIMIT_AS".
 */
const char *reason_name(enum reason_what what);

/**
 * reasons_find() - find what stands in the way of a call that the kernel refused
 * @step: the call, booked
 * @system: settings of the machine, NULL if they are not known
 * @geometry: the sizes of pages
 * @list: filled, in the order in which the kernel looks
 *
 * Each entry that is no guess follows from the figures, and there may be several.
 *
 * Return: how many entries: 0 if the call succeeded, or if the module sent no limits with it;
 * otherwise at least one, which is REASON_UNKNOWN if the figures show nothing.
 */
size_t reasons_find(const struct step *step, const struct system_facts *system,
		    const struct geometry *geometry, struct reason list[REASONS_MAX]);

#endif
