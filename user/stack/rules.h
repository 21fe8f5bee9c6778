/* SPDX-License-Identifier: GPL-2.0 */
/* How to go on from a place in a file's code to the caller, by the file's tables. */
#ifndef BRKWATCH_RULES_H
#define BRKWATCH_RULES_H

#include <stdbool.h>
#include <stdint.h>

/* elfutils defines this. */
struct Dwfl_Module;

/**
 * rules_are_known() - do tables show how to go on from a place
 * @module: the file
 * @addr: the place in memory
 *
 * Return: whether they do.
 */
bool rules_are_known(struct Dwfl_Module *module, uint64_t addr);

/**
 * rules_are_needless() - is a place without tables the one where the kernel starts a program
 * @module: the file
 * @addr: the place in memory
 *
 * The C library's loader has no tables for its entry point, and no function calls it.
 *
 * Return: whether it is: no other function may lie between the entry point and the place.
 */
bool rules_are_needless(struct Dwfl_Module *module, uint64_t addr);

#endif
