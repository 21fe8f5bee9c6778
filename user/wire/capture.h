/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The traffic of the netlink socket in a pcap file: requests and answers, in the order in which
 * the tool takes them. Documentation/capture.rst describes the format.
 */
#ifndef BRKWATCH_CAPTURE_H
#define BRKWATCH_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <pcap/pcap.h>

struct nlmsghdr;

/* Raise this if a reader of an older version would misread a file. */
#define CAPTURE_VERSION 2

/* This message has the attributes that no message of the module has. */
#define CAPTURE_CMD 255
/* The tool printed the totals so far at this moment, because of --interval. */
#define CAPTURE_CMD_TICK 254
/* The same, because of a signal. */
#define CAPTURE_CMD_LOOK 252
/* The tool stopped watching at this moment. */
#define CAPTURE_CMD_STOP 251
/*
 * A fact: see fact.h. The file says that it was received, and its sequence number is 0, because a
 * reader skips a message that is neither a request nor an answer to one, wherever it stands.
 */
#define CAPTURE_CMD_FACT 253
enum {
	CAPTURE_A_VERSION = 1,
	CAPTURE_A_PAGE,
	CAPTURE_A_HUGE,
	CAPTURE_A_BEGAN,
	CAPTURE_A_EPOCH,
	CAPTURE_A_FILTERED,
	CAPTURE_A_TOOL,
	CAPTURE_A_TIME,
	CAPTURE_A_KIND,
	CAPTURE_A_KEY,
	CAPTURE_A_VALUE,
	CAPTURE_A_MAX = CAPTURE_A_VALUE,
};

/* This stands before each message: its direction and what it is, in big endian. */
struct capture_cooked {
	uint16_t direction;
	uint16_t hardware;
	uint8_t unused[10];
	uint16_t protocol;
};

#define CAPTURE_RECEIVED 0
#define CAPTURE_SENT 4

/**
 * struct capture_meta - what views need besides messages
 * @page: bytes in a page
 * @huge: bytes in a huge page, 0 if unknown
 * @began: CLOCK_MONOTONIC in ns when the session began
 * @epoch: CLOCK_REALTIME in ns when CLOCK_MONOTONIC was 0
 * @filtered: the module withheld events
 */
struct capture_meta {
	uint64_t page;
	uint64_t huge;
	uint64_t began;
	uint64_t epoch;
	bool filtered;
};

/**
 * struct capture - a file in the making
 * @meta: what it begins with
 * @path: its name
 * @pcap: libpcap's handle
 * @dumper: libpcap's file
 * @err: 0 or the first negative errno
 */
struct capture {
	struct capture_meta meta;
	const char *path;
	pcap_t *pcap;
	pcap_dumper_t *dumper;
	int err;
};

/**
 * capture_open() - begin a file
 * @capture: with @meta
 * @path: its name, "-" for standard output
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int capture_open(struct capture *capture, const char *path);

/**
 * capture_message() - append a message
 * @hdr: the message
 * @sent: by us, else received
 * @arg: the capture
 */
void capture_message(const struct nlmsghdr *hdr, bool sent, void *arg);

/**
 * capture_begin() - append what @meta holds
 * @capture: the capture
 * @family: number of the module's family
 */
void capture_begin(struct capture *capture, int family);

/**
 * capture_moment() - append that the tool does something at a moment
 * @capture: the capture
 * @family: number of the module's family
 * @command: what it does, CAPTURE_CMD_TICK, CAPTURE_CMD_LOOK or CAPTURE_CMD_STOP
 * @time: the moment, CLOCK_MONOTONIC in ns
 */
void capture_moment(struct capture *capture, int family, uint8_t command, uint64_t time);

/**
 * capture_flush() - make sure that everything is in the file
 * @capture: the capture
 *
 * Return: 0 or the first negative errno.
 */
int capture_flush(struct capture *capture);

/**
 * capture_close() - end the file
 * @capture: the capture, which may not have been opened
 *
 * Return: as capture_flush().
 */
int capture_close(struct capture *capture);

#endif
