/* SPDX-License-Identifier: GPL-2.0 */
/* What the tables of a file tell of a place in its code: how to go on to the caller. */
#ifndef BRKWATCH_RULES_H
#define BRKWATCH_RULES_H

#include <stdbool.h>
#include <stdint.h>

/* Of elfutils. */
struct Dwfl_Module;

/**
 * rules_are_known() - do tables tell how to go on from a place
 * @module: the file
 * @addr: the place in memory
 *
 * Return: whether they do.
 */
bool rules_are_known(struct Dwfl_Module *module, uint64_t addr);

/**
 * rules_are_needless() - is a place without tables where the kernel lets a program begin
 * @module: the file
 * @addr: the place in memory
 *
 * The C library's loader has no tables for its entry point, and nobody called that.
 *
 * Return: whether it is that: between the entry point and the place is no other function.
 */
bool rules_are_needless(struct Dwfl_Module *module, uint64_t addr);

#endif
