// SPDX-License-Identifier: GPL-2.0
/* The lines of births, faults, ends and marks, and the numbers of processes and threads. */
#include <signal.h>
#include <kselftest_harness.h>

#include "text_fixture.h"

TEST_F(text, births)
{
	EXPECT_LINE(LEADER "+++ clone: process 44 (copy) +++\n",
		    clone_event(BRKWATCH_CLONE_KIND_COPY, 44, 0));
	EXPECT_LINE(LEADER "+++ clone: process 44 (shares the address space) +++\n",
		    clone_event(BRKWATCH_CLONE_KIND_SHARED, 44, 2));
	EXPECT_LINE(LEADER "[pid 42 tid 42] +++ clone: thread 44 +++\n",
		    clone_event(BRKWATCH_CLONE_KIND_THREAD, 44, 0));
	self->fixture.view->normalize = true;
	EXPECT_LINE("+++ clone: process (copy) +++\n",
		    clone_event(BRKWATCH_CLONE_KIND_COPY, 44, 0));
	EXPECT_LINE("+++ clone: watch 3 (copy) +++\n",
		    clone_event(BRKWATCH_CLONE_KIND_COPY, 44, 3));
	EXPECT_LINE("+++ clone: thread +++\n", clone_event(BRKWATCH_CLONE_KIND_THREAD, 44, 0));
}

TEST_F(text, faults_near_the_heap)
{
	EXPECT_LINE(LEADER "--- SIGSEGV {SEGV_MAPERR, 0x555500022000} 4 KiB above the break, "
			   "no mapping ---\n",
		    fault_event(SIGSEGV, SEGV_MAPERR, BRK + PAGE));
	EXPECT_LINE(LEADER "--- SIGSEGV {SEGV_MAPERR, 0x555500021f9c} 3996 bytes above the break, "
			   "no mapping ---\n",
		    fault_event(SIGSEGV, SEGV_MAPERR, BRK + 3996));
	EXPECT_LINE(LEADER "--- SIGSEGV {SEGV_MAPERR, 0x555500021000} at the break, "
			   "no mapping ---\n",
		    fault_event(SIGSEGV, SEGV_MAPERR, BRK));
	EXPECT_LINE(LEADER "--- SIGSEGV {SEGV_ACCERR, 0x5555000001ff} in the heap, "
			   "no permission ---\n",
		    fault_event(SIGSEGV, SEGV_ACCERR, HEAP + 511));
	EXPECT_LINE(LEADER "--- SIGSEGV {SEGV_MAPERR, 0x5554ffffe000} 8 KiB below the heap, "
			   "no mapping ---\n",
		    fault_event(SIGSEGV, SEGV_MAPERR, HEAP - 2 * PAGE));
	EXPECT_LINE(LEADER "--- SIGSEGV {SEGV_MAPERR, 0x555540021000} 1024 MiB above the break, "
			   "no mapping ---\n",
		    fault_event(SIGSEGV, SEGV_MAPERR, BRK + (1 << 30)));
	EXPECT_LINE(LEADER "--- SIGSEGV {SEGV_MAPERR, 0x555540021001} no mapping ---\n",
		    fault_event(SIGSEGV, SEGV_MAPERR, BRK + (1 << 30) + 1));
	self->fixture.view->normalize = true;
	EXPECT_LINE("--- SIGSEGV {SEGV_MAPERR, heap+0x22000} 4 KiB above the break, "
		    "no mapping ---\n",
		    fault_event(SIGSEGV, SEGV_MAPERR, BRK + PAGE));
}

TEST_F(text, other_faults)
{
	EXPECT_LINE(LEADER "--- SIGSEGV {SEGV_MAPERR, NULL} no mapping ---\n",
		    fault_event(SIGSEGV, SEGV_MAPERR, 0));
	EXPECT_LINE(LEADER "--- SIGSEGV {SEGV_PKUERR, 0x7fff00000000} protection key ---\n",
		    fault_event(SIGSEGV, 4, MAPS));
	EXPECT_LINE(LEADER "--- SIGSEGV {SEGV_CPERR, NULL} control protection ---\n",
		    fault_event(SIGSEGV, 10, 0));
	EXPECT_LINE(LEADER "--- SIGSEGV {SI_KERNEL, NULL} general protection, "
			   "address not known ---\n",
		    fault_event(SIGSEGV, SI_KERNEL, 0));
	EXPECT_LINE(LEADER
		    "--- SIGBUS {BUS_ADRERR, 0x7fff00000000} nothing behind the mapping ---\n",
		    fault_event(SIGBUS, BUS_ADRERR, MAPS));
	EXPECT_LINE(LEADER "--- SIGBUS {0x6, 0x7fff00000000} cause unknown ---\n",
		    fault_event(SIGBUS, 6, MAPS));
	EXPECT_LINE(LEADER "--- SIGSEGV {0x80000000, 0x7fff00000000} cause unknown ---\n",
		    fault_event(SIGSEGV, INT32_MIN, MAPS));
	EXPECT_LINE(LEADER "--- SIGSEGV {0x5, 0x7fff00000000} cause unknown ---\n",
		    fault_event(SIGSEGV, 5, MAPS));
}

