/* SPDX-License-Identifier: GPL-2.0 */
/* Command lines as the tool reads them. */
#ifndef UNIT_OPTIONS_FIXTURE_H
#define UNIT_OPTIONS_FIXTURE_H

#include <getopt.h>
#include <stdlib.h>

#include "message.h"
#include "cli/options.h"
#include "cli/options_check.h"
#include "views.h"

static inline int parse(struct options *options, const char *const *argv)
{
	int status, argc = 0;

	while (argv[argc])
		argc++;
	/* 0 makes getopt forget the previous command line. */
	optind = 0;
	status = options_parse(options, argc, (char **)argv);
	if (status != OPTIONS_GO_ON)
		return status;
	return views_choose(options) ? options_check(options) : EXIT_FAILURE;
}

/* The options point into the command line, so it must outlive the statement. */
#define PARSE(options, ...)                                                             \
	({                                                                              \
		static const char *const argv_[] = { "brkwatch", ##__VA_ARGS__, NULL }; \
		parse(options, argv_);                                                  \
	})

#endif
