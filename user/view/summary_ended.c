// SPDX-License-Identifier: GPL-2.0
/* A summary of more processes than there is room for: what it keeps of ended ones. */
#include <errno.h>
#include <stdlib.h>

#include "view/summary.h"

/* A reader takes in so many at a glance. */
#define PROCESSES_SHOWN 20

int summary_open(struct view *view, bool spools)
{
	struct summary *summary = summary_of(view);

	summary->ranking.most = view->most ?: PROCESSES_SHOWN;
	return spools ? spool_open(&summary->spool) : 0;
}

void summary_close(struct view *view)
{
	struct summary *summary = summary_of(view);

	callers_free(&summary->callers);
	ended_free(&summary->ended);
	ranking_free(&summary->ranking);
	spool_free(&summary->spool);
	free(summary->only);
}

int summary_fold(struct summary *summary, const struct counters *last,
		 const struct process *account)
{
	int err = ended_add(&summary->ended, last, account);

	summary->ended_n++;
	/* With -a there are too many processes to list each one. */
	if (!err && !summary->view.system)
		err = ranking_add(&summary->ranking, last, account);
	return err;
}

int put_ranking(const struct view *view, const struct report *report)
{
	const struct summary *summary = summary_of(view);
	struct ranking all;
	int err = ranking_copy(&all, &summary->ranking);
	size_t i;

	if (!err && view->system)
		err = ranking_add_ended(&all, &summary->ended);
	for (i = 0; i < report->n && !err; i++) {
		const struct counters *c = &report->counters[i];

		err = ranking_add(&all, c, summary_account(view, c, &report->losses));
	}
	if (!err) {
		ranking_put(&all, view->out, view->normalize);
		put_seccomp_filters(view->out, &all.total);
	}
	ranking_free(&all);
	return err;
}

static int put_spooled(struct view *view, size_t *at, uint64_t below, const char **before,
		       const char *between)
{
	struct spool *spool = &summary_of(view)->spool;
	int err = 0;

	for (; *at < spool->n && spool->v[*at].watch < below && !err; (*at)++) {
		fputs(*before, view->out);
		*before = between;
		err = spool_put(spool, *at, view->out);
	}
	return err;
}

int summary_each(struct view *view, const struct report *report,
		 int (*put)(struct view *view, const struct counters *c,
			    const struct losses *losses),
		 const char *between)
{
	size_t at = spool_sort(&summary_of(view)->spool, !report->time), i;
	const char *before = "";
	int err = 0;

	for (i = 0; i < report->n && !err; i++) {
		err = put_spooled(view, &at, report->counters[i].id, &before, between);
		if (err)
			break;
		fputs(before, view->out);
		before = between;
		err = put(view, &report->counters[i], &report->losses);
	}
	return err ?: put_spooled(view, &at, UINT64_MAX, &before, between);
}
