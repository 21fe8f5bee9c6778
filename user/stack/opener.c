// SPDX-License-Identifier: GPL-2.0
/*
 * Opening files of watched processes. Whoever serves such a file (FUSE) need not answer, and a
 * thread that waits for an answer may survive SIGKILL, so that its process would never end. So a
 * child opens the files, and the tool waits for that child only so long and leaves it behind.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/timestamp.h"
#include "stack/exec_map.h"
#include "stack/opener.h"
#include "stack/trusted.h"

/* A server that unpacks what it serves (squashfs) takes a second for some 100 MB. */
#define PATIENCE_NS 2000000000ULL
/* A process that keeps the tool waiting must not do so again and again, nor may all of its user. */
#define PATIENCE_LATE_NS 100000000ULL
#define LATE_MAX 16
#define NSEC_PER_MSEC 1000000ULL
/* Bytes of one copy, and of all that are open. */
#define COPY_MAX (128ULL << 20)
#define COPIES_MAX (512ULL << 20)

/* The headers of Debian 12 do not have this flag. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/**
 * struct request - what the tool asks of the child
 * @image: where the file is mapped
 * @pid: of the process
 * @room: bytes that a copy may have
 * @path: in place of the path of @image
 */
struct request {
	struct image image;
	uint32_t pid;
	uint64_t room;
	char path[PATH_MAX];
};

/* Room for one file descriptor in a message. */
union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

/**
 * struct opener - the child
 * @child: it opens the files, if @socket is not -1
 * @socket: to it
 * @late: how many children did not answer in time, or ended
 * @copied: bytes of all copies that are open
 */
struct opener {
	pid_t child;
	int socket;
	unsigned int late;
	uint64_t copied;
};

static struct opener opener = { .socket = -1 };

static bool fill(int to, int from, uint64_t left)
{
	while (left) {
		ssize_t n = TEMP_FAILURE_RETRY(sendfile(to, from, NULL, left));

		if (n <= 0)
			return false;
		left -= n;
	}
	return true;
}

/* vm.memfd_noexec can demand that nobody may execute it; before 6.3 no kernel knows the flag. */
static int open_memory(void)
{
	int fd = memfd_create("brkwatch", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create("brkwatch", MFD_CLOEXEC) : fd;
}

int opener_copy(int fd, uint64_t size)
{
	int copy = open_memory();

	if (copy < 0 || fill(copy, fd, size))
		return copy;
	close(copy);
	return -1;
}

static void send_answer(int to, int fd, uint64_t copied)
{
	struct iovec part = { &copied, sizeof(copied) };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		control.head.cmsg_len = CMSG_LEN(sizeof(fd));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.room);
	}
	TEMP_FAILURE_RETRY(sendmsg(to, &message, MSG_NOSIGNAL));
}

static void answer(int to, const struct request *request)
{
	int fd = exec_map_fd(&request->image, request->pid), copy = -1;
	uint64_t size = request->image.file_size, copied = 0;

	if (fd >= 0 && !trusted_file(fd, request->pid)) {
		if (size <= request->room)
			copy = opener_copy(fd, size);
		close(fd);
		fd = copy;
		copied = copy < 0 ? 0 : size;
	}
	send_answer(to, fd, copied);
	if (fd >= 0)
		close(fd);
}

__attribute__((noreturn)) static void be_child(int socket)
{
	struct request request;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A child that never ends must keep nothing open: not the session, not a pipe to a pager. */
	dup2(socket, STDIN_FILENO);
	closefrom(STDIN_FILENO + 1);
	while (TEMP_FAILURE_RETRY(recv(STDIN_FILENO, &request, sizeof(request), 0)) ==
	       sizeof(request)) {
		request.image.path = request.path;
		answer(STDIN_FILENO, &request);
	}
	_exit(0);
}

static bool start(void)
{
	sigset_t all, before;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return false;
	/* Signals are for the tool. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	opener.child = fork();
	if (!opener.child)
		be_child(ends[1]);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (opener.child < 0) {
		close(ends[0]);
		return false;
	}
	opener.socket = ends[0];
	return true;
}

/* A child that waits for a server may not even die, so nobody waits for it. */
static bool answers_in_time(void)
{
	uint64_t now = timestamp_now();
	uint64_t until = now + (opener.late ? PATIENCE_LATE_NS : PATIENCE_NS);
	struct pollfd wait = { .fd = opener.socket, .events = POLLIN };

	for (; now < until; now = timestamp_now())
		if (poll(&wait, 1, (until - now) / NSEC_PER_MSEC + 1) > 0)
			return true;
	kill(opener.child, SIGKILL);
	return false;
}

static bool take_answer(int *fd, uint64_t *copied)
{
	struct iovec part = { copied, sizeof(*copied) };
	union control control;
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.room),
	};
	const struct cmsghdr *head;

	if (recvmsg(opener.socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != sizeof(*copied))
		return false;
	head = CMSG_FIRSTHDR(&message);
	if (head)
		memcpy(fd, CMSG_DATA(head), sizeof(*fd));
	return true;
}

static bool ask(const struct request *request, int *fd, uint64_t *copied)
{
	if (send(opener.socket, request, sizeof(*request), MSG_NOSIGNAL) == sizeof(*request) &&
	    answers_in_time() && take_answer(fd, copied))
		return true;
	close(opener.socket);
	opener.socket = -1;
	opener.late++;
	return false;
}

static uint64_t room(void)
{
	uint64_t left = COPIES_MAX - opener.copied;

	return left < COPY_MAX ? left : COPY_MAX;
}

int opener_open(const struct image *image, uint32_t pid, uint64_t *copied)
{
	struct request request = { .image = *image, .pid = pid, .room = room() };
	size_t len = strlen(image->path);
	uint64_t size = 0;
	int fd = -1;

	if (len >= sizeof(request.path))
		return -1;
	memcpy(request.path, image->path, len);
	/* What is left of the patience is not for files that nobody can hold back. */
	if (opener.late && trusted_path(image->path))
		return exec_map_fd(image, 0);
	if (opener.socket < 0 && (opener.late == LATE_MAX || !start()))
		return -1;
	if (!ask(&request, &fd, &size))
		return -1;
	opener.copied += size;
	*copied += size;
	return fd;
}

void opener_release(uint64_t copied)
{
	opener.copied -= copied;
}
