/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's account of an address space in /proc/PID/maps: the private areas without a file
 * that are neither a stack nor the kernel's own. The ledger calls them anonymous.
 */
#ifndef BRKWATCH_PROC_MAPS_H
#define BRKWATCH_PROC_MAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "ledger/ranges.h"
#include "view/mapped.h"

/**
 * proc_maps_load() - read a file in the format of /proc/PID/maps
 * @file: the file, which may be of the format of smaps as well
 * @set: filled; tags are bits of enum tag_prot
 *
 * Only smaps shows which areas grow down, so they are in the set unless their name is [stack].
 *
 * Return: 0, -ENODATA when there is nothing in it, or another negative errno.
 */
int proc_maps_load(FILE *file, struct ranges *set);

/**
 * proc_maps_drop_stacks() - take areas that grow down out of the set
 * @smaps: a file in the format of /proc/PID/smaps
 * @set: the set
 *
 * Return: 0 or -ENOMEM.
 */
int proc_maps_drop_stacks(FILE *smaps, struct ranges *set);

/**
 * proc_maps_read() - what the kernel has mapped for a process
 * @pid: the process, which should be stopped
 * @stacks: false to leave out areas that grow down, which takes longer
 * @set: filled
 *
 * Return: 0, -ENODATA when it has no memory any more, or another negative errno.
 */
int proc_maps_read(pid_t pid, bool stacks, struct ranges *set);

/**
 * proc_maps_text() - read of /proc/PID/smaps what proc_maps_areas() needs
 * @pid: the process
 * @time: when it was there, CLOCK_MONOTONIC in ns, because another process may have its number now
 * @text: set to the text, which ends with a zero and must be freed with free(), or to NULL
 *
 * Return: 0, -ENODATA when it has no memory any more, -ESRCH when it is gone, or another negative
 * errno.
 */
int proc_maps_text(pid_t pid, uint64_t time, char **text);

/**
 * proc_maps_areas() - find all areas, their names and what of them is in memory
 * @text: in the format of /proc/PID/smaps; lines of other kinds are skipped
 * @mapped: filled
 *
 * Areas of the set have no name but one that the process gave, see mapped_is_claim().
 *
 * Return: 0 or -ENOMEM.
 */
int proc_maps_areas(const char *text, struct mapped *mapped);

#endif
