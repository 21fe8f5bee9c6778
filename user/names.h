/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of the system-call interface as strace 6.1 names them. */
#ifndef BRKWATCH_NAMES_H
#define BRKWATCH_NAMES_H

#include <stdint.h>

/* Room for the longest name: every MAP_* bit at once takes 257 bytes. */
#define NAMES_MAX 320

/**
 * names_prot() - the third argument of mmap(2)
 * @buf: takes the name
 * @prot: PROT_* bits, unknown ones included
 *
 * Return: @buf.
 */
const char *names_prot(char buf[NAMES_MAX], uint64_t prot);

/**
 * names_flags() - the fourth argument of mmap(2)
 * @buf: takes the name
 * @flags: MAP_* bits, unknown ones included
 *
 * Return: @buf.
 */
const char *names_flags(char buf[NAMES_MAX], uint64_t flags);

/**
 * names_errno() - the name of an errno
 * @buf: takes the name
 * @error: a positive errno
 *
 * Return: @buf; "errno N" when it has no name.
 */
const char *names_errno(char buf[NAMES_MAX], unsigned int error);

/**
 * names_signal() - the name of a signal
 * @buf: takes the name
 * @sig: its number
 *
 * Return: @buf.
 */
const char *names_signal(char buf[NAMES_MAX], int sig);

#endif
