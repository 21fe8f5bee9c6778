/* SPDX-License-Identifier: GPL-2.0 */
/* How large and how long calls were, by powers of two. */
#ifndef BRKWATCH_DISTRIBUTION_H
#define BRKWATCH_DISTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The module has as many. */
#define BUCKETS 32

/**
 * struct distribution - one kind of call, one measure
 * @n: calls
 * @least: least value, in bytes or ns
 * @most: most
 * @buckets: calls by the log2 of the value, from the lowest of the type on; the last
 *	has larger ones too
 */
struct distribution {
	uint64_t n;
	uint64_t least;
	uint64_t most;
	uint64_t buckets[BUCKETS];
};

/**
 * struct distribution_type - what a distribution is of
 * @name: of the call
 * @kind: enum brkwatch_event_kind
 * @measure: enum brkwatch_measure
 * @lowest: log2 of the value that the first bucket is for; smaller ones are in it too
 */
struct distribution_type {
	const char *name;
	uint32_t kind;
	uint32_t measure;
	uint32_t lowest;
};

#define DISTRIBUTIONS 12

/* The types of one measure follow each other. */
extern const struct distribution_type distribution_types[DISTRIBUTIONS];

/**
 * distribution_find() - which one is it
 * @kind: enum brkwatch_event_kind
 * @measure: enum brkwatch_measure
 *
 * Return: its place in distribution_types, or -1.
 */
int distribution_find(uint32_t kind, uint32_t measure);

/**
 * distribution_bucket() - which bucket a call is counted in
 * @kind: enum brkwatch_event_kind
 * @measure: enum brkwatch_measure; there is a distribution of it for @kind
 * @value: size in bytes or duration in ns
 *
 * Return: index of the bucket.
 */
int distribution_bucket(uint32_t kind, uint32_t measure, uint64_t value);

/**
 * distribution_add() - count a call, as the module does
 * @all: the distributions of a process, as many as there are types
 * @kind: enum brkwatch_event_kind
 * @measure: enum brkwatch_measure
 * @value: size in bytes or duration in ns
 */
void distribution_add(struct distribution *all, uint32_t kind, uint32_t measure, uint64_t value);

/**
 * distribution_comes_again() - does an anonymous mapping take the place of another
 * @all: the distributions of a process, before the mapping is counted
 * @bytes: size of the mapping
 *
 * Return: what the module would decide; see the measure again in
 * Documentation/netlink/specs/brkwatch.yaml.
 */
bool distribution_comes_again(const struct distribution *all, uint64_t bytes);

/**
 * distribution_from() - the least value that a bucket is for
 * @type: what the distribution is of
 * @bucket: which bucket
 *
 * Return: the value: 0 for the first.
 */
uint64_t distribution_from(const struct distribution_type *type, int bucket);

/**
 * distribution_part() - a value that so many of the calls do not exceed
 * @d: the distribution, with at least one call
 * @type: what it is of
 * @percent: how many, 1 to 100
 *
 * Return: the end of the bucket, or the most value where that is less. The exact
 * value is no more, and no less than half of it.
 */
uint64_t distribution_part(const struct distribution *d, const struct distribution_type *type,
			   unsigned int percent);

#endif
