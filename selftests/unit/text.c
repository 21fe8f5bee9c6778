// SPDX-License-Identifier: GPL-2.0
/* The lines of calls. */
#include <errno.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "lib/names.h"
#include "text_fixture.h"

TEST_F(text, moves_of_the_break)
{
	EXPECT_LINE(LEADER "brk(NULL) = 0x555500000000  # heap 0 bytes\n",
		    brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP));
	EXPECT_LINE(LEADER "brk(0x555500021000) = 0x555500021000"
			   "  # heap?: +33 pages (132 KiB), heap 132 KiB\n",
		    brk_event(BRKWATCH_BRK_KIND_GROW, BRK, HEAP, BRK));
	EXPECT_LINE(LEADER "brk(0x555500021064) = 0x555500021064"
			   "  # heap?: +100 bytes (+1 page), heap 135268 bytes\n",
		    brk_event(BRKWATCH_BRK_KIND_GROW, BRK + 100, BRK, BRK + 100));
	EXPECT_LINE(LEADER "brk(0x555500020000) = 0x555500020000"
			   "  # -1 page (4 KiB), heap 128 KiB\n",
		    brk_event(BRKWATCH_BRK_KIND_SHRINK, BRK - PAGE, BRK, BRK - PAGE));
}

TEST_F(text, refusals)
{
	EXPECT_LINE(LEADER "brk(0x5555013a9000) = 0x555500021000"
			   "  # heap?: refused: asked +5000 pages (19.5 MiB), "
			   "kept: heap 132 KiB\n",
		    brk_event(BRKWATCH_BRK_KIND_REFUSED, BRK + 5000 * PAGE, BRK, BRK));
	EXPECT_LINE(LEADER "brk(0xffffffffffffffff) = 0x555500021000"
			   "  # heap?: refused: asked for an address out of reach, "
			   "kept: heap 132 KiB\n",
		    brk_event(BRKWATCH_BRK_KIND_REFUSED, UINT64_MAX, BRK, BRK));
}

TEST_F(text, anonymous_mappings)
{
	EXPECT_LINE(LEADER "mmap(NULL, 5001216, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, "
			   "-1, 0) = 0x7fff00000000"
			   "  # malloc mmap?: +1221 pages (4884 KiB), anonymous 4884 KiB\n",
		    mmap_event(0, 5001216, ANON, MAPS));
	EXPECT_LINE(LEADER "mmap(0x7fff00000000, 8192, PROT_READ|PROT_WRITE, "
			   "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7fff00000000"
			   "  # fixed overlay?: +2 pages (8 KiB), -2 pages (8 KiB) replaced, "
			   "anonymous 4884 KiB\n",
		    mmap_event(MAPS, 8192, ANON | MAP_FIXED, MAPS));
	EXPECT_LINE(LEADER "mmap(NULL, 1, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)"
			   " = -1 ENOMEM (Cannot allocate memory)  # failed\n",
		    failed(mmap_event(0, 1, ANON, 0), ENOMEM));
	EXPECT_LINE(LEADER "mmap(NULL, 1, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)"
			   " = -1 (errno 4000)  # failed\n",
		    failed(mmap_event(0, 1, ANON, 0), 4000));
	EXPECT_LINE(LEADER "munmap(0x7fff00000000, 4993024) = 0"
			   "  # -1219 pages (4876 KiB) anonymous, anonymous 8 KiB\n",
		    munmap_event(MAPS, 4993024));
}

