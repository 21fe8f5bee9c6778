// SPDX-License-Identifier: GPL-2.0
/* What files say is read in a child, and all waits for the answers together have a limit. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "fake_clock.h"
#include "file_image.h"
#include "run/elf_child.h"

#define SYSTEM "/usr/bin/env"
/* More files than the tool ever waits for. */
#define MANY 1000

FIXTURE(files)
{
	char path[32];
	struct elf_files files;
	struct elf_file ours;
	struct elf_file system;
};

FIXTURE_SETUP(files)
{
	char command[96];
	int fd;

	snprintf(self->path, sizeof(self->path), "/tmp/brkwatch-elf-XXXXXX");
	fd = mkstemp(self->path);
	ASSERT_LE(0, fd);
	close(fd);
	snprintf(command, sizeof(command), "cat " SYSTEM " > %s", self->path);
	ASSERT_EQ(0, system(command));
	self->files = (struct elf_files){ 0 };
	self->ours = (struct elf_file){ .image = image_of(self->path) };
	self->system = (struct elf_file){ .image = image_of(SYSTEM) };
	fake_clock.on = true;
}

FIXTURE_TEARDOWN(files)
{
	unlink(self->path);
}

/* Can the tool read what a file says? */
static bool is_read(struct elf_files *files, struct elf_file *file)
{
	bool read;

	if (elf_file_read(files, file, getpid()))
		abort();
	read = file->facts.read;
	elf_facts_free(&file->facts);
	return read;
}

TEST_F(files, read_soon)
{
	int i;

	fake_clock.wait = 4 * MSEC;
	for (i = 0; i < 20; i++)
		EXPECT_TRUE(is_read(&self->files, &self->ours));
	EXPECT_EQ(0, self->files.waited);
	EXPECT_FALSE(self->files.late);
}

TEST_F(files, read_just_in_time)
{
	int i;

	fake_clock.wait = 2 * SECOND;
	for (i = 0; i < MANY && !self->files.late; i++)
		EXPECT_TRUE(is_read(&self->files, &self->ours));
	EXPECT_LT(5, i);
	EXPECT_LT(i, MANY);
	fake_clock.polls = 0;
	EXPECT_FALSE(is_read(&self->files, &self->ours));
	EXPECT_EQ(0, fake_clock.polls);
	/* Nobody can hold back a file of the system. */
	EXPECT_TRUE(is_read(&self->files, &self->system));
}

TEST_F(files, not_read_in_time)
{
	fake_clock.silent = true;
	EXPECT_FALSE(is_read(&self->files, &self->ours));
	EXPECT_TRUE(self->files.late);
	fake_clock.silent = false;
	EXPECT_FALSE(is_read(&self->files, &self->ours));
	EXPECT_TRUE(is_read(&self->files, &self->system));
}

TEST_HARNESS_MAIN
