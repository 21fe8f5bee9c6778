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
	part	page_head, "view/html/page.head.html"
	part	page_style, "view/html/page.css"
	part	page_body, "view/html/page.body.html"
	part	page_holders, "view/html/page.holders.js"
	part	page_script, "view/html/page.js"

	.section .note.GNU-stack, "", @progbits
