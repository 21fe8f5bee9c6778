// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "lib/output.h"

/* The file's content after some words were written in this way. */
static void write_to(const char *path, bool append, const char *words)
{
	FILE *out = output_open(path, append);

	if (!out || fputs(words, out) < 0 || output_close(out, path))
		exit(1);
}

static void expect(struct __test_metadata *_metadata, const char *path, const char *wanted)
{
	FILE *file = fopen(path, "r");
	char got[64] = "";

	ASSERT_NE(NULL, file);
	fread(got, 1, sizeof(got) - 1, file);
	fclose(file);
	EXPECT_STREQ(wanted, got);
}

TEST(files)
{
	char path[] = "/tmp/unit_output.XXXXXX";

	close(mkstemp(path));
	write_to(path, false, "one ");
	write_to(path, true, "two ");
	expect(_metadata, path, "one two ");
	write_to(path, false, "three");
	expect(_metadata, path, "three");
	unlink(path);
	EXPECT_EQ(NULL, output_open("/nowhere/file", true));
}

TEST(standard_streams)
{
	static const struct {
		const char *path;
		int fd;
	} cases[] = { { "-", STDOUT_FILENO }, { NULL, STDERR_FILENO } };
	char path[] = "/tmp/unit_output.XXXXXX";
	int file = mkstemp(path), before;
	size_t i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ftruncate(file, 0));
		lseek(file, 0, SEEK_SET);
		before = dup(cases[i].fd);
		dup2(file, cases[i].fd);
		write_to(cases[i].path, false, "words");
		/* The closed stream is one of our own. */
		EXPECT_LE(0, fcntl(cases[i].fd, F_GETFD));
		dup2(before, cases[i].fd);
		close(before);
		expect(_metadata, path, "words");
	}
	unlink(path);
}

/* The next file gets another number, so nobody can write to the stream. */
static int with_closed_streams(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		close(fd);
	output_reserve();
	return open("/dev/zero", O_RDONLY) > STDERR_FILENO && !output_open("-", false) &&
	       !output_open(NULL, false) && write(STDOUT_FILENO, "", 1) < 0;
}

TEST(closed_streams)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(with_closed_streams() ? 7 : 1);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(7, WEXITSTATUS(status));
	/* Open streams stay as they are. */
	output_reserve();
	EXPECT_NE(O_RDONLY, fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE);
}

TEST_HARNESS_MAIN
