/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BRKWATCH_OPTIONS_H
#define BRKWATCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "pidlist.h"

/**
 * struct options - what the user asked for
 * @pids: processes to watch
 * @command: program to start with its arguments, or NULL
 * @output: file to write to, or NULL for stderr
 * @ring_bytes: ring of one CPU, 0 for the module's default
 * @summary: totals instead of events
 * @json: JSON lines instead of text
 * @all: file mappings too
 * @normalize: nothing that differs from run to run
 */
struct options {
	struct pidlist pids;
	char **command;
	const char *output;
	uint32_t ring_bytes;
	bool summary;
	bool json;
	bool all;
	bool normalize;
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
