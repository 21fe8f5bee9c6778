/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the page that --html writes, as they are. */

.macro part name, file
	.globl	\name, \name\()_end
\name:
	.incbin	"\file"
\name\()_end:
	.byte	0
.endm

	.section .rodata
	part	page_head, "page.head.html"
	part	page_style, "page.css"
	part	page_body, "page.body.html"
	part	page_script, "page.js"

	.section .note.GNU-stack, "", @progbits
