/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of a line of text. */
#ifndef BRKWATCH_TEXT_H
#define BRKWATCH_TEXT_H

#include "lib/text_buffer.h"
#include "view/view.h"

/* Room for a line: a call with all flags and its result take 700 bytes, what it means 600. */
#define TEXT_LINE_MAX 2048

/**
 * add_call() - append a call as strace writes it, without its result
 * @text: takes the text
 * @view: the view
 * @step: the call
 */
void add_call(struct text_buffer *text, const struct view *view, const struct step *step);

/**
 * add_result() - append the result of a call as strace writes it, and how long it took
 * @text: takes the text
 * @view: the view
 * @step: the call
 */
void add_result(struct text_buffer *text, const struct view *view, const struct step *step);

/**
 * put_call() - write a call as strace does, and its result
 * @view: the view
 * @step: the call
 */
void put_call(struct view *view, const struct step *step);

/**
 * add_meaning() - append what a call did to the account
 * @text: takes the text; it is written and emptied first if the call was refused, or failed
 * @view: the view
 * @step: the call
 */
void add_meaning(struct text_buffer *text, struct view *view, const struct step *step);

/**
 * put_lifecycle() - write a lifecycle event
 * @view: the view
 * @step: the event
 */
void put_lifecycle(struct view *view, const struct step *step);

/**
 * put_what() - write what an event is, without its time and what it means
 * @view: the view
 * @step: the event
 */
void put_what(struct view *view, const struct step *step);

/**
 * text_of() - get a text in memory instead of writing it
 * @view: the view
 * @step: an event
 * @put: the function that writes it
 *
 * Return: the text, which the caller frees, or NULL if memory runs out.
 */
char *text_of(struct view *view, const struct step *step,
	      void (*put)(struct view *view, const struct step *step));

/**
 * put_line() - write an event as the text view does, in any view
 * @view: the view
 * @step: the event
 *
 * Return: 0 or -ENOMEM.
 */
int put_line(struct view *view, const struct step *step);

/**
 * put_stack() - write the stack below a line, if the user asked for stacks
 * @view: the view
 * @step: the event
 */
void put_stack(struct view *view, const struct step *step);

#endif
