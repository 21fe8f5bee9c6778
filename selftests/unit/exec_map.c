// SPDX-License-Identifier: GPL-2.0
/* Which file is opened for code that a process has mapped. */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "stack/elf_files.h"
#include "stack/exec_map.h"

/* A folder with a file, and below it the same path once more, for a process that lives there. */
FIXTURE(file)
{
	char folder[32];
	char path[64];
	char root[64];
	char other[PATH_MAX];
	struct image image;
};

static void make(const char *path)
{
	static const struct timespec times[2] = { { 7, 8 }, { 1000, 0 } };
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, 100) || futimens(fd, times))
		abort();
	close(fd);
}

FIXTURE_SETUP(file)
{
	struct stat found;

	snprintf(self->folder, sizeof(self->folder), "/tmp/brkwatch-file-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->folder));
	snprintf(self->path, sizeof(self->path), "%s/file", self->folder);
	make(self->path);
	ASSERT_EQ(0, stat(self->path, &found));
	self->image = (struct image){
		.file_size = 100,
		.file_time = 1000000000000,
		.file_device = found.st_dev,
		.file_inode = found.st_ino,
		.path = self->path,
	};
	snprintf(self->root, sizeof(self->root), "%s/root", self->folder);
	snprintf(self->other, sizeof(self->other), "%s/tmp", self->root);
	ASSERT_EQ(0, mkdir(self->root, 0700));
	ASSERT_EQ(0, mkdir(self->other, 0700));
	snprintf(self->other, sizeof(self->other), "%s%s", self->root, self->folder);
	ASSERT_EQ(0, mkdir(self->other, 0700));
	snprintf(self->other, sizeof(self->other), "%s%s", self->root, self->path);
	make(self->other);
}

FIXTURE_TEARDOWN(file)
{
	char path[PATH_MAX];

	unlink(self->other);
	snprintf(path, sizeof(path), "%s%s", self->root, self->folder);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/tmp", self->root);
	rmdir(path);
	rmdir(self->root);
	unlink(self->path);
	rmdir(self->folder);
}

/* The inode of the file that is opened for the image, 0 if none is. */
static ino_t opened(const struct image *image, uint32_t pid)
{
	int fd = exec_map_fd(image, pid);
	struct stat found;

	if (fd < 0)
		return 0;
	if (fstat(fd, &found))
		abort();
	close(fd);
	return found.st_ino;
}

TEST_F(file, same)
{
	struct image image = self->image;

	EXPECT_EQ(self->image.file_inode, opened(&image, getpid()));
	/* Without a process. */
	EXPECT_EQ(self->image.file_inode, opened(&image, 0));
	image.file_size++;
	EXPECT_EQ(0, opened(&image, getpid()));
	image.file_size--;
	image.file_time++;
	EXPECT_EQ(0, opened(&image, getpid()));
}

/* A module of before did not report the inode. Where devices differ, inodes can, too. */
TEST_F(file, other_inode)
{
	struct image image = self->image;

	image.file_inode++;
	EXPECT_EQ(0, opened(&image, getpid()));
	image.file_device++;
	EXPECT_EQ(self->image.file_inode, opened(&image, getpid()));
	image.file_device = image.file_inode = 0;
	EXPECT_EQ(self->image.file_inode, opened(&image, getpid()));
}

static void live_in(const char *root, int told)
{
	char byte = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (geteuid() && unshare(CLONE_NEWUSER))
		_exit(1);
	if (chroot(root) || write(told, &byte, 1) != 1)
		_exit(1);
	pause();
	_exit(0);
}

/* Returns the process, or 0 if it may not have a root directory of its own. */
static pid_t fork_in(const char *root)
{
	int told[2];
	pid_t pid;
	char byte;
	bool lives;

	if (pipe2(told, O_CLOEXEC))
		abort();
	pid = fork();
	if (!pid)
		live_in(root, told[1]);
	close(told[1]);
	lives = read(told[0], &byte, 1) == 1;
	close(told[0]);
	if (!lives)
		waitpid(pid, NULL, 0);
	return lives ? pid : 0;
}

/* Its own file comes first; ours has the same path, size and time. */
TEST_F(file, of_another_root)
{
	struct image image = self->image;
	struct stat other;
	pid_t pid = fork_in(self->root);

	if (!pid)
		SKIP(return, "no right to change the root directory");
	ASSERT_EQ(0, stat(self->other, &other));
	image.file_inode = other.st_ino;
	EXPECT_EQ(other.st_ino, opened(&image, pid));
	image.file_inode = image.file_device = 0;
	EXPECT_EQ(other.st_ino, opened(&image, pid));
	/* When it is gone, ours is known to be another one, if the module reported the inode. */
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_EQ(self->image.file_inode, opened(&image, pid));
	image.file_device = self->image.file_device;
	image.file_inode = other.st_ino;
	EXPECT_EQ(0, opened(&image, pid));
}

/* Files that differ in nothing but device or inode have facts of their own. */
TEST_F(file, facts_of_each)
{
	struct image images[] = { self->image, self->image, self->image };
	struct elf_files files = { 0 };
	size_t i;

	images[1].file_inode++;
	images[2].file_device++;
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, elf_files_add(&files, &images[i]));
		ASSERT_EQ(0, elf_files_add(&files, &images[i]));
	}
	EXPECT_EQ(3, files.n);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(elf_files_next(&files), elf_files_find(&files, &images[i]));
	EXPECT_EQ(NULL, elf_files_next(&files));
	elf_files_free(&files);
}

TEST_HARNESS_MAIN
