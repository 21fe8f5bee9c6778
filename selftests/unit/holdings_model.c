// SPDX-License-Identifier: GPL-2.0
/* Random calls from several places, compared with a model that has an owner for each page. */
#include <stdlib.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "holdings_fixture.h"

#define PAGES 96
#define HEAP_PAGES 16
#define SITES 5
#define STEPS 40000

/* The model has for each page 0 for nothing, FILE_PAGE, or the place that got it from FIRST on. */
enum { FILE_PAGE = 1, FIRST };

struct model {
	int v[PAGES];
	int heap[HEAP_PAGES];
	uint64_t brk;
	uint64_t peaks[SITES];
};

static bool is_all(const int *v, uint64_t n, bool mapped)
{
	while (n-- && !!*v == mapped)
		v++;
	return n == UINT64_MAX;
}

static void set(int *v, uint64_t n, int owner)
{
	while (n--)
		*v++ = owner;
}

/* Growth is like the last page: a file's, or got by the call. */
static int grown(int last, int site)
{
	return last == FILE_PAGE ? FILE_PAGE : FIRST + site;
}

static void random_brk(struct account *a, struct site *site, int number, struct model *model)
{
	uint64_t to = random() % (HEAP_PAGES + 1);

	got(a, site, a_brk(HEAP + model->brk * PAGE, HEAP + to * PAGE, HEAP + to * PAGE));
	if (to > model->brk)
		set(&model->heap[model->brk], to - model->brk, FIRST + number);
	else
		set(&model->heap[to], model->brk - to, 0);
	model->brk = to;
}

/* Move @n mapped pages to @to, where @more follow, and leave the source mapped if it @keeps it. */
static void random_move(struct account *a, struct site *site, int number, struct model *model,
			uint64_t from, uint64_t n, uint64_t to, uint64_t more, bool keeps)
{
	int copy[PAGES];
	uint64_t i;

	got(a, site,
	    an_mremap(AT(from), n, n + more,
		      MREMAP_MAYMOVE | MREMAP_FIXED | (keeps ? MREMAP_DONTUNMAP : 0), AT(to)));
	for (i = 0; i < n; i++)
		copy[i] = model->v[from + i];
	if (!keeps)
		set(&model->v[from], n, 0);
	for (i = 0; i < n; i++)
		model->v[to + i] = keeps ? grown(copy[i], number) : copy[i];
	set(&model->v[to + n], more, grown(copy[n - 1], number));
}

static void random_mremap(struct account *a, struct site *site, int number, struct model *model,
			  uint64_t from, uint64_t n)
{
	uint64_t more = random() % 6, to = random() % (PAGES - n - 5);
	bool keeps = random() % 4 == 0;

	if (!is_all(&model->v[from], n, true))
		return;
	if (random() % 3 == 0) {
		uint64_t left = 1 + random() % n;

		book(a, an_mremap(AT(from), n, left, 0, AT(from)));
		set(&model->v[from + left], n - left, 0);
	} else if (from + n + more <= PAGES && is_all(&model->v[from + n], more, false)) {
		got(a, site, an_mremap(AT(from), n, n + more, 0, AT(from)));
		set(&model->v[from + n], more, grown(model->v[from + n - 1], number));
	} else if (from >= to + n + more || to >= from + n) {
		random_move(a, site, number, model, from, n, to, keeps ? 0 : more, keeps);
	}
}

static void random_call(struct account *a, struct site *sites, struct model *model)
{
	uint64_t from = random() % PAGES;
	uint64_t n = 1 + random() % (PAGES - from < 20 ? PAGES - from : 20);
	int number = random() % SITES;
	struct site *site = &sites[number];

	switch (random() % 8) {
	case 0:
		got(a, site, a_mmap(AT(from), n, RW, ANON | MAP_FIXED));
		set(&model->v[from], n, FIRST + number);
		break;
	case 1:
		got(a, site, a_mmap(AT(from), n, RW, MAP_PRIVATE | MAP_FIXED));
		set(&model->v[from], n, FILE_PAGE);
		break;
	case 2:
		book(a, a_munmap(AT(from), n));
		set(&model->v[from], n, 0);
		break;
	case 3:
		if (is_all(&model->v[from], n, true))
			book(a, an_mprotect(AT(from), n, random() % 8));
		break;
	case 4:
		book(a, an_madvise(AT(from), n, random() % 2 ? MADV_DONTNEED : MADV_DONTFORK));
		break;
	case 5:
		random_brk(a, site, number, model);
		break;
	default:
		random_mremap(a, site, number, model, from, n);
		break;
	}
}

/* The kernel's own map, a page an area. */
static void load_model(struct account *a, const struct model *model)
{
	struct area areas[PAGES + HEAP_PAGES];
	struct snapshot snapshot = {
		.watch = 1,
		.time = ++a->time,
		.heap_start = HEAP,
		.brk = HEAP + model->brk * PAGE,
		.areas = areas,
	};
	uint64_t i;

	for (i = 0; i < model->brk; i++)
		areas[snapshot.n++] = area(HEAP + i * PAGE, 1, RW_AREA);
	for (i = 0; i < PAGES; i++)
		if (model->v[i])
			areas[snapshot.n++] =
				area(AT(i), 1, model->v[i] == FILE_PAGE ? FILE_AREA : RW_AREA);
	if (ledger_snapshot(&a->ledger, &snapshot))
		abort();
}

static void count(uint64_t held[SITES], const int *v, uint64_t n)
{
	while (n--) {
		if (*v >= FIRST)
			held[*v - FIRST] += PAGE;
		v++;
	}
}

TEST_F(holdings, random_against_a_page_model)
{
	const unsigned int seed = 7;
	struct site sites[SITES] = { 0 };
	struct model model = { .brk = 0 };
	int step, i;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (step = 0; step < STEPS; step++) {
		uint64_t held[SITES] = { 0 };

		random_call(self->a, sites, &model);
		if (step % 100 == 99)
			load_model(self->a, &model);
		count(held, model.v, PAGES);
		count(held, model.heap, HEAP_PAGES);
		for (i = 0; i < SITES; i++) {
			if (model.peaks[i] < held[i])
				model.peaks[i] = held[i];
			ASSERT_EQ(held[i], sites[i].held)
			{
				TH_LOG("step %d, place %d", step, i);
			}
			ASSERT_EQ(model.peaks[i], sites[i].peak)
			{
				TH_LOG("step %d, place %d", step, i);
			}
		}
	}
	/* Without an age, what is old enough is all. */
	holdings_weigh(self->all, self->a->time);
	for (i = 0; i < SITES; i++)
		EXPECT_EQ(sites[i].held, sites[i].old);
	EXPECT_TRUE(self->a->p->space->exact);
}

TEST_HARNESS_MAIN
