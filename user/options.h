/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BRKWATCH_OPTIONS_H
#define BRKWATCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "filter.h"
#include "pidlist.h"

/**
 * struct options - what the user asked for
 * @pids: processes to watch
 * @command: program to start with its arguments, or NULL
 * @output: file to write to, or NULL for stderr
 * @ring_bytes: ring of one CPU, 0 for the module's default
 * @duration: ns to watch for, 0 for no limit
 * @filter: which events
 * @follow: children too
 * @system: every process
 * @summary: totals instead of events
 * @json: JSON lines instead of text
 * @map: a picture of the address space instead of events
 * @check: compare the ledger with /proc/PID/maps instead of showing events
 * @status: say what the module can do
 * @all: file mappings too
 * @normalize: nothing that differs from run to run
 * @strict: a loss is a failure
 */
struct options {
	struct pidlist pids;
	char **command;
	const char *output;
	uint32_t ring_bytes;
	uint64_t duration;
	struct filter filter;
	bool follow;
	bool system;
	bool summary;
	bool json;
	bool map;
	bool check;
	bool status;
	bool all;
	bool normalize;
	bool strict;
};

/* What options_parse() returns when there is work to do. */
#define OPTIONS_GO_ON (-1)

/**
 * options_parse() - read the command line
 * @options: filled
 * @argc: as main() has it
 * @argv: as main() has it
 *
 * Says what is wrong with it, or what was asked of the tool itself.
 *
 * Return: OPTIONS_GO_ON or the exit status.
 */
int options_parse(struct options *options, int argc, char **argv);

/**
 * options_size() - read a size of the ring
 * @text: bytes, or with K or M behind them KiB or MiB
 *
 * Return: bytes; 0 when it is no size that a ring can have.
 */
uint32_t options_size(const char *text);

#endif
