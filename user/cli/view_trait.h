/* SPDX-License-Identifier: GPL-2.0 */
/* What a view can show, as far as other options depend on it. */
#ifndef BRKWATCH_VIEW_TRAIT_H
#define BRKWATCH_VIEW_TRAIT_H

/**
 * enum view_trait - a bit for each property of a view that options depend on
 * @VIEW_TIMES: -t and -T have a place in its lines
 * @VIEW_RELATIVE: -r has a place in its lines
 * @VIEW_CALLS: it shows calls or totals of calls, so that --all and -k have a meaning
 * @VIEW_NAMES: it writes the names of --normalize in place of addresses
 * @VIEW_COUNT: it shows the events that --count counts
 * @VIEW_TOTALS: it has the module's totals, which count every call, filtered or not
 * @VIEW_REPEATS: --interval repeats it
 * @VIEW_WHOLE: it needs every event, for the whole account of a process
 * @VIEW_STACKS: it needs the stacks of calls, without -k
 * @VIEW_LOOKS: it looks at running processes, either named by -p or started as CMD
 * @VIEW_ONCE: with -p or -a it looks once, and the tool ends
 * @VIEW_COMPARES: it compares with the kernel, only live, and CMD at its exit
 * @VIEW_STREAM: a program reads it, so that nothing else may stand in it
 * @VIEW_SCREEN: it has the terminal for itself
 * @VIEW_ASIDE: it writes messages besides a file that holds the events
 * @VIEW_LETTERS: it writes where text goes if "-" is its file
 */
enum view_trait {
	VIEW_TIMES = 1 << 0,
	VIEW_RELATIVE = 1 << 1,
	VIEW_CALLS = 1 << 2,
	VIEW_NAMES = 1 << 3,
	VIEW_COUNT = 1 << 4,
	VIEW_TOTALS = 1 << 5,
	VIEW_REPEATS = 1 << 6,
	VIEW_WHOLE = 1 << 7,
	VIEW_STACKS = 1 << 8,
	VIEW_LOOKS = 1 << 9,
	VIEW_ONCE = 1 << 10,
	VIEW_COMPARES = 1 << 11,
	VIEW_STREAM = 1 << 12,
	VIEW_SCREEN = 1 << 13,
	VIEW_ASIDE = 1 << 14,
	VIEW_LETTERS = 1 << 15,
};

#endif
