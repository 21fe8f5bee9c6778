/* SPDX-License-Identifier: GPL-2.0 */
/* Mapped files that their owner makes shorter. */
#ifndef BRKWATCH_CUT_FILES_H
#define BRKWATCH_CUT_FILES_H

/**
 * cut_files_bear() - read zeros from now on where a mapped file has become shorter
 *
 * Otherwise SIGBUS would end the tool there. It may be called again.
 */
void cut_files_bear(void);

#endif
