/* SPDX-License-Identifier: GPL-2.0 */
/* A clock that stands still, except while the tool waits in poll(2); the Makefile puts it in place. */
#ifndef UNIT_FAKE_CLOCK_H
#define UNIT_FAKE_CLOCK_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#define MSEC 1000000ULL
#define SECOND (1000 * MSEC)

/**
 * struct fake_clock - the clock
 * @on: it takes the place of the real one
 * @now: the time
 * @wait: how long each answer takes
 * @silent: nobody answers
 * @polls: how often the tool has waited
 */
static struct fake_clock {
	bool on;
	uint64_t now;
	uint64_t wait;
	bool silent;
	unsigned int polls;
} fake_clock;

uint64_t __real_timestamp_now(void);
uint64_t __wrap_timestamp_now(void);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);

uint64_t __wrap_timestamp_now(void)
{
	return fake_clock.on ? fake_clock.now : __real_timestamp_now();
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	if (!fake_clock.on)
		return __real_poll(fds, n, timeout);
	fake_clock.polls++;
	if (fake_clock.silent) {
		fake_clock.now += timeout * MSEC;
		return 0;
	}
	fake_clock.now += fake_clock.wait;
	/* The answer comes, however long it really takes. */
	return __real_poll(fds, n, -1);
}

#endif
