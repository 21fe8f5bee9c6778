// SPDX-License-Identifier: GPL-2.0
/* The figures of several processes as one. */
#include <stddef.h>

#include "event/counters.h"
#include "event/refusals.h"

#define AT(member) offsetof(struct counters, member)

static const size_t sums[] = {
	AT(brk_calls),
	AT(brk_queries),
	AT(brk_grows),
	AT(brk_shrinks),
	AT(brk_refused),
	AT(grown_bytes),
	AT(shrunk_bytes),
	AT(mmap_calls),
	AT(mmap_failed),
	AT(mmap_anonymous),
	AT(mapped_bytes),
	AT(mapped_file_bytes),
	AT(munmap_calls),
	AT(munmap_failed),
	AT(unmapped_bytes),
	AT(mremap_calls),
	AT(mremap_failed),
	AT(mprotect_calls),
	AT(mprotect_failed),
	AT(madvise_calls),
	AT(madvise_failed),
	AT(shmat_calls),
	AT(shmat_failed),
	AT(shmdt_calls),
	AT(shmdt_failed),
	AT(given_back_bytes),
	AT(clones),
	AT(faults),
	AT(made),
	AT(lost),
	AT(heap_given_back),
	AT(reserved_bytes),
	AT(threads),
	AT(shrinks_refused),
	AT(remapped_bytes),
	AT(remaps_unknown),
};

static const size_t peaks[] = { AT(grown_largest), AT(mapped_largest), AT(unmapped_largest) };

static uint64_t *figure(struct counters *c, size_t at)
{
	return (uint64_t *)(void *)((char *)c + at);
}

static uint64_t value(const struct counters *c, size_t at)
{
	return *(const uint64_t *)(const void *)((const char *)c + at);
}

void counters_add(struct counters *sum, const struct counters *c)
{
	size_t i;

	for (i = 0; i < sizeof(sums) / sizeof(*sums); i++)
		*figure(sum, sums[i]) += value(c, sums[i]);
	for (i = 0; i < sizeof(peaks) / sizeof(*peaks); i++)
		if (value(c, peaks[i]) > value(sum, peaks[i]))
			*figure(sum, peaks[i]) = value(c, peaks[i]);
	refusals_add(&sum->refusals, &c->refusals);
}

uint64_t counters_calls(const struct counters *c)
{
	return c->brk_calls + c->mmap_calls + c->munmap_calls + c->mremap_calls +
	       c->mprotect_calls + c->madvise_calls + c->shmat_calls + c->shmdt_calls;
}

uint64_t counters_failures(const struct counters *c)
{
	return c->brk_refused + c->mmap_failed + c->munmap_failed + c->mremap_failed +
	       c->mprotect_failed + c->madvise_failed + c->shmat_failed + c->shmdt_failed;
}
