// SPDX-License-Identifier: GPL-2.0
/* Facts about ELF files: finding places, and storing them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stack/elf_facts.h"

/* Bits of struct packed. */
enum {
	PACKED_READ = 1 << 0,
	PACKED_PROGRAM = 1 << 1,
	PACKED_LIBC = 1 << 2,
	PACKED_GLIBC = 1 << 3,
	PACKED_GO = 1 << 4,
	PACKED_V8 = 1 << 5,
};

/* A block begins with this, and the places follow. */
struct packed {
	uint32_t bits;
	uint32_t n;
	char soname[ELF_NAME_MAX];
	char interpreter[ELF_NAME_MAX];
};

const struct elf_place *elf_facts_place(const struct elf_facts *facts, uint64_t offset)
{
	size_t low = 0, high = facts->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (facts->places[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < facts->n && facts->places[low].start <= offset ? &facts->places[low] : NULL;
}

static uint32_t bits_of(const struct elf_facts *facts)
{
	return (facts->read ? PACKED_READ : 0) | (facts->program ? PACKED_PROGRAM : 0) |
	       (facts->libc ? PACKED_LIBC : 0) | (facts->glibc ? PACKED_GLIBC : 0) |
	       (facts->go ? PACKED_GO : 0) | (facts->v8 ? PACKED_V8 : 0);
}

void *elf_facts_pack(const struct elf_facts *facts, size_t *len)
{
	size_t places = facts->n * sizeof(*facts->places);
	struct packed *packed = calloc(1, sizeof(*packed) + places);

	if (!packed)
		return NULL;
	packed->bits = bits_of(facts);
	packed->n = facts->n;
	memcpy(packed->soname, facts->soname, sizeof(packed->soname));
	memcpy(packed->interpreter, facts->interpreter, sizeof(packed->interpreter));
	if (places)
		memcpy(packed + 1, facts->places, places);
	*len = sizeof(*packed) + places;
	return packed;
}

/* The rest of the tool relies on the order. */
static bool are_places(const struct elf_place *places, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (places[i].start >= places[i].end || places[i].part >= ELF_PARTS ||
		    (i && places[i].start < places[i - 1].end))
			return false;
	return true;
}

static int take_places(struct elf_facts *facts, const void *block, size_t n)
{
	if (!n)
		return 0;
	facts->places = calloc(n, sizeof(*facts->places));
	if (!facts->places)
		return -ENOMEM;
	memcpy(facts->places, block, n * sizeof(*facts->places));
	facts->n = n;
	facts->cap = n;
	if (are_places(facts->places, n))
		return 0;
	elf_facts_free(facts);
	return -EBADMSG;
}

int elf_facts_unpack(struct elf_facts *facts, const void *block, size_t len)
{
	struct packed packed;

	memset(facts, 0, sizeof(*facts));
	if (len < sizeof(packed))
		return -EBADMSG;
	memcpy(&packed, block, sizeof(packed));
	len -= sizeof(packed);
	if (len % sizeof(*facts->places) || len / sizeof(*facts->places) != packed.n)
		return -EBADMSG;
	facts->read = packed.bits & PACKED_READ;
	facts->program = packed.bits & PACKED_PROGRAM;
	facts->libc = packed.bits & PACKED_LIBC;
	facts->glibc = packed.bits & PACKED_GLIBC;
	facts->go = packed.bits & PACKED_GO;
	facts->v8 = packed.bits & PACKED_V8;
	memcpy(facts->soname, packed.soname, sizeof(facts->soname) - 1);
	memcpy(facts->interpreter, packed.interpreter, sizeof(facts->interpreter) - 1);
	return take_places(facts, (const char *)block + sizeof(packed), packed.n);
}

void elf_facts_free(struct elf_facts *facts)
{
	free(facts->places);
	memset(facts, 0, sizeof(*facts));
}
