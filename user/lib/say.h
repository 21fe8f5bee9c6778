/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to the user, on standard error. */
#ifndef BRKWATCH_SAY_H
#define BRKWATCH_SAY_H

/**
 * say() - tell the user something on stderr, with the tool's name before it
 * @fmt: one sentence without a full stop; an error has one cause and one next step
 */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * say_after() - have something done before anything is said
 * @before: does it; may be called again
 */
void say_after(void (*before)(void));

#endif
