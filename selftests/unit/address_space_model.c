// SPDX-License-Identifier: GPL-2.0
/* Random calls on an address space, compared with a naive model of its pages. */
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "space_fixture.h"

#define PAGES 64
#define STEPS 40000

/* The naive model: the bits of a tag that are compared, for each page. */
struct model {
	uint64_t v[PAGES];
};

static void model_set(struct model *model, uint64_t from, uint64_t n, uint64_t tag)
{
	while (n--)
		model->v[from++] = tag;
}

static bool is_mapped(const struct model *model, uint64_t from, uint64_t n)
{
	while (n && model->v[from]) {
		from++;
		n--;
	}
	return !n;
}

/* Change some bits of each mapped page. */
static void model_change(struct model *model, uint64_t from, uint64_t n, uint64_t mask,
			 uint64_t tag)
{
	for (; n--; from++)
		model->v[from] = model->v[from] ? (model->v[from] & ~mask) | tag : 0;
}

static void model_move(struct model *model, uint64_t from, uint64_t to, uint64_t n)
{
	for (; n--; from++, to++) {
		/* Holes do not move. */
		if (model->v[from])
			model->v[to] = model->v[from];
		model->v[from] = 0;
	}
}

/* Make one random call; both models apply it. */
static void random_call(struct account *a, struct model *model)
{
	uint64_t from = random() % PAGES;
	uint64_t n = 1 + random() % (PAGES - from < 20 ? PAGES - from : 20);
	uint64_t to = random() % (PAGES - n + 1);
	int prot = random() % 8;

	switch (random() % 6) {
	case 0:
		book(a, a_mmap(AT(from), n, prot, ANON | MAP_FIXED));
		model_set(model, from, n, tag_of(CLASS_ANONYMOUS, prot, 0));
		break;
	case 1:
		book(a, a_mmap(AT(from), n, prot, MAP_SHARED | MAP_FIXED));
		model_set(model, from, n, tag_of(CLASS_FILE, prot, 0));
		break;
	case 2:
		book(a, a_munmap(AT(from), n));
		model_set(model, from, n, 0);
		break;
	case 3:
		if (!is_mapped(model, from, n))
			break;
		book(a, an_mprotect(AT(from), n, prot));
		model_change(model, from, n, TAG_PROT, tag_of(0, prot, 0));
		break;
	case 4:
		book(a, an_madvise(AT(from), n, MADV_DONTFORK));
		model_change(model, from, n, TAG_DONT_FORK, TAG_DONT_FORK);
		break;
	default:
		if (!model->v[from] || (from < to + n && to < from + n))
			break;
		book(a, an_mremap(AT(from), n, n, MREMAP_MAYMOVE | MREMAP_FIXED, AT(to)));
		model_move(model, from, to, n);
		break;
	}
}

TEST_F(space, random_against_a_page_model)
{
	const unsigned int seed = 5;
	struct model model = { .v = { 0 } };
	int step, i;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (step = 0; step < STEPS; step++) {
		uint64_t reserved = 0, committed = 0;
		struct shares shares = { 0 };

		random_call(self->a, &model);
		for (i = 0; i < PAGES; i++) {
			uint64_t tag = tag_at(self->a, 1, AT(i));

			ASSERT_EQ(model.v[i], tag & (TAG_CLASS | TAG_PROT | TAG_DONT_FORK))
			{
				TH_LOG("step %d, page %d", step, i);
			}
			if (tag_class(model.v[i]) != CLASS_ANONYMOUS)
				continue;
			reserved += PAGE;
			committed += tag_prot(model.v[i]) ? PAGE : 0;
			shares_add(&shares, tag, tag_prot(model.v[i]) ? PAGE : 0);
		}
		ASSERT_EQ(reserved, self->space->reserved.now);
		ASSERT_EQ(committed, self->space->committed.now);
		ASSERT_EQ(0, memcmp(&shares, &self->space->by_origin, sizeof(shares)));
	}
	EXPECT_TRUE(self->space->exact);
}

TEST_HARNESS_MAIN
