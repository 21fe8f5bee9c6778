// SPDX-License-Identifier: GPL-2.0
/* The generic netlink socket to the module. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <linux/brkwatch.h>

#include "wire/socket.h"

#define RECEIVE_BYTES (4 << 20)
/* The module answers at once, so if it has not after this time, it never will. */
#define ANSWER_SECONDS 30

/* libnl has its own errors. Convert the ones that can happen here to errnos. */
int socket_errno(int nlerr)
{
	switch (-nlerr) {
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_AGAIN:
		return -ETIMEDOUT;
	default:
		return -EIO;
	}
}

static int set_socket(struct nl_sock *sk)
{
	const struct timeval timeout = { .tv_sec = ANSWER_SECONDS };
	const int one = 1, bytes = RECEIVE_BYTES;
	int fd = nl_socket_get_fd(sk);

	if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		return -errno;
	/* The second call may fail, because it needs CAP_NET_ADMIN; the first gives enough. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)))
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	return 0;
}

int socket_connect(struct nl_sock *sk, int *family)
{
	int err = genl_connect(sk);

	if (err < 0)
		return socket_errno(err);
	err = set_socket(sk);
	if (err)
		return err;
	*family = genl_ctrl_resolve(sk, BRKWATCH_FAMILY_NAME);
	return *family < 0 ? socket_errno(*family) : 0;
}