/* Who asks for memory leads the line, and nobody leads a line that gets none. */
TEST_F(text, who_asked)
{
	struct asker *asker = &self->fixture.ledger.asker;
	struct event reserve = mmap_event(0, 64 << 20, ANON | MAP_NORESERVE, MAPS + (64 << 20));

	*asker = (struct asker){ .owner = OWNER_GLIBC, .file = "libc.so.6" };
	EXPECT_LINE(LEADER "brk(NULL) = 0x555500000000  # heap 0 bytes\n",
		    brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP));
	EXPECT_LINE(LEADER "brk(0x555500021000) = 0x555500021000"
			   "  # malloc: +33 pages (132 KiB), heap 132 KiB\n",
		    brk_event(BRKWATCH_BRK_KIND_GROW, BRK, HEAP, BRK));
	EXPECT_LINE(LEADER "brk(0xffffffffffffffff) = 0x555500021000"
			   "  # malloc: refused: asked for an address out of reach, "
			   "kept: heap 132 KiB\n",
		    brk_event(BRKWATCH_BRK_KIND_REFUSED, UINT64_MAX, BRK, BRK));
	EXPECT_LINE(LEADER "mmap(NULL, 5001216, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, "
			   "-1, 0) = 0x7fff00000000"
			   "  # malloc: +1221 pages (4884 KiB), anonymous 4884 KiB\n",
		    mmap_event(0, 5001216, ANON, MAPS));
	EXPECT_LINE(LEADER "mremap(0x7fff00000000, 5001216, 5005312, 0) = 0x7fff00000000"
			   "  # malloc: +1 page (4 KiB), anonymous 4888 KiB\n",
		    mremap_event(MAPS, 5001216, 5005312, 0, MAPS));
	EXPECT_LINE(LEADER "mremap(0x7fff00000000, 5005312, 4096, 0) = 0x7fff00000000"
			   "  # -1221 pages (4884 KiB), anonymous 4 KiB\n",
		    mremap_event(MAPS, 5005312, 4096, 0, MAPS));
	reserve.map.prot = PROT_NONE;
	EXPECT_LINE(LEADER "mmap(NULL, 67108864, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|"
			   "MAP_NORESERVE, -1, 0) = 0x7fff04000000"
			   "  # thread arena: +16384 pages (64 MiB), anonymous 64 MiB\n",
		    reserve);
	*asker = (struct asker){ .owner = OWNER_JEMALLOC, .file = "libjemalloc.so.2" };
	EXPECT_LINE(LEADER "mmap(0x7fff00000000, 4096, PROT_READ|PROT_WRITE, "
			   "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7fff00000000"
			   "  # jemalloc (libjemalloc.so.2): +1 page (4 KiB), -1 page (4 KiB) "
			   "replaced, anonymous 64 MiB\n",
		    mmap_event(MAPS, PAGE, ANON | MAP_FIXED, MAPS));
	*asker = (struct asker){ .owner = OWNER_OTHER, .program = true, .file = "lab" };
	EXPECT_LINE(LEADER "brk(0x555500022000) = 0x555500022000"
			   "  # the program: +1 page (4 KiB), heap 136 KiB\n",
		    brk_event(BRKWATCH_BRK_KIND_GROW, BRK + PAGE, BRK, BRK + PAGE));
	EXPECT_LINE(LEADER "brk(0x555500021000) = 0x555500021000"
			   "  # -1 page (4 KiB), heap 132 KiB\n",
		    brk_event(BRKWATCH_BRK_KIND_SHRINK, BRK, BRK + PAGE, BRK));
}

TEST_F(text, files_are_hidden)
{
	struct event file = mmap_event(0, 100, MAP_PRIVATE, MAPS);

	EXPECT_LINE("", file);
	EXPECT_LINE("", failed(file, ENODEV));
	EXPECT_LINE("", munmap_event(MAPS, 100));
	EXPECT_LINE(LEADER "munmap(0x7fff00000000, 100) = 0  # nothing that was seen mapped\n",
		    munmap_event(MAPS, 100));
	self->fixture.view->all = true;
	file.map.offset = 0x1000;
	EXPECT_LINE(LEADER "mmap(NULL, 100, PROT_READ|PROT_WRITE, MAP_PRIVATE, 3, 0x1000)"
			   " = 0x7fff00000000  # file mapping\n",
		    file);
	EXPECT_LINE(LEADER "munmap(0x7fff00000000, 100) = 0  # file mapping\n",
		    munmap_event(MAPS, 100));
}

