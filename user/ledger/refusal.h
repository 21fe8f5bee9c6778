/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why the kernel refused a call: which limits the call would have exceeded. The rules are those of
 * the kernels 6.1 to 7.x.
 * Pure: no input, no output, no clock.
 */
#ifndef BRKWATCH_REFUSAL_H
#define BRKWATCH_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/geometry.h"
#include "event/system_facts.h"
#include "ledger/step.h"

/**
 * enum refusal_what - what stands in the way of a call
 * @REFUSAL_AS: RLIMIT_AS, the limit on the address space
 * @REFUSAL_DATA: RLIMIT_DATA, the limit on private writable memory
 * @REFUSAL_MEMLOCK: RLIMIT_MEMLOCK, the limit on locked memory
 * @REFUSAL_MAX_MAP_COUNT: vm.max_map_count, the limit on mappings
 * @REFUSAL_OVERCOMMIT: vm.overcommit_memory, the limit on what the kernel promises
 * @REFUSAL_CGROUP: the memory limit of the control group
 * @REFUSAL_OCCUPIED: a mapping
 * @REFUSAL_OUT_OF_REACH: the end of the addresses, or the start of the heap
 * @REFUSAL_SEALED: mseal(2)
 * @REFUSAL_LOCKED: a lock on the memory, as of mlockall(2)
 * @REFUSAL_UNKNOWN: nothing that the figures show
 */
enum refusal_what {
	REFUSAL_AS,
	REFUSAL_DATA,
	REFUSAL_MEMLOCK,
	REFUSAL_MAX_MAP_COUNT,
	REFUSAL_OVERCOMMIT,
	REFUSAL_CGROUP,
	REFUSAL_OCCUPIED,
	REFUSAL_OUT_OF_REACH,
	REFUSAL_SEALED,
	REFUSAL_LOCKED,
	REFUSAL_UNKNOWN,
};

/* A figure of a refusal that is not known, or that there is not. */
#define REFUSAL_NO_FIGURE UINT64_MAX
/* Room for all that can stand in the way of one call. */
#define REFUSAL_MAX 8

/**
 * struct refusal - one thing that stands in the way of a call
 * @what: which
 * @guess: it only may be so: show "?" and build no sentence on it
 * @limit: the most that the kernel grants, or REFUSAL_NO_FIGURE; mappings or bytes, by @what
 * @would_be: what the call would have made, or REFUSAL_NO_FIGURE
 * @at: where the mapping begins that occupies the place, 0 if that is not known
 */
struct refusal {
	enum refusal_what what;
	bool guess;
	uint64_t limit;
	uint64_t would_be;
	uint64_t at;
};

/**
 * refusal_name() - the name of what stands in the way
 * @what: which
 *
 * Return: its name, such as "RLIMIT_AS".
 */
const char *refusal_name(enum refusal_what what);

/**
 * refusal_find() - find what stands in the way of a call that the kernel refused
 * @step: the call, booked
 * @system: settings of the machine, NULL if they are not known
 * @geometry: the sizes of pages
 * @list: filled, in the order in which the kernel looks
 *
 * Each entry that is no guess follows from the figures, and there may be several.
 *
 * Return: how many entries: 0 if the call succeeded, or if the module sent no limits with it;
 * otherwise at least one, which is REFUSAL_UNKNOWN if the figures show nothing.
 */
size_t refusal_find(const struct step *step, const struct system_facts *system,
		    const struct geometry *geometry, struct refusal list[REFUSAL_MAX]);

#endif
