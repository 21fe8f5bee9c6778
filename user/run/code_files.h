/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of a session say of who asks for memory: read in a live run, else of the capture. */
#ifndef BRKWATCH_CODE_FILES_H
#define BRKWATCH_CODE_FILES_H

#include "run/pipeline.h"

/**
 * code_files_know() - look for the facts of all files that have come since the last call
 * @pipeline: the pipeline
 *
 * A live run reads them, and puts them into the capture that it writes. A replay has what the
 * capture says and reads no file, because there may be another in its place by now.
 *
 * Return: 0, also for files that cannot be read, or a negative errno.
 */
int code_files_know(struct pipeline *pipeline);

#endif
