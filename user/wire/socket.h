/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink socket to the module. */
#ifndef BRKWATCH_SOCKET_H
#define BRKWATCH_SOCKET_H

struct nl_sock;

/**
 * socket_errno() - convert an error of libnl that can happen here
 * @nlerr: the error, negative
 *
 * Return: a negative errno.
 */
int socket_errno(int nlerr);

/**
 * socket_connect() - connect a socket to generic netlink and find the module's family
 * @sk: the socket
 * @family: set to the number of the family
 *
 * Return: 0, -ENOENT when the module is not loaded, or another negative errno.
 */
int socket_connect(struct nl_sock *sk, int *family);

#endif
