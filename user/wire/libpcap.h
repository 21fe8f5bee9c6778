/* SPDX-License-Identifier: GPL-2.0 */
/* libpcap's functions. Only runs that write or read a capture load it. */
#ifndef BRKWATCH_LIBPCAP_H
#define BRKWATCH_LIBPCAP_H

#include <pcap/pcap.h>

#include "lib/late.h"

#define LIBPCAP_FUNCTIONS(F)  \
	F(pcap_close)         \
	F(pcap_datalink)      \
	F(pcap_dump)          \
	F(pcap_dump_close)    \
	F(pcap_dump_file)     \
	F(pcap_dump_flush)    \
	F(pcap_dump_open)     \
	F(pcap_file)          \
	F(pcap_fopen_offline) \
	F(pcap_geterr)        \
	F(pcap_is_swapped)    \
	F(pcap_next_ex)       \
	F(pcap_open_dead)

enum { LIBPCAP_FUNCTIONS(LATE_INDEX) LIBPCAP_N };

extern void *libpcap[LIBPCAP_N];

/* One of them, after libpcap_load(). */
#define LIBPCAP(function) LATE_FUNCTION(libpcap, function)

/**
 * libpcap_load() - load libpcap
 *
 * It may be called again. Says what is wrong if it fails.
 *
 * Return: 0 or a negative errno.
 */
int libpcap_load(void);

#endif
