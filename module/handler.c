// SPDX-License-Identifier: GPL-2.0
/* The handlers of all calls that have none of their own. */
#include "handler.h"

static __always_inline bool all_begin(const struct bw_hook *hook, const struct pt_regs *user,
				      struct bw_call *call, u64 epoch, const struct bw_watch *first)
{
	if (hook->compat)
		syscall_args_32(user, call->arg);
	else
		syscall_args(user, call->arg, 6);
	call->type = hook->type;
	call->traits = hook->compat ? BRKWATCH_TRAIT_COMPAT : 0;
	if (hook->type->entry && !hook->type->entry(call))
		return false;
	bw_call_begin(call, epoch, first, call->type);
	return true;
}

static __always_inline void all_end(struct bw_call *call, unsigned long result)
{
	u64 time = bw_call_end(call);

	if (call->type->leave)
		call->type->leave(call, result);
	bw_deliver_call(call, result, time, call->traits, call->type);
}

BW_HANDLERS(all);
