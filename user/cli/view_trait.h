/* SPDX-License-Identifier: GPL-2.0 */
/* What a view can show, as far as other options depend on it. */
#ifndef BRKWATCH_VIEW_TRAIT_H
#define BRKWATCH_VIEW_TRAIT_H

/**
 * enum view_trait - a bit for each property of a view that options depend on
 * @VIEW_TIMES: its lines have a place for the times of -t and -T
 * @VIEW_RELATIVE: its lines have a place for the times of -r
 * @VIEW_CALLS: it shows calls or totals of calls, so that --all and -k have a meaning
 * @VIEW_NAMES: with --normalize it writes names in place of addresses
 * @VIEW_COUNT: it shows the events that --count counts
 * @VIEW_TOTALS: it has the module's totals; a filter does not go with it, because they count every
 *	call, whatever the filter says. Only with it the ledger keeps totals by who asked for memory
 * @VIEW_REPEATS: with --interval it shows its figures again and again
 * @VIEW_WHOLE: it needs every event to keep the whole account of a process, so that a filter does
 *	not go with it
 * @VIEW_STACKS: it needs the stacks of calls even if the user does not give -k
 * @VIEW_LOOKS: it looks at running processes; -p and CMD do not go together
 * @VIEW_ONCE: with -p or -a it looks once, and the tool ends
 * @VIEW_COMPARES: it compares the account of a process with what the kernel has. The process must
 *	be there, so --read does not go with it. It compares CMD at its exit, so --duration does not
 *	go with CMD. -a does not go with it, either
 * @VIEW_STREAM: a program reads its output, so that the tool may write nothing else there
 * @VIEW_SCREEN: it has the terminal for itself, so that neither the tool nor CMD writes there
 * @VIEW_ASIDE: a file holds the events, so that the view's own lines go to standard error, as
 *	messages do
 * @VIEW_LETTERS: if its file is "-", it draws in letters where text goes
 * @VIEW_HOLDERS: it shows who holds memory, so that -k has a meaning
 * @VIEW_FILES: it shows no calls, but mappings of files, so that --all has a meaning
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
	VIEW_HOLDERS = 1 << 16,
	VIEW_FILES = 1 << 17,
};

/**
 * enum folded - what --stacks writes of each stack
 * @FOLDED_GOT: bytes that its calls got
 * @FOLDED_HELD: bytes that they hold
 * @FOLDED_PEAK: the most bytes that they held at any time
 */
enum folded {
	FOLDED_GOT,
	FOLDED_HELD,
	FOLDED_PEAK,
};

#endif
