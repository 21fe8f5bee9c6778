/* SPDX-License-Identifier: GPL-2.0 */
/* What an event did to the account of its process. */
#ifndef BRKWATCH_CHANGE_H
#define BRKWATCH_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct covered - what was mapped in the range of a failed call, before the call
 * @known: the account is exact there
 * @ranges: how many ranges of the account it has; each has one tag
 * @mapped: bytes that were mapped
 * @readonly: bytes of private memory without a file that could not be written
 * @writable: bytes of it that could
 *
 * A range is the one that the call names: of mmap(2) only with MAP_FIXED, of mremap(2) the old one.
 */
struct covered {
	bool known;
	uint64_t ranges;
	uint64_t mapped;
	uint64_t readonly;
	uint64_t writable;
};

/**
 * struct change - what an event did to the account
 *
 * "Anonymous" are mappings made with MAP_ANONYMOUS, never the heap. Where calls
 * of several threads overlap, all is as if they happened in the order of their
 * returns.
 *
 * @added: bytes of anonymous memory that it mapped
 * @removed: bytes that were anonymous before and are not, or are anew
 * @removed_inherited: the part of them that a parent had mapped
 * @removed_file: the same of file mappings
 * @removed_other: the same of private memory that was not seen mapped, and of the heap
 * @given_back: bytes that madvise(2) returned
 * @committed: bytes of the set that mprotect(2) made usable
 * @decommitted: bytes of the set that it made unusable
 * @heap_moved: the heap begins elsewhere than before, and no exec was missed
 * @uncertain: it left more than one state possible
 * @call: number of the call if it got memory, see ledger/holdings.h; 0 if no view asks for it
 * @covered: of a failed call, see struct covered
 */
struct change {
	uint64_t added;
	uint64_t removed;
	uint64_t removed_inherited;
	uint64_t removed_file;
	uint64_t removed_other;
	uint64_t given_back;
	uint64_t committed;
	uint64_t decommitted;
	bool heap_moved;
	bool uncertain;
	uint32_t call;
	struct covered covered;
};

#endif