TEST_F(text, ends)
{
	struct event ev = exit_event(SIGSEGV | 0x80);

	ev.exit.peak_rss = 309;
	EXPECT_LINE(LEADER "+++ killed by SIGSEGV (core dumped), peak resident 1236 KiB +++\n", ev);
	ev.exit.code = 7 << 8;
	EXPECT_LINE(LEADER "+++ exited with 7, peak resident 1236 KiB +++\n", ev);
	EXPECT_LINE(LEADER "+++ left the session: it runs a program with rights that the reader "
			   "does not have +++\n",
		    leave_event());
	self->fixture.view->normalize = true;
	EXPECT_LINE("+++ exited with 7 +++\n", ev);
}

TEST_F(text, marks)
{
	char mark[BRKWATCH_MARK_MAX + 1] = "", line[256] = LEADER "+++ mark \"";

	EXPECT_LINE(LEADER "+++ mark \"phase 2\" +++\n", mark_event("phase 2"));
	/* The longest possible name, each byte of which is written as four. */
	while (strlen(mark) < BRKWATCH_MARK_MAX) {
		strcat(mark, "\1");
		strcat(line, "\\001");
	}
	strcat(line, "\" +++\n");
	EXPECT_LINE(line, mark_event(mark));
}

TEST_F(text, life)
{
	struct event exec = exec_event("a b");

	EXPECT_LINE(LEADER "+++ exec \"a b\", heap starts anew +++\n", exec);
	exec.seccomp = SECCOMP_UNKNOWN;
	EXPECT_LINE(LEADER "+++ exec \"a b\", heap starts anew +++\n", exec);
	exec.seccomp = 1;
	EXPECT_LINE(LEADER "+++ exec \"a b\", heap starts anew, seccomp strict +++\n", exec);
	exec.seccomp = 2;
	EXPECT_LINE(LEADER "+++ exec \"a b\", heap starts anew, seccomp filter +++\n", exec);
	EXPECT_LINE(LEADER "+++ exited with 7 +++\n", exit_event(7 << 8));
	EXPECT_LINE(LEADER "+++ killed by SIGTERM +++\n", exit_event(SIGTERM));
	EXPECT_LINE(LEADER "+++ killed by SIGSEGV (core dumped) +++\n", exit_event(SIGSEGV | 0x80));
}

TEST_F(text, many_processes)
{
	struct event ev = exit_event(0);

	self->fixture.view->many = true;
	EXPECT_LINE(LEADER "[pid 42] +++ exited with 0 +++\n", ev);
	self->fixture.view->timestamp.began = 2 * SECOND;
	EXPECT_LINE("   0.000000 [pid 42] +++ exited with 0 +++\n", ev);
	ev.time = 12347 * SECOND + 999999999;
	EXPECT_LINE("12345.999999 [pid 42] +++ exited with 0 +++\n", ev);
	self->fixture.view->normalize = true;
	EXPECT_LINE("[watch 1] +++ exited with 0 +++\n", ev);
}

TEST_F(text, threads)
{
	struct event query = brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP);
	struct event mark = mark_event("x"), other = query;

	/* The thread that sets a mark does not count as one of the process's threads. */
	mark.tid = 43;
	EXPECT_LINE(LEADER "+++ mark \"x\" +++\n", mark);
	EXPECT_LINE(LEADER "brk(NULL) = 0x555500000000  # heap 0 bytes\n", query);
	other.tid = 43;
	EXPECT_LINE(LEADER "[pid 42 tid 43] brk(NULL) = 0x555500000000  # heap 0 bytes\n", other);
	EXPECT_LINE(LEADER "[pid 42 tid 42] brk(NULL) = 0x555500000000  # heap 0 bytes\n", query);
	EXPECT_LINE(LEADER "[pid 42] +++ mark \"x\" +++\n", mark);
	/* A thread that is not seen in our PID namespace has no number. */
	other.tid = 0;
	EXPECT_LINE(LEADER "[pid 42] brk(NULL) = 0x555500000000  # heap 0 bytes\n", other);
	EXPECT_LINE(LEADER "+++ exec \"lab\", heap starts anew +++\n", exec_event("lab"));
	EXPECT_LINE(LEADER "[pid 42 tid 42] +++ clone: thread 43 +++\n",
		    clone_event(BRKWATCH_CLONE_KIND_THREAD, 43, 0));
	EXPECT_LINE(LEADER "[pid 42] +++ exited with 0 +++\n", exit_event(0));
}

TEST_F(text, threads_of_normalized_text_differ)
{
	struct event other = brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP);

	self->fixture.view->normalize = true;
	other.tid = 43;
	EXPECT_LINE("brk(NULL) = heap  # heap 0 bytes\n", other);
	self->fixture.view->many = true;
	EXPECT_LINE("[watch 1] brk(NULL) = heap  # heap 0 bytes\n", other);
}

TEST_HARNESS_MAIN
