// SPDX-License-Identifier: GPL-2.0
/*
 * Opening files of watched processes. Whoever serves such a file (FUSE) need not answer. So a child
 * opens the files, and the tool waits for that child only so long and leaves it behind.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/timestamp.h"
#include "stack/exec_map.h"
#include "stack/opener.h"
#include "stack/trusted.h"

/* A server that unpacks what it serves (squashfs) takes a second for some 100 MB. */
#define PATIENCE_NS 2000000000ULL
/* A process that keeps the tool waiting must not do so again and again, nor may all of its user. */
#define PATIENCE_LATE_NS 100000000ULL
#define LATE_MAX 16
/* A server may answer each file just in time, so all waits together have a limit, too. */
#define WAITED_MAX_NS 10000000000ULL
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
 * @child: it opens the files; there is none if its socket is -1
 * @late: how many children did not answer in time, or ended
 * @waited: ns of all long waits
 * @copied: bytes of all copies that are open
 */
struct opener {
	struct child child;
	unsigned int late;
	uint64_t waited;
	uint64_t copied;
};

static struct opener opener = { .child.socket = -1 };

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

static void serve(int socket, const void *arg)
{
	struct request request;

	(void)arg;
	while (TEMP_FAILURE_RETRY(recv(socket, &request, sizeof(request), 0)) == sizeof(request)) {
		request.image.path = request.path;
		answer(socket, &request);
	}
}

static bool start(void)
{
	struct child child;

	if (!child_start(&child, SOCK_SEQPACKET, serve, NULL))
		return false;
	opener.child = child;
	return true;
}

/* Is there little patience left? */
static bool is_late(void)
{
	return opener.late || opener.waited >= WAITED_MAX_NS;
}

static bool answers_in_time(void)
{
	uint64_t patience = is_late() ? PATIENCE_LATE_NS : PATIENCE_NS;

	return child_answers(&opener.child, timestamp_now() + patience, &opener.waited);
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

	if (recvmsg(opener.child.socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) !=
	    sizeof(*copied))
		return false;
	head = CMSG_FIRSTHDR(&message);
	if (head)
		memcpy(fd, CMSG_DATA(head), sizeof(*fd));
	return true;
}

static bool ask(const struct request *request, int *fd, uint64_t *copied)
{
	if (send(opener.child.socket, request, sizeof(*request), MSG_NOSIGNAL) ==
		    sizeof(*request) &&
	    answers_in_time() && take_answer(fd, copied))
		return true;
	close(opener.child.socket);
	opener.child.socket = -1;
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
	if (is_late() && trusted_path(image->path))
		return exec_map_fd(image, 0);
	if (opener.child.socket < 0 && (opener.late == LATE_MAX || !start()))
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
