/* SPDX-License-Identifier: GPL-2.0 */
/* A pulse shows whether the probes see anything: the module calls a probed function itself. */
#ifndef _BRKWATCH_PULSE_H
#define _BRKWATCH_PULSE_H

#include <linux/types.h>

struct netlink_ext_ack;

/**
 * struct bw_pulse - when a session's probes saw nothing
 * @seen: when the session last saw that they do
 * @from: @seen before they were first found off, 0 if they never were
 * @to: when they were last found off, or first seen to work again
 * @off: they were off when the session last looked
 */
struct bw_pulse {
	u64 seen;
	u64 from;
	u64 to;
	bool off;
};

int bw_pulse_register(struct netlink_ext_ack *extack);
void bw_pulse_unregister(void);
bool bw_pulse_felt(void);
void bw_pulse_note(struct bw_pulse *pulse);

#endif
