// SPDX-License-Identifier: GPL-2.0
/* What facts of each kind say: of files, processes, and the system. */
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "fact_fixture.h"
#include "run/code_files.h"
#include "wire/fact_process.h"
#include "wire/fact_system.h"

static void put_process(struct capture *capture, const struct attribute *attributes, size_t n)
{
	struct nl_msg *value = nlmsg_alloc();
	size_t i;

	for (i = 0; i < n; i++)
		if (nla_put(value, attributes[i].type, attributes[i].len,
			    attributes[i].text ?: (const char *)&attributes[i].value))
			abort();
	put_value(capture, FACT_PROCESS, "5", value);
}

/* Stores the facts of a file with this name as a library. */
static void put_file(struct capture *capture, const char *key, const char *soname)
{
	struct elf_facts facts = { .read = true };
	size_t len;
	void *block;

	snprintf(facts.soname, sizeof(facts.soname), "%s", soname);
	block = elf_facts_pack(&facts, &len);
	if (!block)
		abort();
	put_fact(capture,
		 (const struct attribute[]){ KIND(FACT_FILE),
					     { CAPTURE_A_KEY, strlen(key) + 1, 0, key },
					     { CAPTURE_A_VALUE, len, 0, block } },
		 3);
	free(block);
}

/* The name as a library that the facts of an image's file have. */
static const char *soname_of(struct pipeline *pipeline, const struct image *image)
{
	if (elf_files_add(&pipeline->stacks.files, image) || code_files_know(pipeline))
		abort();
	return elf_files_find(&pipeline->stacks.files, image)->facts.soname;
}

/* Several files have one path, and one of them could not be read. */
TEST_F(capture, files)
{
	struct session session = { 0 };
	struct pipeline pipeline = { .session = &session };
	struct image image = {
		.file_size = 3,
		.file_time = 4,
		.file_device = 1,
		.path = "/lib/a",
	};

	put_file(&self->capture, "1:7:3:4:/lib/a", "seven");
	put_file(&self->capture, "1:8:3:4:/lib/a", "eight");
	put_file(&self->capture, "/lib/b", "path alone");
	put_file(&self->capture, "/lib/b", "path alone, second");
	request(&self->capture, 2, BRKWATCH_CMD_DRAIN);
	REPLAY(self);
	session.channel = self->channel;
	image.file_inode = 6;
	EXPECT_STREQ("", soname_of(&pipeline, &image));
	image.file_inode = 8;
	EXPECT_STREQ("eight", soname_of(&pipeline, &image));
	image.file_inode = 7;
	EXPECT_STREQ("seven", soname_of(&pipeline, &image));
	/* The tool or the module that made the capture knew no inodes. */
	image.path = "/lib/b";
	EXPECT_STREQ("path alone", soname_of(&pipeline, &image));
	image.file_inode = image.file_device = 0;
	EXPECT_STREQ("path alone, second", soname_of(&pipeline, &image));
	EXPECT_EQ(NULL, capture_read_damage(self->reader));
	elf_files_free(&pipeline.stacks.files);
}

TEST_F(capture, processes)
{
	static const struct attribute all[] = { TEXT(1, "/bin/a"), TEXT(2, "/b"),    U32(3, 1000),
						U32(4, 1),	   U64(5, 20000000), U32(6, 2) };
	static const struct attribute some[] = { U32(3, 0) };
	struct process_facts facts = { .watch = 5, .pid = 6 };

	put_process(&self->capture, all, N(all));
	put_process(&self->capture, some, N(some));
	REPLAY(self);
	ASSERT_EQ(0, fact_take_process(self->channel, &facts));
	EXPECT_STREQ("/bin/a", facts.executable);
	EXPECT_STREQ("/b", facts.cgroup);
	EXPECT_TRUE(facts.has_uid);
	EXPECT_EQ(1000, facts.uid);
	EXPECT_TRUE(facts.has_parent);
	EXPECT_EQ(1, facts.parent);
	EXPECT_TRUE(facts.has_start);
	EXPECT_EQ(20000000, facts.start);
	EXPECT_TRUE(facts.has_seccomp);
	EXPECT_EQ(2, facts.seccomp);
	process_facts_free(&facts);
	facts = (struct process_facts){ .watch = 5, .pid = 6 };
	ASSERT_EQ(0, fact_take_process(self->channel, &facts));
	EXPECT_EQ(NULL, facts.executable);
	EXPECT_EQ(NULL, facts.cgroup);
	EXPECT_TRUE(facts.has_uid);
	EXPECT_FALSE(facts.has_parent);
	EXPECT_FALSE(facts.has_start);
	EXPECT_FALSE(facts.has_seccomp);
	/* There are no more. */
	facts = (struct process_facts){ .watch = 5, .pid = 6 };
	ASSERT_EQ(0, fact_take_process(self->channel, &facts));
	EXPECT_FALSE(facts.has_uid);
	EXPECT_EQ(NULL, capture_read_damage(self->reader));
}

TEST_F(capture, crafted_processes)
{
	static const struct attribute first[] = { TEXT(1, "/bin/a"), BARE(2, "/b") };
	struct process_facts facts = { .watch = 5, .pid = 6 };

	put_process(&self->capture, first, N(first));
	REPLAY(self);
	ASSERT_EQ(0, fact_take_process(self->channel, &facts));
	EXPECT_EQ(NULL, facts.executable);
	EXPECT_EQ(NULL, facts.cgroup);
	EXPECT_EQ(5, facts.watch);
	EXPECT_EQ(6, facts.pid);
	EXPECT_STREQ("a fact cannot be read", capture_read_damage(self->reader));
}

static void put_system(struct capture *capture, int last)
{
	struct nl_msg *value = nlmsg_alloc();
	int i;

	for (i = 1; i <= last; i++)
		if (nla_put_u64(value, i, 100 + i))
			abort();
	put_value(capture, FACT_SYSTEM, "", value);
}

TEST_F(capture, system)
{
	struct system_facts facts;

	put_system(&self->capture, 9);
	REPLAY(self);
	fact_take_system(self->channel, &facts);
	EXPECT_EQ(101, facts.max_map_count);
	EXPECT_EQ(102, facts.overcommit);
	EXPECT_EQ(103, facts.commit_limit);
	EXPECT_EQ(104, facts.total);
	EXPECT_EQ(105, facts.admin_reserve);
	EXPECT_EQ(106, facts.user_reserve);
	EXPECT_EQ(107, facts.guard_gap);
	EXPECT_EQ(108, facts.task_size);
	EXPECT_EQ(109, facts.ignores_data);
	/* Captures of before do not have it. */
	fact_take_system(self->channel, &facts);
	EXPECT_EQ(0, facts.max_map_count);
	EXPECT_EQ(NULL, capture_read_damage(self->reader));
}

TEST_F(capture, crafted_system)
{
	struct system_facts facts;

	put_system(&self->capture, 8);
	REPLAY(self);
	fact_take_system(self->channel, &facts);
	EXPECT_EQ(0, facts.max_map_count);
	EXPECT_EQ(0, facts.task_size);
	EXPECT_STREQ("a fact cannot be read", capture_read_damage(self->reader));
}

TEST_HARNESS_MAIN
