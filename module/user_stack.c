// SPDX-License-Identifier: GPL-2.0
/* The tool finds the callers of a call in a copy of the thread's registers and stack. */
#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "user_stack.h"

/*
 * In these events current asks for nothing, or is another process. All others come with a
 * stack, so that a call that is added to the protocol does too.
 */
#define KINDS_WITHOUT                                                         \
	(BIT(BRKWATCH_EVENT_KIND_EXEC) | BIT(BRKWATCH_EVENT_KIND_EXIT) |      \
	 BIT(BRKWATCH_EVENT_KIND_SNAPSHOT) | BIT(BRKWATCH_EVENT_KIND_LEAVE) | \
	 BIT(BRKWATCH_EVENT_KIND_MARK))

/**
 * bw_user_stack_take() - copy the user's registers and stack
 * @stack: filled
 * @kind: kind of the event, enum brkwatch_event_kind
 * @room: bytes of stack to copy at most
 *
 * A page that is not resident ends the copy, as does the end of the stack.
 *
 * Context: any but NMI; does not sleep.
 */
void bw_user_stack_take(struct bw_user_stack *stack, u32 kind, u32 room)
{
	unsigned long from;

	stack->taken = !(BIT(kind) & KINDS_WITHOUT);
	stack->len = 0;
	if (!stack->taken)
		return;
	from = user_registers(stack->registers);
	if (from >= TASK_SIZE_MAX)
		return;
	room = min_t(unsigned long, room, TASK_SIZE_MAX - from);
	pagefault_disable();
	stack->len = room - __copy_from_user_inatomic(stack->bytes, (void __user *)from, room);
	pagefault_enable();
}
