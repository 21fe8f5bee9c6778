// SPDX-License-Identifier: GPL-2.0
/* strace 6.1 wrote these tables, tracing a program that makes such calls. */
#include <errno.h>
#include <signal.h>
#include <kselftest_harness.h>

#include "view_fixture.h"
#include "message.h"
#include "lib/names.h"

struct pair {
	uint64_t value;
	const char *name;
};

static const struct pair prots[] = {
	{ 0x0, "PROT_NONE" },
	{ 0x1, "PROT_READ" },
	{ 0x2, "PROT_WRITE" },
	{ 0x3, "PROT_READ|PROT_WRITE" },
	{ 0x4, "PROT_EXEC" },
	{ 0x5, "PROT_READ|PROT_EXEC" },
	{ 0x6, "PROT_WRITE|PROT_EXEC" },
	{ 0x7, "PROT_READ|PROT_WRITE|PROT_EXEC" },
	{ 0x8, "PROT_SEM" },
	{ 0x9, "PROT_READ|PROT_SEM" },
	{ 0x10, "0x10 /* PROT_??? */" },
	{ 0x13, "PROT_READ|PROT_WRITE|0x10" },
	{ 0x20, "0x20 /* PROT_??? */" },
	{ 0x40, "0x40 /* PROT_??? */" },
	{ 0x80, "0x80 /* PROT_??? */" },
	{ 0x100, "0x100 /* PROT_??? */" },
	{ 0x1000000, "PROT_GROWSDOWN" },
	{ 0x1000001, "PROT_READ|PROT_GROWSDOWN" },
	{ 0x2000000, "PROT_GROWSUP" },
	{ 0x3000003, "PROT_READ|PROT_WRITE|PROT_GROWSDOWN|PROT_GROWSUP" },
	{ 0x4000000, "0x4000000 /* PROT_??? */" },
	{ 0x80000000, "0x80000000 /* PROT_??? */" },
	{ 0x80000001, "PROT_READ|0x80000000" },
	{ 0x100000001, "PROT_READ|0x100000000" },
	{ 0xffffffffffffffff,
	  "PROT_READ|PROT_WRITE|PROT_EXEC|PROT_SEM|PROT_GROWSDOWN|PROT_GROWSUP|0xfffffffffcfffff0" },
};

