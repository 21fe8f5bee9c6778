/* SPDX-License-Identifier: GPL-2.0 */
/* Reading sizes such as 4K and 8M. */
#ifndef BRKWATCH_SIZE_H
#define BRKWATCH_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * size_read() - read a number of bytes as people write it
 * @text: digits; K, M or G behind them mean KiB, MiB or GiB
 * @bytes: filled
 *
 * Return: whether it is one that fits.
 */
bool size_read(const char *text, uint64_t *bytes);

#endif
