/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel decides calls by and no event has, because it is the same for all processes. */
#ifndef BRKWATCH_SYSTEM_FACTS_H
#define BRKWATCH_SYSTEM_FACTS_H

#include <stdint.h>

/**
 * struct system_facts - settings of the machine, as they were when the session began
 * @max_map_count: vm.max_map_count, mappings
 * @overcommit: vm.overcommit_memory, see OVERCOMMIT_NEVER and the others in <linux/mman.h>
 * @commit_limit: CommitLimit of /proc/meminfo, bytes
 * @total: memory and swap, bytes
 * @admin_reserve: vm.admin_reserve_kbytes, in bytes
 * @user_reserve: vm.user_reserve_kbytes, in bytes
 * @guard_gap: what the kernel keeps free below a mapping that grows down, bytes
 * @task_size: where the addresses of a 64-bit program end
 * @ignores_data: 1 if the kernel's parameter ignore_rlimit_data is set
 *
 * All zero means that nothing is known.
 */
struct system_facts {
	uint64_t max_map_count;
	uint64_t overcommit;
	uint64_t commit_limit;
	uint64_t total;
	uint64_t admin_reserve;
	uint64_t user_reserve;
	uint64_t guard_gap;
	uint64_t task_size;
	uint64_t ignores_data;
};

#endif
