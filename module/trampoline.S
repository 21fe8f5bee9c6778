/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way of a system call that is hooked directly. The kernel's function begins with a call of
 * this, so two return addresses are on the stack: where the function goes on, and its caller. If
 * bw_direct_enter() wants the call, the trampoline runs the function itself and gets its result.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/asm-offsets.h>
#include <asm/frame.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>

#include "compat.h"
#include "trampoline.h"

	.text
SYM_FUNC_START(bw_trampoline)
	/* Only ftrace leads here, by a direct call. */
	ANNOTATE_NOENDBR
	FRAME_BEGIN
	/* Nothing has counted the call of the trampoline, since ftrace wrote it. */
	CALL_DEPTH_ACCOUNT
	/* A tracer that makes the function fail leaves the result in rax, and a bare return. */
	pushq	%rdi
	pushq	%rax
	subq	$DIRECT_CALL_BYTES, %rsp
	movq	%rsp, %rsi
	call	bw_direct_enter
	testb	%al, %al
	jnz	.Lwatched
	addq	$DIRECT_CALL_BYTES, %rsp
	popq	%rax
	popq	%rdi
	FRAME_END
	RET

.Lwatched:
	movq	DIRECT_CALL_BYTES(%rsp), %rax
	movq	DIRECT_CALL_BYTES + 8(%rsp), %rdi
	/* Where the function goes on, or the one that livepatch has put in its place. */
	movq	DIRECT_CALL_BYTES + 16 + FRAME_OFFSET(%rsp), %r11
	UNWIND_HINT_SAVE
	ANNOTATE_INTRA_FUNCTION_CALL
	call	.Lfunction
	UNWIND_HINT_RESTORE
	movq	%rax, DIRECT_CALL_BYTES(%rsp)
	movq	%rsp, %rdi
	movq	%rax, %rsi
	call	bw_direct_leave
	movq	DIRECT_CALL_BYTES(%rsp), %rax
	addq	$DIRECT_CALL_BYTES + 16, %rsp
	FRAME_END
	/* The function is over, so return to its caller. */
	addq	$8, %rsp
	UNWIND_HINT_FUNC
	RET

.Lfunction:
	/*
	 * A return in place of an indirect call: with IBT the latter would have to lead to an
	 * ENDBR, and there is none behind the call at the beginning of a function.
	 */
	UNWIND_HINT_FUNC
	CALL_DEPTH_ACCOUNT
	pushq	%r11
	UNWIND_HINT_FUNC
	RET
SYM_FUNC_END(bw_trampoline)
