// SPDX-License-Identifier: GPL-2.0
/*
 * Mapped files that their owner makes shorter. libelf maps the files of watched processes, whose
 * user may cut them at any time. An access to a page that is no longer in the file raises SIGBUS.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stack/cut_files.h"

static uintptr_t page;

/* Puts a page of zeros there, and the access happens again. mmap() is a mere system call. */
static bool fill(uintptr_t addr)
{
	void *at = (void *)(addr & -page);

	return mmap(at, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) != MAP_FAILED;
}

/* A signal that another process sent, and memory that is broken, end the tool as without us. */
static void handle(int sig, siginfo_t *info, void *context)
{
	int err = errno;

	(void)context;
	if (info->si_code != BUS_ADRERR || !fill((uintptr_t)info->si_addr)) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
	errno = err;
}

void cut_files_bear(void)
{
	const struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO };

	page = sysconf(_SC_PAGESIZE);
	sigaction(SIGBUS, &action, NULL);
}
