/* SPDX-License-Identifier: GPL-2.0 */
/* Figures and names as people read them. */
#ifndef BRKWATCH_FORMAT_H
#define BRKWATCH_FORMAT_H

#include <stdint.h>
#include <stdio.h>
#include <linux/brkwatch.h>

/* Room for any text made here, except for a mark. */
#define FORMAT_MAX 96
#define FORMAT_MARK_MAX (4 * BRKWATCH_MARK_MAX + 5)

/**
 * format_exactly() - let format_size() write all sizes in bytes from now on
 */
void format_exactly(void);

/**
 * format_size() - a number of bytes in the unit that fits
 * @buf: takes the text
 * @bytes: the number
 *
 * A size below 10 MiB is exact: the text is in KiB if the size is a whole number of KiB and not 0,
 * and in bytes otherwise. A size from 10 MiB on is rounded: the text has the largest unit of MiB,
 * GiB, TiB and PiB in which the number is 10 or more. It has one decimal if the number is below
 * 1000 and the decimal is not 0.
 *
 * Return: @buf.
 */
const char *format_size(char buf[FORMAT_MAX], uint64_t bytes);

/**
 * format_exact() - a number of bytes that is never rounded
 * @buf: takes the text
 * @bytes: the number
 *
 * As format_size(), but a size from 10 MiB on is in KiB or bytes, too, so that two sizes which
 * differ by a page look different.
 *
 * Return: @buf.
 */
const char *format_exact(char buf[FORMAT_MAX], uint64_t bytes);

/**
 * format_short() - a number of bytes in the unit that fits, in 10 columns at most
 * @buf: takes the text
 * @bytes: the number
 *
 * As format_size(), but a size is rounded to whole KiB from 10,000 bytes on, and format_exactly()
 * does not change it.
 *
 * Return: @buf.
 */
const char *format_short(char buf[FORMAT_MAX], uint64_t bytes);

/**
 * format_pages() - a change by a number of bytes, in pages
 * @buf: takes the text
 * @sign: '+' or '-', or 0 for a size that is no change
 * @bytes: how much
 * @pages: pages that came or went
 * @page: bytes in a page
 *
 * Return: @buf, such as "+33 pages (132 KiB)", or "+100 bytes (+1 page)" if @bytes is not a whole
 * number of pages.
 */
const char *format_pages(char buf[FORMAT_MAX], char sign, uint64_t bytes, uint64_t pages,
			 uint64_t page);

/**
 * pages_of() - how many pages a number of bytes needs
 * @bytes: the number
 * @page: bytes in a page
 *
 * Return: pages.
 */
uint64_t pages_of(uint64_t bytes, uint64_t page);

/**
 * format_whole() - a size in pages, that is no change
 * @buf: takes the text
 * @bytes: the size
 * @page: bytes in a page
 *
 * Return: @buf, as format_pages() writes it without a sign: "35 pages (140 KiB)".
 */
const char *format_whole(char buf[FORMAT_MAX], uint64_t bytes, uint64_t page);

/**
 * format_comm() - the name of a thread, safe for a terminal and for JSON
 * @buf: takes the text
 * @comm: the name, which may hold any byte
 *
 * Return: @buf; a byte that is not printable ASCII is written as \ooo, and so are a quote (") and a
 * backslash.
 */
const char *format_comm(char buf[FORMAT_MAX], const char *comm);

/**
 * format_safe() - make any text safe for a terminal and for JSON
 * @text: the text
 *
 * Return: the text as format_comm() would write it, which the caller must free, or NULL without
 * memory.
 */
char *format_safe(const char *text);

/**
 * format_word() - make the name of a file safe in a sentence
 * @text: the name, which may hold any byte
 *
 * Return: as format_safe(), but spaces, brackets and the marks of a sentence (,:;?) are written as
 * \ooo, too, so that no name can end early and go on as a text of ours.
 */
char *format_word(const char *text);

/**
 * format_mark() - make the text of a mark safe for a terminal and for JSON
 * @buf: takes the text
 * @text: the text as the user gave it, which may hold any byte
 *
 * Return: @buf, with the text as format_comm() would write it.
 */
const char *format_mark(char buf[FORMAT_MARK_MAX], const char *text);

#endif
