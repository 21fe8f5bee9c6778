/* SPDX-License-Identifier: GPL-2.0 */
/* Whether the tables of a file say how to find the caller of a place in its code. */
#ifndef BRKWATCH_RULES_H
#define BRKWATCH_RULES_H

#include <stdbool.h>
#include <stdint.h>

/* elfutils defines this. */
struct Dwfl_Module;

/**
 * rules_are_known() - do the tables of a file say how to find the caller of a place in its code
 * @module: the file
 * @addr: address of the place in the memory of the process
 *
 * Return: whether they do.
 */
bool rules_are_known(struct Dwfl_Module *module, uint64_t addr);

/**
 * rules_are_needless() - does a place without tables need none, because nothing called its code
 * @module: the file
 * @addr: address of the place in the memory of the process
 *
 * No function calls the code at the entry point of a program or of its loader. The loader of the C
 * library has no tables for that code.
 *
 * Return: true if the place is at the entry point or shortly behind it, and no other function is in
 * between.
 */
bool rules_are_needless(struct Dwfl_Module *module, uint64_t addr);

#endif