TEST_F(text, files_over_anonymous_memory_are_not)
{
	fixture_event(&self->fixture, mmap_event(0, 2 * PAGE, ANON, MAPS));
	fixture_text(&self->fixture);
	EXPECT_LINE(LEADER "mmap(0x7fff00000000, 100, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED, "
			   "3, 0) = 0x7fff00000000"
			   "  # file mapping over -1 page (4 KiB) anonymous, anonymous 4 KiB\n",
		    mmap_event(MAPS, 100, MAP_PRIVATE | MAP_FIXED, MAPS));
}

TEST_F(text, moves_of_mappings)
{
	fixture_event(&self->fixture, mmap_event(0, 2 * PAGE, ANON, MAPS));
	fixture_text(&self->fixture);
	EXPECT_LINE(LEADER "mremap(0x7fff00000000, 8192, 143360, MREMAP_MAYMOVE) = 0x7fff00000000"
			   "  # direct mmap?: +33 pages (132 KiB), anonymous 140 KiB\n",
		    mremap_event(MAPS, 2 * PAGE, 35 * PAGE, MREMAP_MAYMOVE, MAPS));
	EXPECT_LINE(LEADER "mremap(0x7fff00000000, 143360, 4096, 0) = 0x7fff00000000"
			   "  # -34 pages (136 KiB), anonymous 4 KiB\n",
		    mremap_event(MAPS, 35 * PAGE, PAGE, 0, MAPS));
	EXPECT_LINE(LEADER "mremap(0x7fff00000000, 1, 2, MREMAP_MAYMOVE) = 0x7fff00000000"
			   "  # nothing changes, anonymous 4 KiB\n",
		    mremap_event(MAPS, 1, 2, MREMAP_MAYMOVE, MAPS));
	EXPECT_LINE(LEADER "mremap(0x7fff00000000, 4096, 8192, MREMAP_MAYMOVE) = 0x7fff00009000"
			   "  # direct mmap?: moved, +1 page (4 KiB), anonymous 8 KiB\n",
		    mremap_event(MAPS, PAGE, 2 * PAGE, MREMAP_MAYMOVE, MAPS + 9 * PAGE));
	EXPECT_LINE(LEADER "mremap(0x7fff00009000, 8192, 8192, MREMAP_MAYMOVE|MREMAP_FIXED, "
			   "0x7fff00000000) = 0x7fff00000000"
			   "  # moved, anonymous 8 KiB\n",
		    mremap_event(MAPS + 9 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
				 MAPS));
	EXPECT_LINE(LEADER "mremap(0x7fff00000000, 8192, 8192, MREMAP_MAYMOVE|MREMAP_DONTUNMAP)"
			   " = 0x7fff00009000"
			   "  # pages moved, the old range stays, anonymous 16 KiB\n",
		    mremap_event(MAPS, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
				 MAPS + 9 * PAGE));
	EXPECT_LINE(LEADER "mremap(NULL, 0, 18446744073709551615, 0x8 /* MREMAP_??? */)"
			   " = -1 EINVAL (Invalid argument)  # failed\n",
		    failed(mremap_event(0, 0, UINT64_MAX, 8, 0), EINVAL));
}

