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

/* One script by several files; the last one begins to work when all the others are there. */
	.globl	page_script, page_script_end
page_script:
	.incbin	"view/html/page.holders.js"
	.incbin	"view/html/page.maps.js"
	.incbin	"view/html/page.plot.js"
	.incbin	"view/html/page.address.js"
	.incbin	"view/html/page.fold.js"
	.incbin	"view/html/page.js"
page_script_end:
	.byte	0

	.section .note.GNU-stack, "", @progbits
