// SPDX-License-Identifier: GPL-2.0
/* The images of files in a process, from their messages. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "wire/decode.h"
#include "message.h"

static int decode_image_of(const struct attribute *attributes, size_t n, struct image *image)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = decode_image(hdr, image);

	free(hdr);
	return err;
}

TEST(images)
{
	struct attribute some[] = {
		U32(BRKWATCH_A_IMAGE_WATCH, 3),	      U64(BRKWATCH_A_IMAGE_TIME, 4),
		U64(BRKWATCH_A_IMAGE_START, 0x1000),  U64(BRKWATCH_A_IMAGE_END, 0x2000),
		U64(BRKWATCH_A_IMAGE_OFFSET, 0x3000), U64(BRKWATCH_A_IMAGE_FILE_SIZE, 5),
		U64(BRKWATCH_A_IMAGE_FILE_TIME, 6),   TEXT(BRKWATCH_A_IMAGE_PATH, "/lib"),
		U32(BRKWATCH_A_IMAGE_FILE_DEVICE, 7), U64(BRKWATCH_A_IMAGE_FILE_INODE, 8),
		U64(BRKWATCH_A_IMAGE_BELOW, 9),
	};
	struct image image;

	ASSERT_EQ(0, decode_image_of(some, N(some), &image));
	EXPECT_EQ(3, image.watch);
	EXPECT_EQ(5, image.file_size);
	EXPECT_EQ(6, image.file_time);
	EXPECT_EQ(7, image.file_device);
	EXPECT_EQ(8, image.file_inode);
	EXPECT_EQ(9, image.below);
	ASSERT_EQ(0, decode_image_of(some, N(some) - 1, &image));
	EXPECT_EQ(8, image.file_inode);
	EXPECT_EQ(0, image.below);
	/* A module of before did not report which file it is. */
	ASSERT_EQ(0, decode_image_of(some, N(some) - 3, &image));
	EXPECT_EQ(6, image.file_time);
	EXPECT_EQ(0, image.file_device);
	EXPECT_EQ(0, image.file_inode);
	EXPECT_EQ(-EBADMSG, decode_image_of(some, N(some) - 4, &image));
	some[9] = (struct attribute)U32(BRKWATCH_A_IMAGE_FILE_INODE, 8);
	EXPECT_EQ(-EBADMSG, decode_image_of(some, N(some), &image));
}

TEST_HARNESS_MAIN
