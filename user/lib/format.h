/* SPDX-License-Identifier: GPL-2.0 */
/* Figures as people read them. */
#ifndef BRKWATCH_FORMAT_H
#define BRKWATCH_FORMAT_H

#include <stdint.h>
#include <stdio.h>
#include <linux/brkwatch.h>

/* Room for any text made here, except for a mark. */
#define FORMAT_MAX 96
#define FORMAT_MARK_MAX (4 * BRKWATCH_MARK_MAX + 5)

/**
 * format_exactly() - from now on format_size() writes bytes
 */
void format_exactly(void);

/**
 * format_size() - a number of bytes in the unit that fits
 * @buf: takes the text
 * @bytes: the number
 *
 * Exact below 10 MiB: whole KiB, or bytes if they are none. From there the largest of MiB, GiB,
 * TiB and PiB that leaves 10 or more, with one decimal below 1000 unless it is 0.
 *
 * Return: @buf.
 */
const char *format_size(char buf[FORMAT_MAX], uint64_t bytes);

/**
 * format_short() - the same in 10 columns
 * @buf: takes the text
 * @bytes: the number
 *
 * Rounded to whole KiB from 10,000 bytes on; --bytes changes nothing.
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
 * Return: @buf, as "+33 pages (132 KiB)"; "+100 bytes (+1 page)" when @bytes
 * are no whole pages.
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
 * format_comm() - the name of a thread, safe for a terminal and for JSON
 * @buf: takes the text
 * @comm: the name, which may hold any byte
 *
 * Return: @buf; bytes that are not printable ASCII are written as \ooo.
 */
const char *format_comm(char buf[FORMAT_MAX], const char *comm);

/**
 * format_safe() - make any text as safe
 * @text: the text
 *
 * Return: it as format_comm() would write it, to be freed, or NULL without memory.
 */
char *format_safe(const char *text);

/**
 * format_mark() - make the text of a mark as safe
 * @buf: takes the text
 * @text: as it was given, which may hold any byte
 *
 * Return: @buf, as format_comm().
 */
const char *format_mark(char buf[FORMAT_MARK_MAX], const char *text);

#endif
