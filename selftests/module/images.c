// SPDX-License-Identifier: GPL-2.0
/*
 * Images: the executable files that the module reports to a session with stack-bytes or askers
 * are those in /proc/self/maps.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <netlink/attr.h>

#include "child.h"
#include "far.h"
#include "kselftest_harness.h"
#include "peer.h"

#define STACK_BYTES 1024
#define RING_BYTES (1 << 20)
#define IMAGES_MAX 256

/**
 * struct images - what image-get returned
 * @n: number of images
 * @v: the images
 */
struct images {
	int n;
	struct {
		uint32_t watch;
		uint64_t start;
		uint64_t end;
		uint64_t offset;
		uint64_t size;
		uint64_t time;
		uint32_t device;
		uint64_t inode;
		uint64_t below;
		char path[512];
	} v[IMAGES_MAX];
};

static void take_image(struct nlattr **tb, void *arg)
{
	struct images *images = arg;
	int i = images->n++;

	if (i == IMAGES_MAX || !tb[BRKWATCH_A_IMAGE_PATH])
		abort();
	images->v[i].watch = peer_u32(tb, BRKWATCH_A_IMAGE_WATCH);
	images->v[i].start = peer_u64(tb, BRKWATCH_A_IMAGE_START);
	images->v[i].end = peer_u64(tb, BRKWATCH_A_IMAGE_END);
	images->v[i].offset = peer_u64(tb, BRKWATCH_A_IMAGE_OFFSET);
	images->v[i].size = peer_u64(tb, BRKWATCH_A_IMAGE_FILE_SIZE);
	images->v[i].time = peer_u64(tb, BRKWATCH_A_IMAGE_FILE_TIME);
	images->v[i].device = peer_u32(tb, BRKWATCH_A_IMAGE_FILE_DEVICE);
	images->v[i].inode = peer_u64(tb, BRKWATCH_A_IMAGE_FILE_INODE);
	/* The module leaves it out where nothing of the file lies below. */
	images->v[i].below = images->v[i].start;
	if (tb[BRKWATCH_A_IMAGE_BELOW])
		images->v[i].below = peer_u64(tb, BRKWATCH_A_IMAGE_BELOW);
	snprintf(images->v[i].path, sizeof(images->v[i].path), "%s",
		 nla_get_string(tb[BRKWATCH_A_IMAGE_PATH]));
}

static int image_get(struct peer *peer, uint32_t watch, struct images *images)
{
	struct nl_msg *msg = peer_request(peer, BRKWATCH_CMD_IMAGE_GET, NLM_F_DUMP);

	if (watch)
		nla_put_u32(msg, BRKWATCH_A_IMAGE_WATCH, watch);
	memset(images, 0, sizeof(*images));
	return peer_call(peer, msg, take_image, images);
}

FIXTURE(images)
{
	struct peer peer;
	int watch;
	struct images images;
};

FIXTURE_SETUP(images)
{
	memset(self, 0, sizeof(*self));
	self->watch = peer_stacks(&self->peer, RING_BYTES, STACK_BYTES);
	ASSERT_LT(0, self->watch);
}

FIXTURE_TEARDOWN(images)
{
	peer_close(&self->peer);
}

TEST(without_stacks_and_askers)
{
	static struct images images;
	struct peer peer;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session(&peer, 4096, ALL_KINDS));
	EXPECT_EQ(-EOPNOTSUPP, image_get(&peer, 0, &images));
	EXPECT_STREQ("only sessions with stack-bytes or askers can get images", peer.extack);
	EXPECT_EQ(0, images.n);
	peer_close(&peer);
}

