/* SPDX-License-Identifier: GPL-2.0 */
/* The attributes of a fact's message. */
#ifndef UNIT_FACT_MESSAGE_H
#define UNIT_FACT_MESSAGE_H

#include "message.h"
#include "wire/capture.h"

#define KIND(value) U32(CAPTURE_A_KIND, value)
#define KEY(text) TEXT(CAPTURE_A_KEY, text)
#define VALUE(text) TEXT(CAPTURE_A_VALUE, text)
/* Text without its terminating zero. */
#define BARE(type, text)                        \
	{                                       \
		type, sizeof(text) - 1, 0, text \
	}

#endif
