/* SPDX-License-Identifier: GPL-2.0 */
/* What memory looks like that was there before the tool saw anything. */
#ifndef BRKWATCH_LIKENESS_H
#define BRKWATCH_LIKENESS_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/ranges.h"

/**
 * likeness_tag() - the tag of a range, with a guess in place of an unknown origin
 * @set: the ranges of an address space
 * @at: index of the range
 * @page: bytes in a page
 *
 * Two kinds of memory have a shape that nothing else has: a closed page below memory to read and
 * write is what a thread's stack begins with, and an arena of glibc begins at a multiple of its
 * size, where the kernel puts mappings, and reserves the rest of it.
 *
 * Return: the tag.
 */
uint64_t likeness_tag(const struct ranges *set, size_t at, uint64_t page);

#endif
