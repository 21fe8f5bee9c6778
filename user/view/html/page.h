/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the page that --html writes, from page.S; the second name marks a part's end. */
#ifndef BRKWATCH_PAGE_H
#define BRKWATCH_PAGE_H

extern const char page_head[], page_head_end[];
extern const char page_style[], page_style_end[];
extern const char page_body[], page_body_end[];
extern const char page_script[], page_script_end[];

#endif