/* Compares all with the kernel's own list; returns their number. */
static int compare_with_maps(struct __test_metadata *_metadata, const struct images *images)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[1024], path[512], flags[8], path_below[512] = "";
	uint64_t start, end, offset, start_below = 0, end_below = 0;
	int n = 0, below = 0;

	ASSERT_NE(NULL, maps);
	while (fgets(line, sizeof(line), maps)) {
		path[0] = '\0';
		ASSERT_LE(4,
			  sscanf(line, "%" PRIx64 "-%" PRIx64 " %7s %" PRIx64 " %*s %*s %511[^\n]",
				 &start, &end, flags, &offset, path));
		if (flags[2] == 'x' && path[0] == '/') {
			bool is_of_file = end_below == start && !strcmp(path_below, path);

			ASSERT_LT(n, images->n);
			EXPECT_EQ(start, images->v[n].start);
			EXPECT_EQ(end, images->v[n].end);
			EXPECT_EQ(offset, images->v[n].offset);
			EXPECT_STREQ(path, images->v[n].path);
			EXPECT_EQ(is_of_file ? start_below : start, images->v[n].below);
			below += is_of_file;
			n++;
		}
		start_below = start;
		end_below = end;
		snprintf(path_below, sizeof(path_below), "%s", path);
	}
	fclose(maps);
	/* The headers of the program, of the loader and of the C library. */
	EXPECT_LE(3, below);
	return n;
}

TEST_F(images, of_a_process)
{
	ASSERT_EQ(0, image_get(&self->peer, self->watch, &self->images));
	EXPECT_LT(2, self->images.n);
	EXPECT_EQ(self->images.n, compare_with_maps(_metadata, &self->images));
	EXPECT_EQ(-ENOENT, image_get(&self->peer, 4711, &self->images));
	EXPECT_NE(0, strlen(self->peer.extack));
}

/* A session with askers needs them as one with stacks does. */
TEST(with_askers)
{
	const struct peer_wish wish = {
		.ring_bytes = RING_BYTES,
		.events = ALL_KINDS,
		.askers = true,
	};
	static struct images images;
	struct peer peer;
	int watch;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session_as(&peer, &wish));
	watch = peer_watch(&peer, getpid(), false);
	ASSERT_LT(0, watch);
	ASSERT_EQ(0, image_get(&peer, watch, &images));
	EXPECT_EQ(images.n, compare_with_maps(_metadata, &images));
	/* A session without stacks reports no size of them. */
	EXPECT_EQ(UINT64_MAX, peer_total(&peer, BRKWATCH_A_SESSION_STACK_BYTES));
	EXPECT_EQ(0, peer_total(&peer, BRKWATCH_A_SESSION_LOST_IMAGE));
	peer_close(&peer);
}

TEST_F(images, of_mmap)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char name[] = "/tmp/image-XXXXXX";
	struct stat stat;
	void *addr;
	int gone;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fstat(fd, &stat));
	/* A mapping that cannot be executed, or that has no file, is no image. */
	ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	ASSERT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, -1, 0));
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	EXPECT_EQ(0, self->images.n);

	addr = mmap(NULL, 8192, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 4096);
	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	ASSERT_EQ(1, self->images.n);
	EXPECT_EQ(self->watch, self->images.v[0].watch);
	EXPECT_EQ((uintptr_t)addr, self->images.v[0].start);
	EXPECT_EQ((uintptr_t)addr + 8192, self->images.v[0].end);
	EXPECT_EQ(4096, self->images.v[0].offset);
	EXPECT_EQ(stat.st_size, self->images.v[0].size);
	EXPECT_EQ(stat.st_mtim.tv_sec * 1000000000ULL + stat.st_mtim.tv_nsec,
		  self->images.v[0].time);
	/* The module returns each image once. */
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	EXPECT_EQ(0, self->images.n);

	gone = mkstemp(name);
	ASSERT_LE(0, gone);
	ASSERT_EQ(0, ftruncate(gone, 4096));
	ASSERT_EQ(0, unlink(name));
	ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_EXEC, MAP_SHARED, gone, 0));
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	ASSERT_EQ(1, self->images.n);
	EXPECT_NE(NULL, strstr(self->images.v[0].path, " (deleted)"));
	EXPECT_EQ(0, strncmp(name, self->images.v[0].path, strlen(name)));
	close(gone);
	close(fd);
}

/* Files with one name, so that the name cannot be what the module compares. */
static int file_in_memory(void)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, 8 * 4096))
		abort();
	return fd;
}

/* Map a page of a file below a page of code, and get what the module says begins below the code. */
static uint64_t mapped_below(struct peer *peer, char *at, int fd_below, int fd, uint64_t offset)
{
	static struct images images;

	if (mmap(at - 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd_below, 0) == MAP_FAILED ||
	    mmap(at, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, offset) ==
		    MAP_FAILED ||
	    image_get(peer, 0, &images) || images.n != 1 || images.v[0].start != (uintptr_t)at)
		abort();
	return images.v[0].below;
}

