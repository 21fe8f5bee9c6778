/* SPDX-License-Identifier: GPL-2.0 */
/* The memory that calls got, summed over calls with equal stacks. */
#ifndef BRKWATCH_CALLERS_H
#define BRKWATCH_CALLERS_H

#include <stddef.h>
#include <stdint.h>

struct view;
struct step;

/**
 * struct caller - a stack
 * @watch: id of the watch, 0 if all watches are summed
 * @text: the stack
 * @bytes: bytes that its calls asked for and got
 * @calls: number of these calls
 */
struct caller {
	uint32_t watch;
	char *text;
	uint64_t bytes;
	uint64_t calls;
};

/**
 * struct callers - the stacks of a session
 * @v: the stacks
 * @n: how many
 * @cap: room in @v
 * @tree: the same stacks as a tree of tsearch(3)
 *
 * An all-zero structure is empty.
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
 * Return: 0 or -ENOMEM.
 */
int callers_add(struct callers *callers, uint32_t watch, char *text, uint64_t bytes);

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
 * callers_sort() - sort by rising watch, then by falling bytes
 * @callers: the callers
 */
void callers_sort(struct callers *callers);

/**
 * callers_drop() - forget the stacks of a process
 * @callers: the callers
 * @watch: id of its watch
 */
void callers_drop(struct callers *callers, uint32_t watch);

/**
 * callers_free() - release the memory
 * @callers: the callers
 */
void callers_free(struct callers *callers);

#endif
