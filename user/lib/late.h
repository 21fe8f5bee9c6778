/* SPDX-License-Identifier: GPL-2.0 */
/* Loading a library when a run needs it, because the other runs then start without it. */
#ifndef BRKWATCH_LATE_H
#define BRKWATCH_LATE_H

#include <stddef.h>

/*
 * A library has one list of its functions, F(one) F(two) ... These make an index of each out of it,
 * and its name. The third takes a function out of the array that late_load() filled, with the type
 * that the library's header declares.
 */
#define LATE_INDEX(function) LATE_##function,
#define LATE_NAME(function) #function,
#define LATE_FUNCTION(library, function) ((__typeof__(&function))library[LATE_##function])

/**
 * late_load() - load a library and find its functions
 * @soname: name of the library
 * @names: of the functions
 * @functions: filled with their addresses, in the same order
 * @n: how many there are
 *
 * Says what is wrong if it fails.
 *
 * Return: 0 or -ELIBACC.
 */
int late_load(const char *soname, const char *const names[], void *functions[], size_t n);

#endif
