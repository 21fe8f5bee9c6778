/* SPDX-License-Identifier: GPL-2.0 */
/* What trampoline.S and hook_direct.c share. */
#ifndef _BRKWATCH_TRAMPOLINE_H
#define _BRKWATCH_TRAMPOLINE_H

/* The room that the trampoline leaves on the stack for struct direct_call. */
#define DIRECT_CALL_BYTES 104

#ifndef __ASSEMBLER__
#include <linux/types.h>

struct direct_call;
struct pt_regs;

/**
 * bw_trampoline() - where a function that is hooked directly leads its callers
 *
 * Only ftrace may call it, and only from a function with one argument at most.
 */
void bw_trampoline(void);

bool bw_direct_enter(const struct pt_regs *user, struct direct_call *direct);
void bw_direct_leave(struct direct_call *direct, unsigned long result);
#endif

#endif
