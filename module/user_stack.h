/* SPDX-License-Identifier: GPL-2.0 */
/* A user_stack is a copy of a thread's registers and the top of its stack. */
#ifndef _BRKWATCH_USER_STACK_H
#define _BRKWATCH_USER_STACK_H

#include <linux/brkwatch.h>
#include <linux/types.h>

#include "compat.h"

/* Bounds of what a session may ask for. */
#define STACK_BYTES_MIN 256
#define STACK_BYTES_MAX 8192

/**
 * struct bw_user_stack - where a thread stood in user space when it made a call
 * @taken: whether the event has a stack
 * @len: bytes in @bytes
 * @registers: by their DWARF numbers
 * @bytes: from the stack pointer up
 */
struct bw_user_stack {
	bool taken;
	u32 len;
	u64 registers[USER_REGISTERS];
	u8 bytes[];
};

void bw_user_stack_take(struct bw_user_stack *stack, u32 kind, u32 room);

#endif
