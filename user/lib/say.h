/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to the user, on standard error. */
#ifndef BRKWATCH_SAY_H
#define BRKWATCH_SAY_H

/**
 * say() - print a message to the user on stderr, after the tool's name
 * @fmt: one sentence without a full stop; an error has one cause and one next step
 */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * say_after() - have a function called before each message
 * @before: the function, which may be called again
 */
void say_after(void (*before)(void));

#endif