static const struct pair flags[] = {
	{ 0x0, "MAP_FILE" },
	{ 0x1, "MAP_SHARED" },
	{ 0x2, "MAP_PRIVATE" },
	{ 0x3, "MAP_SHARED_VALIDATE" },
	{ 0x4, "0x4 /* MAP_??? */" },
	{ 0x5, "0x5 /* MAP_??? */" },
	{ 0xc, "0xc /* MAP_??? */" },
	{ 0xd, "0xd /* MAP_??? */" },
	{ 0xf, "0xf /* MAP_??? */" },
	{ 0x10, "MAP_FILE|MAP_FIXED" },
	{ 0x12, "MAP_PRIVATE|MAP_FIXED" },
	{ 0x20, "MAP_FILE|MAP_ANONYMOUS" },
	{ 0x21, "MAP_SHARED|MAP_ANONYMOUS" },
	{ 0x22, "MAP_PRIVATE|MAP_ANONYMOUS" },
	{ 0x23, "MAP_SHARED_VALIDATE|MAP_ANONYMOUS" },
	{ 0x32, "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS" },
	{ 0x42, "MAP_PRIVATE|MAP_32BIT" },
	{ 0x62, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_32BIT" },
	{ 0x82, "MAP_PRIVATE|MAP_ABOVE4G" },
	{ 0x28, "MAP_DROPPABLE|MAP_ANONYMOUS" },
	{ 0x102, "MAP_PRIVATE|MAP_GROWSDOWN" },
	{ 0x122, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_GROWSDOWN" },
	{ 0x20122, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_GROWSDOWN|MAP_STACK" },
	{ 0x200, "MAP_FILE|0x200" },
	{ 0x402, "MAP_PRIVATE|0x400" },
	{ 0x802, "MAP_PRIVATE|MAP_DENYWRITE" },
	{ 0x822, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_DENYWRITE" },
	{ 0x1002, "MAP_PRIVATE|MAP_EXECUTABLE" },
	{ 0x1022, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_EXECUTABLE" },
	{ 0x2002, "MAP_PRIVATE|MAP_LOCKED" },
	{ 0x4002, "MAP_PRIVATE|MAP_NORESERVE" },
	{ 0x4022, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE" },
	{ 0x8002, "MAP_PRIVATE|MAP_POPULATE" },
	{ 0x8022, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_POPULATE" },
	{ 0x10022, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_NONBLOCK" },
	{ 0x20022, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_STACK" },
	{ 0x40022, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB" },
	{ 0x54040022, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|21<<MAP_HUGE_SHIFT" },
	{ 0x78040022, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|30<<MAP_HUGE_SHIFT" },
	{ 0x54000000, "MAP_FILE|21<<MAP_HUGE_SHIFT" },
	{ 0x54000002, "MAP_PRIVATE|21<<MAP_HUGE_SHIFT" },
	{ 0x80003, "MAP_SHARED_VALIDATE|MAP_SYNC" },
	{ 0x80002, "MAP_PRIVATE|MAP_SYNC" },
	{ 0x100022, "MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE" },
	{ 0x100032, "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE" },
	{ 0x200002, "MAP_PRIVATE|0x200000" },
	{ 0x200000, "MAP_FILE|0x200000" },
	{ 0x1000022, "MAP_PRIVATE|MAP_ANONYMOUS|0x1000000" },
	{ 0x2000022, "MAP_PRIVATE|MAP_ANONYMOUS|0x2000000" },
	{ 0x4000022, "MAP_PRIVATE|MAP_ANONYMOUS|1<<MAP_HUGE_SHIFT" },
	{ 0x4000000, "MAP_FILE|1<<MAP_HUGE_SHIFT" },
	{ 0x4000001, "MAP_SHARED|1<<MAP_HUGE_SHIFT" },
	{ 0x8000002, "MAP_PRIVATE|2<<MAP_HUGE_SHIFT" },
	{ 0xffffffff,
	  "0xf /* MAP_??? */|MAP_FIXED|MAP_ANONYMOUS|MAP_32BIT|MAP_ABOVE4G|MAP_NORESERVE"
	  "|MAP_POPULATE|MAP_NONBLOCK|MAP_GROWSDOWN|MAP_DENYWRITE|MAP_EXECUTABLE"
	  "|MAP_LOCKED|MAP_STACK|MAP_HUGETLB|MAP_SYNC|MAP_FIXED_NOREPLACE"
	  "|0x3e00600|63<<MAP_HUGE_SHIFT" },
	{ 0x100000022, "MAP_PRIVATE|MAP_ANONYMOUS" },
	{ 0x8000000000000022, "MAP_PRIVATE|MAP_ANONYMOUS" },
	{ 0xffffffffffffffff,
	  "0xf /* MAP_??? */|MAP_FIXED|MAP_ANONYMOUS|MAP_32BIT|MAP_ABOVE4G|MAP_NORESERVE"
	  "|MAP_POPULATE|MAP_NONBLOCK|MAP_GROWSDOWN|MAP_DENYWRITE|MAP_EXECUTABLE"
	  "|MAP_LOCKED|MAP_STACK|MAP_HUGETLB|MAP_SYNC|MAP_FIXED_NOREPLACE"
	  "|0x3e00600|63<<MAP_HUGE_SHIFT" },
	{ 0x63, "MAP_SHARED_VALIDATE|MAP_ANONYMOUS|MAP_32BIT" },
	{ 0x1000000, "MAP_FILE|0x1000000" },
	{ 0x3000000, "MAP_FILE|0x3000000" },
};

static const struct pair mremap_flags[] = {
	{ 0, "0" },
	{ 1, "MREMAP_MAYMOVE" },
	{ 2, "MREMAP_FIXED" },
	{ 3, "MREMAP_MAYMOVE|MREMAP_FIXED" },
	{ 5, "MREMAP_MAYMOVE|MREMAP_DONTUNMAP" },
	{ 8, "0x8 /* MREMAP_??? */" },
	{ 9, "MREMAP_MAYMOVE|0x8" },
	{ 0x80000000, "0x80000000 /* MREMAP_??? */" },
	{ 0x100000001, "MREMAP_MAYMOVE|0x100000000" },
	{ UINT64_MAX, "MREMAP_MAYMOVE|MREMAP_FIXED|MREMAP_DONTUNMAP|0xfffffffffffffff8" },
};

static const struct pair shmat_flags[] = {
	{ 0, "0" },
	{ 1, "0x1 /* SHM_??? */" },
	{ 010000, "SHM_RDONLY" },
	{ 020000, "SHM_RND" },
	{ 040000, "SHM_REMAP" },
	{ 0100000, "SHM_EXEC" },
	{ 0170001, "SHM_RDONLY|SHM_RND|SHM_REMAP|SHM_EXEC|0x1" },
	{ 0x80000000, "0x80000000 /* SHM_??? */" },
	{ 0x100000000, "0" },
	{ UINT64_MAX, "SHM_RDONLY|SHM_RND|SHM_REMAP|SHM_EXEC|0xffff0fff" },
};

/* Names that strace 6.1 did not know yet are written as by strace 6.13. */
static const struct pair advices[] = {
	{ 0, "MADV_NORMAL" },
	{ 1, "MADV_RANDOM" },
	{ 2, "MADV_SEQUENTIAL" },
	{ 3, "MADV_WILLNEED" },
	{ 4, "MADV_DONTNEED" },
	{ 5, "0x5 /* MADV_??? */" },
	{ 7, "0x7 /* MADV_??? */" },
	{ 8, "MADV_FREE" },
	{ 9, "MADV_REMOVE" },
	{ 10, "MADV_DONTFORK" },
	{ 11, "MADV_DOFORK" },
	{ 12, "MADV_MERGEABLE" },
	{ 13, "MADV_UNMERGEABLE" },
	{ 14, "MADV_HUGEPAGE" },
	{ 15, "MADV_NOHUGEPAGE" },
	{ 16, "MADV_DONTDUMP" },
	{ 17, "MADV_DODUMP" },
	{ 18, "MADV_WIPEONFORK" },
	{ 19, "MADV_KEEPONFORK" },
	{ 20, "MADV_COLD" },
	{ 21, "MADV_PAGEOUT" },
	{ 22, "MADV_POPULATE_READ" },
	{ 23, "MADV_POPULATE_WRITE" },
	{ 24, "MADV_DONTNEED_LOCKED" },
	{ 25, "MADV_COLLAPSE" },
	{ 26, "0x1a /* MADV_??? */" },
	{ 100, "MADV_HWPOISON" },
	{ 101, "MADV_SOFT_OFFLINE" },
	{ 102, "MADV_GUARD_INSTALL" },
	{ 103, "MADV_GUARD_REMOVE" },
	{ 104, "0x68 /* MADV_??? */" },
	{ 0x1234, "0x1234 /* MADV_??? */" },
	{ 0x7fffffff, "0x7fffffff /* MADV_??? */" },
	{ 0x80000000, "0x80000000 /* MADV_??? */" },
	{ 0xffffffff, "0xffffffff /* MADV_??? */" },
};

static const struct pair segv_codes[] = {
	{ 1, "SEGV_MAPERR" }, { 2, "SEGV_ACCERR" },	    { 3, "SEGV_BNDERR" },
	{ 4, "SEGV_PKUERR" }, { 10, "SEGV_CPERR" },	    { 0x80, "SI_KERNEL" },
	{ 11, "0xb" },	      { 0xffffffff, "0xffffffff" },
};

static const struct pair bus_codes[] = {
	{ 1, "BUS_ADRALN" },	{ 2, "BUS_ADRERR" }, { 3, "BUS_OBJERR" },   { 4, "BUS_MCEERR_AR" },
	{ 5, "BUS_MCEERR_AO" }, { 6, "0x6" },	     { 0x80, "SI_KERNEL" },
};

TEST(kinds_of_events)
{
	uint32_t kind;

	for (kind = 0; kind < KINDS; kind++)
		EXPECT_NE(NULL, names_event(kind));
	EXPECT_EQ(NULL, names_event(KINDS));
	EXPECT_EQ(NULL, names_event(UINT32_MAX));
	EXPECT_STREQ("pkey_mprotect", names_event(BRKWATCH_EVENT_KIND_PKEY_MPROTECT));
}

TEST(prots_as_strace)
{
	char buf[NAMES_MAX];
	size_t i;

	for (i = 0; i < N(prots); i++)
		EXPECT_STREQ(prots[i].name, names_prot(buf, prots[i].value));
}

TEST(flags_as_strace)
{
	char buf[NAMES_MAX];
	size_t i;

	for (i = 0; i < N(flags); i++)
		EXPECT_STREQ(flags[i].name, names_flags(buf, flags[i].value));
}

TEST(other_arguments_as_strace)
{
	char buf[NAMES_MAX];
	size_t i;

	for (i = 0; i < N(mremap_flags); i++)
		EXPECT_STREQ(mremap_flags[i].name, names_mremap(buf, mremap_flags[i].value));
	for (i = 0; i < N(shmat_flags); i++)
		EXPECT_STREQ(shmat_flags[i].name, names_shmat(buf, shmat_flags[i].value));
	for (i = 0; i < N(advices); i++)
		EXPECT_STREQ(advices[i].name, names_advice(buf, advices[i].value));
}

TEST(codes_as_strace)
{
	char buf[NAMES_MAX];
	size_t i;

	for (i = 0; i < N(segv_codes); i++)
		EXPECT_STREQ(segv_codes[i].name, names_code(buf, SIGSEGV, segv_codes[i].value));
	for (i = 0; i < N(bus_codes); i++)
		EXPECT_STREQ(bus_codes[i].name, names_code(buf, SIGBUS, bus_codes[i].value));
}

TEST(names_of_errors)
{
	char buf[NAMES_MAX];

	EXPECT_STREQ("ENOMEM", names_errno(buf, ENOMEM));
	EXPECT_STREQ("EAGAIN", names_errno(buf, EWOULDBLOCK));
	EXPECT_STREQ("EOPNOTSUPP", names_errno(buf, ENOTSUP));
	EXPECT_STREQ("errno 4095", names_errno(buf, 4095));
}

TEST(names_of_modes_of_seccomp)
{
	EXPECT_STREQ("off", names_seccomp(0));
	EXPECT_STREQ("strict", names_seccomp(1));
	EXPECT_STREQ("filter", names_seccomp(2));
	EXPECT_EQ(NULL, names_seccomp(3));
	EXPECT_EQ(NULL, names_seccomp(UINT32_MAX));
}

TEST(names_of_signals)
{
	char buf[NAMES_MAX];

	EXPECT_STREQ("SIGHUP", names_signal(buf, 1));
	EXPECT_STREQ("SIGSEGV", names_signal(buf, SIGSEGV));
	EXPECT_STREQ("SIGSTKFLT", names_signal(buf, SIGSTKFLT));
	EXPECT_STREQ("SIGIO", names_signal(buf, SIGPOLL));
	EXPECT_STREQ("SIGSYS", names_signal(buf, SIGSYS));
	EXPECT_STREQ("SIGRTMIN", names_signal(buf, 32));
	EXPECT_STREQ("SIGRT_2", names_signal(buf, 34));
	EXPECT_STREQ("SIGRT_32", names_signal(buf, 64));
}

TEST_HARNESS_MAIN
