// SPDX-License-Identifier: GPL-2.0
/* All views, and which of them the options ask for. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cli/options.h"
#include "cli/options_check.h"
#include "run/check.h"
#include "view/view.h"
#include "views.h"

static const struct view_type *const types[] = {
	&text_view, &strace_view, &json_view,	  &summary_view, &summary_json_view,
	&both_view, &map_view,	  &map_json_view, &plot_view,	 &html_view,
	&top_view,  &folded_view, &check_view,
};

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* The view that two options ask for, in any order; NULL stands for none. */
static const struct view_type *find_type(const char *a, const char *b)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
		if ((is_same(types[i]->option, a) && is_same(types[i]->with, b)) ||
		    (is_same(types[i]->option, b) && is_same(types[i]->with, a)))
			return types[i];
	return NULL;
}

/* Like tcpdump, the tool does not show what it stores, unless it has a place to go. */
static const struct view_type *choose_type(const struct options *options)
{
	const char *const *views = options->views;

	if (!options->views_n && options->capture && !options->output)
		return &none_view;
	return options->views_n < OPTIONS_VIEWS ? find_type(views[0], views[1]) : NULL;
}

const struct view_type *views_choose(struct options *options)
{
	const struct view_type *type = choose_type(options);
	char a[OPTION_NAME_MAX], b[OPTION_NAME_MAX];
	const char *const *views = options->views;

	if (type) {
		options->view = type->option;
		options->traits = type->traits;
		return type;
	}
	options_say_apart(options_shown_name(views[0], a),
			  options_shown_name(find_type(views[0], views[1]) ? views[2] : views[1],
					     b));
	return NULL;
}