/* malloc of a second thread gets its memory in this way. */
TEST_F(text, growth_of_an_arena)
{
	struct event arena = mmap_event(0, 16384 * PAGE, ANON | MAP_NORESERVE, MAPS);

	arena.map.prot = PROT_NONE;
	fixture_event(&self->fixture, arena);
	fixture_text(&self->fixture);
	EXPECT_LINE(LEADER "mprotect(0x7fff00000000, 135168, PROT_READ|PROT_WRITE) = 0"
			   "  # +33 pages (132 KiB) committed\n",
		    mprotect_event(MAPS, 33 * PAGE, PROT_READ | PROT_WRITE));
	EXPECT_LINE(LEADER "mprotect(0x7fff00000000, 135168, PROT_READ|PROT_WRITE) = 0"
			   "  # nothing committed\n",
		    mprotect_event(MAPS, 33 * PAGE, PROT_READ | PROT_WRITE));
	EXPECT_LINE(LEADER "madvise(0x7fff00001000, 8192, MADV_DONTNEED) = 0"
			   "  # 2 pages (8 KiB) given back\n",
		    madvise_event(MAPS + PAGE, 2 * PAGE, MADV_DONTNEED));
	EXPECT_LINE(LEADER "madvise(0x7fff00004000, 4096, MADV_FREE) = 0"
			   "  # 1 page (4 KiB) given back when memory is short\n",
		    madvise_event(MAPS + 4 * PAGE, PAGE, MADV_FREE));
	EXPECT_LINE(LEADER "madvise(0x7fff00001000, 8192, MADV_DONTFORK) = 0"
			   "  # a child does not get it\n",
		    madvise_event(MAPS + PAGE, 2 * PAGE, MADV_DONTFORK));
	EXPECT_LINE(LEADER "madvise(0x7fff00001000, 8192, MADV_DOFORK) = 0  # a child gets it\n",
		    madvise_event(MAPS + PAGE, 2 * PAGE, MADV_DOFORK));
	EXPECT_LINE(LEADER "madvise(0x7fff00001000, 8192, 0x1234 /* MADV_??? */) = 0"
			   "  # nothing given back\n",
		    madvise_event(MAPS + PAGE, 2 * PAGE, 0x1234));
	EXPECT_LINE(LEADER "mprotect(0x7fff00020000, 4096, PROT_NONE) = 0"
			   "  # -1 page (4 KiB) committed\n",
		    mprotect_event(MAPS + 32 * PAGE, PAGE, PROT_NONE));
	EXPECT_LINE(LEADER "mprotect(0x7fff00000001, 4096, PROT_NONE) = -1 EINVAL "
			   "(Invalid argument)  # failed\n",
		    failed(mprotect_event(MAPS + 1, PAGE, PROT_NONE), EINVAL));
}

TEST_F(text, protection_keys)
{
	struct event ev = mprotect_event(MAPS, 2 * PAGE, PROT_READ);

	fixture_event(&self->fixture, mmap_event(0, PAGE, ANON, MAPS));
	fixture_text(&self->fixture);
	ev.kind = BRKWATCH_EVENT_KIND_PKEY_MPROTECT;
	ev.map.pkey = -1;
	/* The event does not say where the call stopped. */
	EXPECT_LINE(LEADER "pkey_mprotect(0x7fff00000000, 8192, PROT_READ, -1)"
			   " = -1 ENOMEM (Cannot allocate memory)  # failed, uncertain\n",
		    failed(ev, ENOMEM));
}

TEST_F(text, shared_memory)
{
	EXPECT_LINE(LEADER "shmat(98305, NULL, 0) = 0x7fff00000000  # shared memory attached\n",
		    shmat_event(0, 0, MAPS));
	EXPECT_LINE(LEADER "shmdt(0x7fff00000000) = 0  # shared memory detached\n",
		    shmdt_event(MAPS));
	EXPECT_LINE(LEADER "shmat(98305, 0x7fff00000000, SHM_RDONLY|SHM_RND)"
			   " = -1 EACCES (Permission denied)  # failed\n",
		    failed(shmat_event(MAPS, 030000, 0), EACCES));
	EXPECT_LINE(LEADER "shmdt(NULL) = -1 EINVAL (Invalid argument)  # failed\n",
		    failed(shmdt_event(0), EINVAL));
	self->fixture.view->normalize = true;
	EXPECT_LINE("shmat(<shm>, NULL, 0) = <map1>  # shared memory attached\n",
		    shmat_event(0, 0, MAPS));
}

