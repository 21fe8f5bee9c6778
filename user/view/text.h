/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of a line of text. */
#ifndef BRKWATCH_TEXT_H
#define BRKWATCH_TEXT_H

#include "view/view.h"

/**
 * put_call() - write a call as strace does, without its result
 * @view: the view
 * @step: the call
 */
void put_call(struct view *view, const struct step *step);

/**
 * put_result() - write the result of a call as strace does, and how long it took
 * @view: the view
 * @step: the call
 */
void put_result(struct view *view, const struct step *step);

/**
 * put_meaning() - write what a call did to the account
 * @view: the view
 * @step: the call
 */
void put_meaning(struct view *view, const struct step *step);

/**
 * put_lifecycle() - write a step of life
 * @view: the view
 * @step: the step
 */
void put_lifecycle(struct view *view, const struct step *step);

/**
 * put_what() - write what an event is, without its time and what it means
 * @view: the view
 * @step: the event
 */
void put_what(struct view *view, const struct step *step);

/**
 * text_of() - a text that would be written
 * @view: the view
 * @step: an event
 * @put: what writes it
 *
 * Return: the text, to be freed, or NULL without memory.
 */
char *text_of(struct view *view, const struct step *step,
	      void (*put)(struct view *view, const struct step *step));

/**
 * put_line() - write an event as text does, in any view
 * @view: the view
 * @step: the event
 *
 * Return: 0 or -ENOMEM.
 */
int put_line(struct view *view, const struct step *step);

/**
 * put_stack() - write who called below a line, if that was asked for
 * @view: the view
 * @step: the event
 */
void put_stack(struct view *view, const struct step *step);

/**
 * is_blind() - is what a call did to the account of no worth
 * @step: the call
 *
 * Return: whether events were lost and nothing has told since what is mapped.
 */
bool is_blind(const struct step *step);

/**
 * is_of_files() - does a call have to do with files only, as far as is known
 * @view: the view
 * @step: a call of mremap, mprotect, pkey_mprotect or madvise
 *
 * Return: whether something is mapped where the call did or asked for something,
 * and is all files.
 */
bool is_of_files(const struct view *view, const struct step *step);

/**
 * pointer() - an address as an argument
 * @addr: the address
 * @place: the same as text
 *
 * Return: @place, or "NULL".
 */
static inline const char *pointer(uint64_t addr, const char *place)
{
	return addr ? place : "NULL";
}

#endif
