/* SPDX-License-Identifier: GPL-2.0 */
/* What was taken, by who asked for it: equal stacks are one. */
#ifndef BRKWATCH_CALLERS_H
#define BRKWATCH_CALLERS_H

#include <stddef.h>
#include <stdint.h>

struct view;
struct step;

/**
 * struct caller - a stack
 * @watch: id of the watch, 0 if they are one
 * @text: the stack
 * @bytes: that were asked for and given
 * @calls: in how many calls
 */
struct caller {
	uint32_t watch;
	char *text;
	uint64_t bytes;
	uint64_t calls;
};

/**
 * struct callers - all of them
 * @v: where they are
 * @n: how many
 * @cap: room in @v
 * @tree: the same, a tree of tsearch(3)
 *
 * All zero has none.
 */
struct callers {
	struct caller **v;
	size_t n;
	size_t cap;
	void *tree;
};

/**
 * taken_bytes() - how much more memory a call got
 * @view: the view, for the sizes of pages
 * @step: the event
 *
 * Return: bytes that the break moved up, of an anonymous mapping, or by which one grew.
 */
uint64_t taken_bytes(const struct view *view, const struct step *step);

/**
 * callers_add() - a call got memory
 * @callers: the callers
 * @watch: id of its watch, 0 to have them in one
 * @text: its stack; is freed
 * @bytes: how much
 *
 * Return: 0 or -ENOMEM.
 */
int callers_add(struct callers *callers, uint32_t watch, char *text, uint64_t bytes);

/**
 * callers_take() - book what an event got, if it got any memory and has a stack
 * @callers: the callers
 * @view: the view
 * @step: the event
 * @watch: id of its watch, 0 to have them in one
 * @put: writes its stack
 *
 * Return: 0 or -ENOMEM.
 */
int callers_take(struct callers *callers, struct view *view, const struct step *step,
		 uint32_t watch, void (*put)(struct view *view, const struct step *step));

/**
 * callers_sort() - by rising watch, those that got most first
 * @callers: the callers
 */
void callers_sort(struct callers *callers);

/**
 * callers_drop() - forget those of a process
 * @callers: the callers
 * @watch: id of its watch
 */
void callers_drop(struct callers *callers, uint32_t watch);

/**
 * callers_free() - give back its memory
 * @callers: the callers
 */
void callers_free(struct callers *callers);

#endif
