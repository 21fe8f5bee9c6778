// SPDX-License-Identifier: GPL-2.0
/* A mapped file becomes shorter, and reading it ends nobody. */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "stack/cut_files.h"

#define PAGES 4

FIXTURE(file)
{
	size_t page;
	int fd;
	volatile char *mapped;
};

/* As libelf maps a file. */
FIXTURE_SETUP(file)
{
	size_t i;

	self->page = sysconf(_SC_PAGESIZE);
	self->fd = memfd_create("cut", MFD_CLOEXEC);
	ASSERT_LE(0, self->fd);
	for (i = 0; i < PAGES; i++)
		ASSERT_EQ(1, pwrite(self->fd, "a", 1, i * self->page));
	ASSERT_EQ(0, ftruncate(self->fd, PAGES * self->page));
	self->mapped =
		mmap(NULL, PAGES * self->page, PROT_READ | PROT_WRITE, MAP_PRIVATE, self->fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->mapped);
}

FIXTURE_TEARDOWN(file)
{
	munmap((void *)self->mapped, PAGES * self->page);
	close(self->fd);
}

TEST_F(file, zeros_instead)
{
	size_t i;

	cut_files_bear();
	for (i = 0; i < PAGES; i++)
		EXPECT_EQ('a', self->mapped[i * self->page]);
	ASSERT_EQ(0, ftruncate(self->fd, self->page));
	EXPECT_EQ('a', self->mapped[0]);
	for (i = 1; i < PAGES; i++) {
		EXPECT_EQ(0, self->mapped[i * self->page]);
		EXPECT_EQ(0, self->mapped[(i + 1) * self->page - 1]);
	}
	self->mapped[self->page] = 'b';
	EXPECT_EQ('b', self->mapped[self->page]);
	/* Again, and where it was cut before the call. */
	ASSERT_EQ(0, ftruncate(self->fd, 0));
	cut_files_bear();
	EXPECT_EQ(0, self->mapped[0]);
}

/* The signal that ended a child, or 0. */
static int signal_of(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* The test above shows nothing if such an access is harmless here. */
TEST_F(file, by_itself)
{
	pid_t pid;

	ASSERT_EQ(0, ftruncate(self->fd, 0));
	pid = fork();
	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		_exit(self->mapped[0]);
	}
	EXPECT_EQ(SIGBUS, signal_of(pid));
}

TEST(sent_by_a_process)
{
	pid_t pid = fork();

	if (!pid) {
		cut_files_bear();
		raise(SIGBUS);
		_exit(0);
	}
	EXPECT_EQ(SIGBUS, signal_of(pid));
}

TEST_HARNESS_MAIN
