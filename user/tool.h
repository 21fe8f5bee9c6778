/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TOOL_H
#define TOOL_H

#include "capture.h"
#include "check.h"
#include "hold.h"
#include "html.h"
#include "launch.h"
#include "ledger.h"
#include "normalize.h"
#include "options.h"
#include "plot.h"
#include "run.h"
#include "session.h"
#include "signals.h"
#include "sink.h"
#include "top_screen.h"

struct replay;

/**
 * struct tool - what the parts of the tool share for as long as it runs
 * @options: what the user asks for
 * @signals: those that are to be seen to, and the one that ended us
 * @launch: CMD
 * @session: at the module, or of a capture
 * @ledger: what is known of each process
 * @normalizer: of --normalize
 * @sink: to whom events are given
 * @hold: CMD's processes, at their exit
 * @check: of --check
 * @plot: of --plot
 * @html: of --html
 * @top: of --top
 * @run: how events get to the sink
 * @capture: of -w
 * @replay: of --read, or NULL
 */
struct tool {
	struct options options;
	struct signals signals;
	struct launch launch;
	struct session session;
	struct ledger ledger;
	struct normalizer normalizer;
	struct sink sink;
	struct hold hold;
	struct check check;
	struct plot plot;
	struct html html;
	struct top_screen top;
	struct run run;
	struct capture capture;
	struct replay *replay;
};

int tool_set_up(struct tool *tool);
void tool_tear_down(struct tool *tool);

int tool_watch(struct tool *tool);
int tool_watch_again(struct tool *tool);

#endif
