/* SPDX-License-Identifier: GPL-2.0 */
/* Is the account of a process equal to what /proc/PID/maps says? */
#ifndef BRKWATCH_CHECK_H
#define BRKWATCH_CHECK_H

#include "view/view.h"

extern const struct view_type check_view;

#endif
