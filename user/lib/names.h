/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of the system-call interface as strace names them. */
#ifndef BRKWATCH_NAMES_H
#define BRKWATCH_NAMES_H

#include <stdint.h>

/* Room for the longest name: every MAP_* bit at once takes 257 bytes. */
#define NAMES_MAX 320

/**
 * names_event() - the name of a kind of event
 * @kind: enum brkwatch_event_kind
 *
 * Return: the name, which is the call's own for a call; NULL when there is no such kind.
 */
const char *names_event(uint32_t kind);

/**
 * names_prot() - the third argument of mmap(2) and mprotect(2)
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
 * names_mremap() - the fourth argument of mremap(2)
 * @buf: takes the name
 * @flags: MREMAP_* bits, unknown ones included
 *
 * Return: @buf.
 */
const char *names_mremap(char buf[NAMES_MAX], uint64_t flags);

/**
 * names_advice() - the third argument of madvise(2)
 * @buf: takes the name
 * @advice: MADV_* value, unknown ones included
 *
 * Return: @buf.
 */
const char *names_advice(char buf[NAMES_MAX], int32_t advice);

/**
 * names_shmat() - the third argument of shmat(2)
 * @buf: takes the name
 * @flags: SHM_* bits, unknown ones included
 *
 * Return: @buf.
 */
const char *names_shmat(char buf[NAMES_MAX], uint64_t flags);

/**
 * names_code() - what a signal's si_code says
 * @buf: takes the name
 * @sig: SIGSEGV or SIGBUS
 * @code: its si_code
 *
 * Return: @buf.
 */
const char *names_code(char buf[NAMES_MAX], int sig, int32_t code);

/**
 * names_errno() - the name of an errno
 * @buf: takes the name
 * @error: a positive errno
 *
 * Return: @buf; "errno N" when it has no name.
 */
const char *names_errno(char buf[NAMES_MAX], unsigned int error);

/**
 * names_seccomp() - a mode of seccomp(2)
 * @mode: SECCOMP_MODE_*
 *
 * Return: "off", "strict" or "filter"; NULL when there is no such mode.
 */
const char *names_seccomp(uint32_t mode);

/**
 * names_signal() - the name of a signal
 * @buf: takes the name
 * @sig: its number
 *
 * Return: @buf.
 */
const char *names_signal(char buf[NAMES_MAX], int sig);

#endif