/* The mapping that ends where the code begins, if it has the same file, at whatever offset. */
TEST_F(images, what_lies_below)
{
	char *place = mmap(NULL, 8 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd[2] = { file_in_memory(), file_in_memory() };
	uintptr_t at = (uintptr_t)place + 4 * 4096;

	ASSERT_NE(MAP_FAILED, place);
	EXPECT_EQ(at - 4096, mapped_below(&self->peer, (char *)at, fd[0], fd[0], 4096));
	EXPECT_EQ(at - 4096, mapped_below(&self->peer, (char *)at, fd[0], fd[0], 3 * 4096));
	EXPECT_EQ(at, mapped_below(&self->peer, (char *)at, fd[1], fd[0], 4096));
	/* A mapping farther below is none. */
	at += 2 * 4096;
	ASSERT_NE(MAP_FAILED, mmap((char *)at, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED,
				   fd[0], 4096));
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	ASSERT_EQ(1, self->images.n);
	EXPECT_EQ(at, self->images.v[0].below);
	close(fd[0]);
	close(fd[1]);
}

/* Files in memory, because there stat(2) has the kernel's own numbers of device and inode. */
TEST_F(images, of_two_files_that_look_alike)
{
	struct stat stat[2];
	int fd[2], i;

	for (i = 0; i < 2; i++) {
		fd[i] = memfd_create("image", MFD_CLOEXEC);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, ftruncate(fd[i], 4096));
		ASSERT_EQ(0, fstat(fd[i], &stat[i]));
		ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_EXEC, MAP_SHARED, fd[i], 0));
	}
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	ASSERT_EQ(2, self->images.n);
	EXPECT_STREQ(self->images.v[0].path, self->images.v[1].path);
	EXPECT_NE(self->images.v[0].inode, self->images.v[1].inode);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(stat[i].st_dev, self->images.v[i].device);
		EXPECT_EQ(stat[i].st_ino, self->images.v[i].inode);
		close(fd[i]);
	}
}

/* The environment is empty, because the test runner makes programs preload a library. */
static int run_true(void *arg)
{
	execle("/bin/true", "true", NULL, (char *[]){ NULL });
	return 1;
}

/* The images of an exec are ready as soon as the first call of the program is. */
TEST_F(images, of_exec)
{
	struct child child = child_fork(run_true, NULL);
	int i, id, found = 0;

	id = peer_watch(&self->peer, child.pid, true);
	ASSERT_LT(0, id);
	child_go(&child);
	EXPECT_EQ(0, child_wait(&child));
	ASSERT_EQ(0, image_get(&self->peer, 0, &self->images));
	for (i = 0; i < self->images.n; i++) {
		EXPECT_EQ(id, self->images.v[i].watch);
		found += !!strstr(self->images.v[i].path, "bin/true");
	}
	EXPECT_EQ(1, found);
	/* The images are the program, the loader, and the C library that the loader maps. */
	EXPECT_EQ(3, self->images.n);
	EXPECT_EQ(0, peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_IMAGE));
}

static void count_message(struct nlattr **tb, void *arg)
{
	++*(int *)arg;
}

/* The module drops and counts images that no reader fetches. A path can be long. */
TEST_F(images, left_waiting)
{
	char path[PATH_MAX];
	int fd, i, told = 0;

	fd = far_open(path, PATH_MAX - 200);
	ASSERT_LE(0, fd);
	for (i = 0; i < 20000 && !peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_IMAGE); i++) {
		void *addr = mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, fd, 0);

		ASSERT_NE(MAP_FAILED, addr);
		munmap(addr, 4096);
	}
	far_remove(path);
	ASSERT_LT(1000, i);
	ASSERT_GT(20000, i);
	ASSERT_EQ(0, peer_call(&self->peer,
			       peer_request(&self->peer, BRKWATCH_CMD_IMAGE_GET, NLM_F_DUMP),
			       count_message, &told));
	EXPECT_EQ(i, told + peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_IMAGE));
	close(fd);
}

TEST_HARNESS_MAIN
