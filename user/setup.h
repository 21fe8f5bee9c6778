/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the tool, and how they are connected. */
#ifndef BRKWATCH_SETUP_H
#define BRKWATCH_SETUP_H

#include "wire/capture.h"
#include "run/exit_stop.h"
#include "run/launch.h"
#include "ledger/ledger.h"
#include "view/normalize.h"
#include "cli/options.h"
#include "run/run.h"
#include "wire/session.h"
#include "event/system_facts.h"
#include "lib/signals.h"
#include "view/view.h"

struct capture_reader;

/**
 * struct tool - what the parts of the tool share for as long as it runs
 * @options: what the user asks for
 * @signals: signals to handle, and the one that ended us
 * @launch: CMD
 * @session: at the module, or of a capture
 * @ledger: what is known of each process
 * @normalizer: of --normalize
 * @machine: settings of the machine where the session is, or was
 * @view: gets the events
 * @exit_stop: CMD's processes, at their exit
 * @run: how events get to the view
 * @capture: of -w
 * @reader: of --read, or NULL
 */
struct tool {
	struct options options;
	struct signals signals;
	struct launch launch;
	struct session session;
	struct ledger ledger;
	struct normalizer normalizer;
	struct system_facts machine;
	struct view *view;
	struct exit_stop exit_stop;
	struct run run;
	struct capture capture;
	struct capture_reader *reader;
};

int tool_set_up(struct tool *tool, const struct view_type *type);
void tool_tear_down(struct tool *tool);

int tool_watch(struct tool *tool);
int tool_watch_again(struct tool *tool);

#endif
