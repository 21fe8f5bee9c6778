/* SPDX-License-Identifier: GPL-2.0 */
/* What was taken, by who asked for it: equal stacks are one. */
#ifndef BRKWATCH_SITES_H
#define BRKWATCH_SITES_H

#include <stddef.h>
#include <stdint.h>

struct sink;
struct step;

/**
 * struct site - a stack
 * @watch: id of the watch, 0 if they are one
 * @text: the stack
 * @bytes: that were asked for and given
 * @calls: in how many calls
 */
struct site {
	uint32_t watch;
	char *text;
	uint64_t bytes;
	uint64_t calls;
};

/**
 * struct sites - all of them
 * @v: where they are
 * @n: how many
 * @cap: room in @v
 * @tree: the same, a tree of tsearch(3)
 *
 * All zero has none.
 */
struct sites {
	struct site **v;
	size_t n;
	size_t cap;
	void *tree;
};

/**
 * taken_bytes() - how much more memory a call got
 * @sink: the sink, for the sizes of pages
 * @step: the event
 *
 * Return: bytes that the break moved up, of an anonymous mapping, or by which one grew.
 */
uint64_t taken_bytes(const struct sink *sink, const struct step *step);

/**
 * sites_add() - a call got memory
 * @sites: the sites
 * @watch: id of its watch, 0 to have them in one
 * @text: its stack; is freed
 * @bytes: how much
 *
 * Return: 0 or -ENOMEM.
 */
int sites_add(struct sites *sites, uint32_t watch, char *text, uint64_t bytes);

/**
 * sites_take() - book what an event got, if it got any memory and has a stack
 * @sink: the sink, whose sites it is booked in
 * @step: the event
 * @watch: id of its watch, 0 to have them in one
 * @put: writes its stack
 *
 * Return: 0 or -ENOMEM.
 */
int sites_take(struct sink *sink, const struct step *step, uint32_t watch,
	       void (*put)(struct sink *sink, const struct step *step));

/**
 * sites_sort() - by rising watch, those that got most first
 * @sites: the sites
 */
void sites_sort(struct sites *sites);

/**
 * sites_free() - give back its memory
 * @sites: the sites
 */
void sites_free(struct sites *sites);

#endif
