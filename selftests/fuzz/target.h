/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

/* main() of the tool; run renames it. */
int brkwatch_main(int argc, char **argv);

#endif
