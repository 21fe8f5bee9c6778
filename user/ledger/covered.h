/* SPDX-License-Identifier: GPL-2.0 */
/* What is mapped where a call is about to fail. */
#ifndef BRKWATCH_COVERED_H
#define BRKWATCH_COVERED_H

#include "event/change.h"
#include "event/event.h"
#include "event/geometry.h"
#include "ledger/address_space.h"

/**
 * covered_by() - look at the range that a call names
 * @space: the account, without the call
 * @ev: the call
 * @geometry: the sizes of pages
 *
 * Return: what is mapped there; all zero if the call names no range of addresses.
 */
struct covered covered_by(const struct address_space *space, const struct event *ev,
			  const struct geometry *geometry);

#endif
