/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays that grow, and arrays that are in order. */
#ifndef BRKWATCH_ARRAY_H
#define BRKWATCH_ARRAY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/**
 * array_room() - make room for one more at the end
 * @v: the array, NULL if it is empty
 * @n: how many are in it
 * @cap: room in it; doubled when it is full
 * @size: bytes of one
 * @least: room to begin with
 *
 * Return: the array, which may have moved; NULL without memory, and all is as before.
 */
static inline void *array_room(void *v, size_t n, size_t *cap, size_t size, size_t least)
{
	size_t more = *cap ? 2 * *cap : least;

	if (n < *cap)
		return v;
	v = reallocarray(v, more, size);
	if (v)
		*cap = more;
	return v;
}

/**
 * array_insert() - insert one of all zeros, before the one at its place
 * @v: the array, NULL if it is empty
 * @n: how many are in it; one more on success
 * @cap: room in it; doubled when it is full
 * @size: bytes of one
 * @least: room to begin with
 * @at: index of the new one
 *
 * Return: the array, which may have moved; NULL without memory, and all is as before.
 */
static inline void *array_insert(void *v, size_t *n, size_t *cap, size_t size, size_t least,
				 size_t at)
{
	char *place;

	v = array_room(v, *n, cap, size, least);
	if (!v)
		return NULL;
	place = (char *)v + at * size;
	memmove(place + size, place, (*n - at) * size);
	memset(place, 0, size);
	(*n)++;
	return v;
}

/**
 * array_remove() - take one out, and close the gap
 * @v: the array
 * @n: how many are in it; one less afterwards
 * @size: bytes of one
 * @at: index of the one
 */
static inline void array_remove(void *v, size_t *n, size_t size, size_t at)
{
	char *place = (char *)v + at * size;

	(*n)--;
	memmove(place, place + size, (*n - at) * size);
}

/**
 * array_place() - find the place of a number, also if it is not there
 * @v: the array, by rising numbers
 * @n: how many are in it
 * @size: bytes of one
 * @number: where in one its number is, a uint32_t
 * @wanted: the number
 *
 * Return: index of the first one with a number not below @wanted, @n without any.
 */
static inline size_t array_place(const void *v, size_t n, size_t size, size_t number,
				 uint32_t wanted)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (*(const uint32_t *)((const char *)v + middle * size + number) < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/**
 * array_place_u64() - as array_place(), by a uint64_t, such as an address
 * @v: the array, by rising numbers
 * @n: how many are in it
 * @size: bytes of one
 * @number: where in one its number is, a uint64_t
 * @wanted: the number
 *
 * Return: index of the first one with a number not below @wanted, @n without any.
 */
static inline size_t array_place_u64(const void *v, size_t n, size_t size, size_t number,
				     uint64_t wanted)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (*(const uint64_t *)((const char *)v + middle * size + number) < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#endif
