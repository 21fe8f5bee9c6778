// SPDX-License-Identifier: GPL-2.0
/* Files are opened by a child, and the tool does not wait for a child that does not answer. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "fake_clock.h"
#include "file_image.h"
#include "stack/opener.h"
#include "stack/trusted.h"

#define TEXT "some text"
/* More children than the tool ever leaves behind. */
#define MANY 64

FIXTURE(file)
{
	char path[32];
	struct image image;
	uint64_t copied;
};

FIXTURE_SETUP(file)
{
	int fd;

	snprintf(self->path, sizeof(self->path), "/tmp/brkwatch-open-XXXXXX");
	fd = mkstemp(self->path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(TEXT), write(fd, TEXT, sizeof(TEXT)));
	close(fd);
	self->image = image_of(self->path);
	self->copied = 0;
}

FIXTURE_TEARDOWN(file)
{
	unlink(self->path);
	opener_release(self->copied);
}

static bool has_text(int fd)
{
	char text[sizeof(TEXT) + 1];

	return pread(fd, text, sizeof(text), 0) == sizeof(TEXT) &&
	       !memcmp(text, TEXT, sizeof(TEXT));
}

/* The child that opens files, or 0. */
static pid_t child(void)
{
	char path[64];
	FILE *file;
	pid_t pid = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	return pid;
}

static void stop(pid_t pid)
{
	siginfo_t info;

	if (kill(pid, SIGSTOP) || waitid(P_PID, pid, &info, WSTOPPED))
		abort();
}

/* Is a child that did not answer killed? */
static bool is_killed(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGKILL;
}

/*
 * After the first child that did not answer the tool has little patience, so that on a busy machine
 * another child may be late by chance. The tool then has left it behind. If there is none to wait
 * for, the tool does not try any more.
 */
static int open_patiently(const struct image *image, uint64_t *copied)
{
	int fd;

	do
		fd = opener_open(image, getpid(), copied);
	while (fd < 0 && waitpid(-1, NULL, 0) > 0);
	return fd;
}

TEST_F(file, opened)
{
	int own = open(self->path, O_RDONLY | O_CLOEXEC);
	struct image other = self->image;
	int fd = opener_open(&self->image, getpid(), &self->copied);

	ASSERT_LE(0, own);
	ASSERT_LE(0, fd);
	EXPECT_TRUE(has_text(fd));
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	/* In a container /tmp may be a FUSE file system. */
	EXPECT_EQ(trusted_file(own, getpid()) ? 0 : sizeof(TEXT), self->copied);
	close(own);
	close(fd);
	other.file_size++;
	EXPECT_EQ(-1, opener_open(&other, getpid(), &self->copied));
	other.path = "/no/such/file";
	EXPECT_EQ(-1, opener_open(&other, getpid(), &self->copied));
}

TEST_F(file, copied)
{
	int fd = open(self->path, O_RDONLY | O_CLOEXEC), copy;

	ASSERT_LE(0, fd);
	copy = opener_copy(fd, sizeof(TEXT));
	ASSERT_LE(0, copy);
	/* What happens to the file does not happen to the copy. */
	ASSERT_EQ(0, truncate(self->path, 1));
	EXPECT_TRUE(has_text(copy));
	close(copy);
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	EXPECT_EQ(-1, opener_copy(fd, sizeof(TEXT)));
	close(fd);
}

TEST_F(file, of_a_system_file)
{
	EXPECT_TRUE(trusted_path("/usr/lib/libc.so.6"));
	EXPECT_TRUE(trusted_path("/lib64/libc.so.6"));
	EXPECT_FALSE(trusted_path("/home/me/usr/lib/libc.so.6"));
	EXPECT_FALSE(trusted_path("/usr/../home/me/lib.so"));
	EXPECT_TRUE(trusted_path("/usr/lib/lib..so"));
}

TEST_F(file, a_child_that_does_not_answer)
{
	struct image image = image_of("/usr/bin/env");
	int fd = opener_open(&self->image, getpid(), &self->copied);
	pid_t first, second;

	ASSERT_LE(0, fd);
	close(fd);
	first = child();
	if (first < 0)
		SKIP(return, "this kernel does not list children");
	stop(first);
	EXPECT_EQ(-1, opener_open(&self->image, getpid(), &self->copied));
	EXPECT_TRUE(is_killed(first));
	/* Another child opens the next file. */
	fd = open_patiently(&self->image, &self->copied);
	ASSERT_LE(0, fd);
	EXPECT_TRUE(has_text(fd));
	close(fd);
	/* A file of the system needs no child any more. */
	second = child();
	EXPECT_NE(first, second);
	stop(second);
	fd = opener_open(&image, getpid(), &self->copied);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(-1, opener_open(&self->image, getpid(), &self->copied));
	EXPECT_TRUE(is_killed(second));
}

TEST_F(file, children_that_do_not_answer)
{
	int i, fd = opener_open(&self->image, getpid(), &self->copied);
	pid_t pid = child();

	ASSERT_LE(0, fd);
	close(fd);
	if (pid < 0)
		SKIP(return, "this kernel does not list children");
	for (i = 0; i < MANY && pid; i++) {
		stop(pid);
		EXPECT_EQ(-1, opener_open(&self->image, getpid(), &self->copied));
		EXPECT_TRUE(is_killed(pid));
		fd = open_patiently(&self->image, &self->copied);
		if (fd >= 0)
			close(fd);
		pid = child();
	}
	EXPECT_LT(1, i);
	EXPECT_EQ(0, pid);
}

/* Open a file whose server answers after @wait, @times. */
static void open_slowly(struct __test_metadata *_metadata, const struct image *image, uint64_t wait,
			int times)
{
	uint64_t copied = 0;
	int fd;

	fake_clock.on = true;
	fake_clock.silent = false;
	fake_clock.wait = wait;
	while (times-- > 0) {
		fd = opener_open(image, getpid(), &copied);
		ASSERT_LE(0, fd);
		close(fd);
	}
	opener_release(copied);
}

/* How long the tool waits for a server that does not answer. */
static uint64_t patience(const struct image *image)
{
	uint64_t before = fake_clock.now, copied = 0;

	fake_clock.silent = true;
	if (opener_open(image, getpid(), &copied) >= 0)
		abort();
	return fake_clock.now - before;
}

TEST_F(file, short_waits)
{
	open_slowly(_metadata, &self->image, 9 * MSEC, 1500);
	EXPECT_LE(2 * SECOND, patience(&self->image));
}

TEST_F(file, some_long_waits)
{
	open_slowly(_metadata, &self->image, 1900 * MSEC, 5);
	EXPECT_LE(2 * SECOND, patience(&self->image));
}

TEST_F(file, many_long_waits)
{
	struct image image = image_of("/usr/bin/env");
	int fd;

	open_slowly(_metadata, &self->image, 1900 * MSEC, 6);
	/* A file of the system needs no child any more. */
	fake_clock.polls = 0;
	fd = opener_open(&image, getpid(), &self->copied);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, fake_clock.polls);
	EXPECT_GT(SECOND, patience(&self->image));
}

TEST_HARNESS_MAIN
