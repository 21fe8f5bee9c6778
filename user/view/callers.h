/* SPDX-License-Identifier: GPL-2.0 */
/* The memory that calls got and hold, summed over calls with equal stacks. */
#ifndef BRKWATCH_CALLERS_H
#define BRKWATCH_CALLERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/holdings.h"

struct view;
struct step;

/* So many stacks are distinguished, because a program may make code as it runs. */
#define CALLERS_MAX 16384

/**
 * struct caller - a stack
 * @watch: id of the watch, 0 if all watches are summed
 * @text: the stack
 * @bytes: bytes that its calls asked for and got
 * @calls: number of these calls
 * @other: it stands for stacks beyond CALLERS_MAX, and for calls beyond HOLDINGS_MAX
 * @site: what its calls hold; its number counts from 1, in the order in which stacks came
 */
struct caller {
	uint32_t watch;
	char *text;
	uint64_t bytes;
	uint64_t calls;
	bool other;
	struct site site;
};

/**
 * struct callers - the stacks of a session
 * @v: the stacks
 * @n: how many
 * @cap: room in @v
 * @tree: the same stacks as a tree of tsearch(3)
 * @order: figure by which @v is sorted, NULL if it is not sorted
 * @other: text of each caller with @other
 * @taker: who got memory by the last event of callers_take(), NULL if nobody did
 */
struct callers {
	struct caller **v;
	size_t n;
	size_t cap;
	void *tree;
	uint64_t (*order)(const struct caller *caller);
	const char *other;
	const struct caller *taker;
};

/**
 * callers_open() - begin without stacks
 * @callers: all zero
 * @view: the view; if it shows stacks, the ledger accounts for what they hold
 * @other: text that stands for the stacks that are not distinguished
 */
void callers_open(struct callers *callers, const struct view *view, const char *other);

/**
 * taken_bytes() - how much more memory a call got
 * @view: the view, for the sizes of pages
 * @step: the event
 *
 * Return: bytes by which the break or an anonymous mapping grew, or the size of a new one.
 */
uint64_t taken_bytes(const struct view *view, const struct step *step);

/**
 * callers_add() - book the memory that a call got
 * @callers: the callers
 * @watch: id of its watch, 0 to sum all watches
 * @text: its stack, which callers_add() frees
 * @bytes: how much
 *
 * Return: the caller, which stays where it is, or NULL if memory runs out.
 */
struct caller *callers_add(struct callers *callers, uint32_t watch, char *text, uint64_t bytes);

/**
 * callers_take() - book what an event got, if it got any memory and has a stack
 * @callers: the callers
 * @view: the view
 * @step: the event
 * @watch: id of its watch, 0 to sum all watches
 * @put: writes its stack
 *
 * Return: 0 or -ENOMEM.
 */
int callers_take(struct callers *callers, struct view *view, const struct step *step,
		 uint32_t watch, void (*put)(struct view *view, const struct step *step));

/**
 * caller_got() - bytes that a caller got
 * @caller: the caller
 *
 * Return: bytes.
 */
uint64_t caller_got(const struct caller *caller);

/**
 * caller_holds() - bytes that a caller holds, and has held for as long as the user asks
 * @caller: the caller, after callers_weigh()
 *
 * Return: bytes in whole pages, including those that processes held when they ended.
 */
uint64_t caller_holds(const struct caller *caller);

/**
 * caller_peak() - the most that a caller held at any time
 * @caller: the caller
 *
 * Return: bytes as above, however long it held them.
 */
uint64_t caller_peak(const struct caller *caller);

/**
 * callers_weigh() - compute what each caller holds
 * @callers: the callers
 * @holdings: the ledger's account of calls
 * @now: when, CLOCK_MONOTONIC in ns
 */
void callers_weigh(struct callers *callers, const struct holdings *holdings, uint64_t now);

/**
 * callers_sort() - sort by rising watch, then by a falling figure, then by what each caller got
 * @callers: the callers
 * @figure: computes the figure
 */
void callers_sort(struct callers *callers, uint64_t (*figure)(const struct caller *caller));

/**
 * callers_drop() - forget the stacks of a process
 * @callers: the callers
 * @holdings: the ledger's account of calls
 * @watch: id of its watch
 */
void callers_drop(struct callers *callers, struct holdings *holdings, uint32_t watch);

/**
 * callers_free() - release the memory
 * @callers: the callers
 */
void callers_free(struct callers *callers);

#endif