TEST_F(text, other_calls_on_files_are_hidden_too)
{
	fixture_event(&self->fixture, mmap_event(0, 3 * PAGE, MAP_PRIVATE, MAPS));
	fixture_text(&self->fixture);
	EXPECT_LINE("", mprotect_event(MAPS, PAGE, PROT_READ));
	EXPECT_LINE("", failed(mprotect_event(MAPS, PAGE, PROT_READ), EACCES));
	EXPECT_LINE("", madvise_event(MAPS, PAGE, MADV_DONTNEED));
	EXPECT_LINE("", mremap_event(MAPS + 2 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE, MAPS + 9 * PAGE));
	EXPECT_LINE("", failed(mremap_event(MAPS, PAGE, 2 * PAGE, 0, 0), ENOMEM));
	self->fixture.view->all = true;
	EXPECT_LINE(LEADER "mprotect(0x7fff00000000, 4096, PROT_READ) = 0  # file mapping\n",
		    mprotect_event(MAPS, PAGE, PROT_READ));
	EXPECT_LINE(LEADER "madvise(0x7fff00000000, 4096, MADV_DONTNEED) = 0  # file mapping\n",
		    madvise_event(MAPS, PAGE, MADV_DONTNEED));
	EXPECT_LINE(LEADER "mremap(0x7fff00000000, 4096, 4096, 0) = 0x7fff00000000"
			   "  # file mapping\n",
		    mremap_event(MAPS, PAGE, PAGE, 0, MAPS));
}

TEST_F(text, ranges_of_files_and_anonymous_memory_are_not)
{
	fixture_event(&self->fixture, mmap_event(0, 3 * PAGE, MAP_PRIVATE, MAPS));
	fixture_event(&self->fixture, mmap_event(0, PAGE, ANON, MAPS + 3 * PAGE));
	fixture_text(&self->fixture);
	EXPECT_LINE(LEADER "madvise(0x7fff00000000, 16384, MADV_WILLNEED) = 0"
			   "  # nothing given back\n",
		    madvise_event(MAPS, 4 * PAGE, MADV_WILLNEED));
}

TEST_F(text, shared_anonymous_memory_is_no_file)
{
	EXPECT_LINE(LEADER
		    "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, "
		    "-1, 0) = 0x7fff00000000  # direct mmap?: +1 page (4 KiB), anonymous 4 KiB\n",
		    mmap_event(0, PAGE, MAP_SHARED | MAP_ANONYMOUS, MAPS));
	EXPECT_LINE(LEADER "mprotect(0x7fff00000000, 4096, PROT_READ) = 0  # nothing committed\n",
		    mprotect_event(MAPS, PAGE, PROT_READ));
}

TEST_F(text, each_kind_has_a_line)
{
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		const char *line;

		fixture_event(&self->fixture, any_event(kind));
		line = fixture_text(&self->fixture);
		EXPECT_EQ(kind == BRKWATCH_EVENT_KIND_SNAPSHOT, !*line);
		if (!*line)
			continue;
		EXPECT_EQ(line + strlen(line) - 1, strchr(line, '\n'))
		{
			TH_LOG("kind %d: %s", kind, line);
		}
		/* The calls by name. */
		if (event_is_call(kind))
			EXPECT_EQ(line + strlen(LEADER), strstr(line, names_event(kind)));
	}
}

TEST_F(text, durations)
{
	struct event move = brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP);
	struct event bad = failed(mmap_event(0, 1, ANON, 0), ENOMEM);

	self->fixture.view->durations = true;
	move.duration = 2 * SECOND + 1999;
	EXPECT_LINE(LEADER "brk(NULL) = 0x555500000000 <2.000001>  # heap 0 bytes\n", move);
	bad.duration = 999;
	EXPECT_LINE(LEADER "mmap(NULL, 1, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)"
			   " = -1 ENOMEM (Cannot allocate memory) <0.000000>  # failed\n",
		    bad);
	EXPECT_LINE(LEADER "+++ exited with 0 +++\n", exit_event(0));
}

TEST_HARNESS_MAIN
