/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way of a system call that is hooked directly. The kernel's function begins with a call of
 * this, so two return addresses are on the stack: where the function goes on, and its caller. If
 * bw_direct_enter() wants the call, the trampoline runs the function itself and gets its result.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <linux/version.h>
#include <asm/asm-offsets.h>
#include <asm/frame.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>

#include "trampoline.h"

/* Kernels that do not count calls (Skylake's return stack) do not have this. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
.macro CALL_DEPTH_ACCOUNT
.endm
#endif

	.text
SYM_FUNC_START(bw_trampoline)
	FRAME_BEGIN
	/* Nothing has counted the call of the trampoline, since ftrace wrote it. */
	CALL_DEPTH_ACCOUNT
	pushq	%rdi
	subq	$DIRECT_CALL_BYTES, %rsp
	movq	%rsp, %rsi
	call	bw_direct_enter
	movq	DIRECT_CALL_BYTES(%rsp), %rdi
	testb	%al, %al
	jnz	.Lwatched
	addq	$DIRECT_CALL_BYTES + 8, %rsp
	FRAME_END
	RET

.Lwatched:
	/* Where the function goes on, or the one that livepatch has put in its place. */
	movq	DIRECT_CALL_BYTES + 8 + FRAME_OFFSET(%rsp), %rax
	UNWIND_HINT_SAVE
	ANNOTATE_INTRA_FUNCTION_CALL
	call	.Lfunction
	UNWIND_HINT_RESTORE
	movq	%rax, DIRECT_CALL_BYTES(%rsp)
	movq	%rsp, %rdi
	movq	%rax, %rsi
	call	bw_direct_leave
	movq	DIRECT_CALL_BYTES(%rsp), %rax
	addq	$DIRECT_CALL_BYTES + 8, %rsp
	FRAME_END
	/* The function is over, so return to its caller. */
	addq	$8, %rsp
	UNWIND_HINT_FUNC
	RET

.Lfunction:
	/*
	 * A return in place of an indirect call: with IBT the latter would have to lead to an ENDBR,
	 * and there is none behind the call at the beginning of a function.
	 */
	UNWIND_HINT_FUNC
	CALL_DEPTH_ACCOUNT
	pushq	%rax
	UNWIND_HINT_FUNC
	RET
SYM_FUNC_END(bw_trampoline)
