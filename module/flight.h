/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls in flight, by user. A probe has a fixed number of return instances, and a call holds
 * one until it returns, which may be never. So no user gets more instances than are free: the
 * first user gets half of them, and each later user gets half of what is left. The module
 * refuses no call until half of all instances are taken.
 */
#ifndef _BRKWATCH_FLIGHT_H
#define _BRKWATCH_FLIGHT_H

#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/string.h>
#include <linux/uidgid.h>

#include "user.h"

#define FLIGHT_BITS 8

/**
 * struct bw_flight - calls in flight of one probe
 * @of_user: how many each user has; two of 256 users share a place
 * @free: how many more calls may be in flight
 */
struct bw_flight {
	atomic_t of_user[1 << FLIGHT_BITS];
	atomic_t free;
};

/**
 * bw_flight_init() - set up the count, with no call in flight
 * @flight: the calls of a probe
 * @instances: return instances that it has
 */
static inline void bw_flight_init(struct bw_flight *flight, int instances)
{
	memset(flight->of_user, 0, sizeof(flight->of_user));
	atomic_set(&flight->free, instances);
}

/**
 * bw_flight_begin() - count a call of current that begins
 * @flight: the calls of its probe
 * @seat: set to where the call is counted
 *
 * Calls that begin on several CPUs at the same time may go beyond the limit by one each.
 *
 * Context: a probe, preemption off.
 * Return: false if the user has too many calls in flight.
 */
static __always_inline bool bw_flight_begin(struct bw_flight *flight, atomic_t **seat)
{
	kuid_t uid = bw_user_of(current_cred());

	*seat = &flight->of_user[hash_32(__kuid_val(uid), FLIGHT_BITS)];
	if (unlikely(atomic_read(*seat) >= atomic_read(&flight->free)))
		return false;
	atomic_inc(*seat);
	atomic_dec(&flight->free);
	return true;
}

/**
 * bw_flight_end() - count a call that has returned
 * @flight: the calls of its probe
 * @seat: what bw_flight_begin() set
 */
static __always_inline void bw_flight_end(struct bw_flight *flight, atomic_t *seat)
{
	atomic_dec(seat);
	atomic_inc(&flight->free);
}

#endif
