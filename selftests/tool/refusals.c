// SPDX-License-Identifier: GPL-2.0
/*
 * Meets a limit exactly, then exceeds it by one page or mapping:
 *	refusals LIMIT
 *
 * For each refused call it writes what stood in the way, as JSON. The figures are the kernel's, from
 * getrlimit(2) and /proc. It uses no stdio and no malloc, because they would make calls, too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NO_FIGURE (~0UL)
#define NOBODY 65534
#define SYS_MSEAL 462
/* The test makes the group. */
#define GROUP "/sys/fs/cgroup/brkwatch-refusals/"
#define GROUP_MAX "16M"
#define GROUP_BYTES (16UL << 20)
/* More mappings than the test allows. */
#define MANY 1000

static unsigned long page;

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	_exit(1);
}

static const char *contents(const char *path)
{
	static char text[1 << 16];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got, n = 0;

	must(fd >= 0, path);
	while ((got = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += got;
	close(fd);
	text[n] = '\0';
	return text;
}

/* A figure in kB, as bytes. */
static unsigned long figure(const char *path, const char *name)
{
	const char *at = strstr(contents(path), name);

	must(at, name);
	return strtoul(at + strlen(name), NULL, 10) << 10;
}

static unsigned long own_size(const char *name)
{
	return figure("/proc/self/status", name);
}

/* The fields of this file are counted from 1; the name of the program has no spaces. */
static unsigned long stat_field(int n)
{
	const char *at = contents("/proc/self/stat");

	while (--n)
		at = strchr(at, ' ') + 1;
	return strtoul(at, NULL, 10);
}

/* The kernel's own page for old programs is in no address space. */
static unsigned long mappings(void)
{
	const char *at = contents("/proc/self/maps");
	unsigned long n = 0;

	for (; *at; at = strchr(at, '\n') + 1)
		n += *at != 'f';
	return n;
}

static void report_more(const char *call, const char *what, unsigned long limit,
			unsigned long would_be, const char *more)
{
	char line[256], figures[2][32];
	const unsigned long values[] = { limit, would_be };
	int i, n;

	for (i = 0; i < 2; i++)
		if (values[i] == NO_FIGURE)
			snprintf(figures[i], sizeof(figures[i]), "null");
		else
			snprintf(figures[i], sizeof(figures[i]), "%lu", values[i]);
	n = snprintf(line, sizeof(line),
		     "{\"call\": \"%s\", \"what\": \"%s\", \"limit\": %s, \"would_be\": %s%s}\n",
		     call, what, figures[0], figures[1], more);
	must(write(STDOUT_FILENO, line, n) == n, "write");
}

static void report(const char *call, const char *what, unsigned long limit, unsigned long would_be)
{
	report_more(call, what, limit, would_be, "");
}

/* This program made the mapping that is in the way. */
static void report_occupied(const char *call, unsigned long limit, unsigned long would_be)
{
	report_more(call, "occupied", limit, would_be, ", \"by\": \"the program\"");
}

static void set(int resource, unsigned long bytes)
{
	struct rlimit limit;

	must(!getrlimit(resource, &limit), "getrlimit");
	limit.rlim_cur = bytes;
	must(!setrlimit(resource, &limit), "setrlimit");
}

static unsigned long soft(int resource)
{
	struct rlimit limit;

	must(!getrlimit(resource, &limit), "getrlimit");
	return limit.rlim_cur;
}

static char *map(unsigned long bytes, int prot, int flags)
{
	if (!(flags & MAP_SHARED))
		flags |= MAP_PRIVATE;
	return mmap(NULL, bytes, prot, flags | MAP_ANONYMOUS, -1, 0);
}

static char *granted(char *at)
{
	must(at != MAP_FAILED, "a call within the limit");
	return at;
}

static void refused(char *at, int error)
{
	must(at == MAP_FAILED && errno == error, "a call beyond the limit");
}

static void unmap(char *at, unsigned long bytes)
{
	must(!munmap(at, bytes), "munmap");
}

static unsigned long brk_to(unsigned long to)
{
	return syscall(SYS_brk, to);
}

/* The break, moved to the next page. */
static unsigned long whole_heap(void)
{
	unsigned long at = (brk_to(0) + page - 1) & -page;

	must(brk_to(at) == at, "brk");
	return at;
}

/* Moves the break up and back, then asks for one page more. */
static void exceed_by_brk(unsigned long at, unsigned long most)
{
	must(brk_to(at + most) == at + most, "a brk within the limit");
	must(brk_to(at) == at, "brk");
	must(brk_to(at + most + page) == at, "a brk beyond the limit");
}

static void as(void)
{
	unsigned long size = own_size("VmSize:");

	/* The kernel rounds the limit down. */
	set(RLIMIT_AS, size + 4 * page + 100);
	unmap(granted(map(4 * page, PROT_NONE, 0)), 4 * page);
	refused(map(5 * page, PROT_NONE, 0), ENOMEM);
	report("mmap", "RLIMIT_AS", soft(RLIMIT_AS), size + 5 * page);
}

static void as_brk(void)
{
	unsigned long at = whole_heap(), size = own_size("VmSize:");

	set(RLIMIT_AS, size + 4 * page);
	exceed_by_brk(at, 4 * page);
	report("brk", "RLIMIT_AS", soft(RLIMIT_AS), size + 5 * page);
}

static void data(void)
{
	unsigned long size = own_size("VmData:");

	set(RLIMIT_DATA, size + 4 * page);
	unmap(granted(map(4 * page, PROT_READ | PROT_WRITE, 0)), 4 * page);
	refused(map(5 * page, PROT_READ | PROT_WRITE, 0), ENOMEM);
	report("mmap", "RLIMIT_DATA", soft(RLIMIT_DATA), size + 5 * page);
	/* What cannot be written does not count. */
	unmap(granted(map(5 * page, PROT_READ, 0)), 5 * page);
}

static void data_brk(void)
{
	unsigned long at = whole_heap(), size = own_size("VmData:");

	set(RLIMIT_DATA, size + 4 * page);
	exceed_by_brk(at, 4 * page);
	report("brk", "RLIMIT_DATA", soft(RLIMIT_DATA), size + 5 * page);
}

/* brk compares the heap and the initialized data, even where the break moves down. */
static void data_static(void)
{
	unsigned long at = whole_heap(), initialized = stat_field(46) - stat_field(45);
	unsigned long size = at + 4 * page - stat_field(47) + initialized;

	must(brk_to(at + 8 * page) == at + 8 * page, "brk");
	set(RLIMIT_DATA, size);
	must(brk_to(at + 4 * page + 1) == at + 8 * page, "a brk beyond the limit");
	report("brk", "RLIMIT_DATA", soft(RLIMIT_DATA), size + 1);
	must(brk_to(at + 4 * page) == at + 4 * page, "a brk within the limit");
}

/* With MAP_FIXED what was there does not count, unless the limit is exceeded already. */
static void data_fixed(void)
{
	char *first = granted(map(8 * page, PROT_NONE, 0));
	char *second = granted(map(8 * page, PROT_NONE, 0));
	const int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	set(RLIMIT_DATA, own_size("VmData:") + 3 * page);
	granted(mmap(first, 8 * page, prot, flags, -1, 0));
	refused(mmap(second, 8 * page, prot, flags, -1, 0), ENOMEM);
	report("mmap", "RLIMIT_DATA", soft(RLIMIT_DATA), own_size("VmData:"));
}

static void data_mprotect(void)
{
	char *at = granted(map(8 * page, PROT_NONE, 0));
	unsigned long size = own_size("VmData:");

	set(RLIMIT_DATA, size + 4 * page);
	must(!mprotect(at, 4 * page, PROT_READ | PROT_WRITE), "mprotect");
	must(mprotect(at + 4 * page, page, PROT_READ | PROT_WRITE) && errno == ENOMEM, "mprotect");
	report("mprotect", "RLIMIT_DATA", soft(RLIMIT_DATA), size + 5 * page);
}

static void data_mremap(void)
{
	char *at = granted(map(4 * page, PROT_READ | PROT_WRITE, 0));
	unsigned long size = own_size("VmData:");

	set(RLIMIT_DATA, size + 2 * page);
	at = granted(mremap(at, 4 * page, 6 * page, MREMAP_MAYMOVE));
	refused(mremap(at, 6 * page, 7 * page, MREMAP_MAYMOVE), ENOMEM);
	report("mremap", "RLIMIT_DATA", soft(RLIMIT_DATA), size + 3 * page);
}

/* root may lock any memory. The hard limit has room for the program. */
static void drop_rights(void)
{
	struct rlimit limit;

	must(!getrlimit(RLIMIT_MEMLOCK, &limit), "getrlimit");
	set(RLIMIT_MEMLOCK, limit.rlim_max);
	must(!setresgid(NOBODY, NOBODY, NOBODY) && !setresuid(NOBODY, NOBODY, NOBODY), "setresuid");
}

static void memlock(void)
{
	drop_rights();
	set(RLIMIT_MEMLOCK, 4 * page);
	unmap(granted(map(4 * page, PROT_READ, MAP_LOCKED)), 4 * page);
	refused(map(5 * page, PROT_READ, MAP_LOCKED), EAGAIN);
	report("mmap", "RLIMIT_MEMLOCK", soft(RLIMIT_MEMLOCK), 5 * page);
}

static void memlock_future(void)
{
	unsigned long at, size;

	drop_rights();
	must(!mlockall(MCL_CURRENT | MCL_FUTURE), "mlockall");
	at = whole_heap();
	size = own_size("VmLck:");
	set(RLIMIT_MEMLOCK, size + 4 * page);
	unmap(granted(map(4 * page, PROT_READ, 0)), 4 * page);
	refused(map(5 * page, PROT_READ, 0), EAGAIN);
	report("mmap", "RLIMIT_MEMLOCK", soft(RLIMIT_MEMLOCK), size + 5 * page);
	exceed_by_brk(at, 4 * page);
	report("brk", "RLIMIT_MEMLOCK", soft(RLIMIT_MEMLOCK), size + 5 * page);
}

/* Advice that does not apply to locked memory. */
static void locked(void)
{
	char *at;

	must(!mlockall(MCL_CURRENT | MCL_FUTURE), "mlockall");
	at = granted(map(64 * page, PROT_READ | PROT_WRITE, 0));
	must(madvise(at, 64 * page, MADV_DONTNEED) && errno == EINVAL, "madvise");
	report("madvise", "locked", NO_FIGURE, NO_FIGURE);
}

static void too_many_mappings(void)
{
	unsigned long max = strtoul(contents("/proc/sys/vm/max_map_count"), NULL, 10);
	char *at = granted(map(2 * MANY * page, PROT_READ | PROT_WRITE, 0));
	unsigned long i = 0;

	while (i < MANY && !mprotect(at + 2 * i * page, page, PROT_READ))
		i++;
	must(i < MANY / 2 && errno == ENOMEM, "too many mappings for mprotect");
	must(mappings() == max, "mappings at the limit");
	report("mprotect", "max_map_count", max, max + 1);
	/* mmap looks only whether there are too many already. */
	granted(map(page, PROT_READ, MAP_SHARED));
	refused(map(page, PROT_READ, MAP_SHARED), ENOMEM);
	report("mmap", "max_map_count", max, mappings() + 1);
	must(munmap(at + 3 * MANY / 2 * page, page) && errno == ENOMEM, "a hole in a mapping");
	report("munmap", "max_map_count", max, mappings() + 1);
}

static void overcommit_guess(void)
{
	unsigned long all =
		figure("/proc/meminfo", "MemTotal:") + figure("/proc/meminfo", "SwapTotal:");

	unmap(granted(map(all, PROT_READ | PROT_WRITE, 0)), all);
	refused(map(all + page, PROT_READ | PROT_WRITE, 0), ENOMEM);
	report("mmap", "overcommit", all, all + page);
	/* This is no promise. */
	unmap(granted(map(all + page, PROT_READ, 0)), all + page);
}

/* The kernel's own sum is not exact, so the first call stays well below the limit. */
static void overcommit_never(void)
{
	unsigned long limit = figure("/proc/meminfo", "CommitLimit:");
	unsigned long promised = figure("/proc/meminfo", "Committed_AS:");
	unsigned long half = (limit - promised) / 2 & -page;

	unmap(granted(map(half, PROT_READ | PROT_WRITE, 0)), half);
	refused(map(limit, PROT_READ | PROT_WRITE, MAP_NORESERVE), ENOMEM);
	report("mmap", "overcommit", limit, promised + limit);
}

/* A page must stay free below the mapping. */
static void occupied(void)
{
	unsigned long at = whole_heap();
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	char *wall = granted(mmap((char *)at + 4 * page, page, PROT_READ, flags, -1, 0));

	exceed_by_brk(at, 3 * page);
	report_occupied("brk", 3 * page, 4 * page);
	refused(mmap(wall, page, PROT_READ, flags, -1, 0), EEXIST);
	report_occupied("mmap", NO_FIGURE, NO_FIGURE);
}

static void occupied_mremap(void)
{
	char *at = granted(map(4 * page, PROT_READ | PROT_WRITE, 0));

	unmap(at + page, 2 * page);
	granted(mremap(at, page, 3 * page, 0));
	refused(mremap(at, 3 * page, 4 * page, 0), ENOMEM);
	report_occupied("mremap", 0, page);
}

static void out_of_reach(void)
{
	unsigned long at = whole_heap(), start = stat_field(47);

	must(brk_to(1UL << 57) == at, "a brk that is too high");
	report("brk", "out_of_reach", NO_FIGURE, NO_FIGURE);
	must(brk_to(start - 1) == at, "a brk below the heap");
	report("brk", "out_of_reach", NO_FIGURE, NO_FIGURE);
	refused(map(1UL << 57, PROT_NONE, 0), ENOMEM);
	report("mmap", "out_of_reach", NO_FIGURE, NO_FIGURE);
}

/* Kernels before 6.10 do not have the call. */
static void sealed(void)
{
	char *at = granted(map(2 * page, PROT_READ, 0));

	if (syscall(SYS_MSEAL, at, page, 0)) {
		must(errno == ENOSYS, "mseal");
		return;
	}
	must(munmap(at, page) && errno == EPERM, "munmap");
	report("munmap", "sealed", NO_FIGURE, NO_FIGURE);
	must(mprotect(at, page, PROT_NONE) && errno == EPERM, "mprotect");
	report("mprotect", "sealed", NO_FIGURE, NO_FIGURE);
}

static int opened(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0, path);
	return fd;
}

static void put(int fd, const char *text)
{
	must(write(fd, text, strlen(text)) == (ssize_t)strlen(text), text);
}

/* The kernel finds nothing to reclaim in the group and nobody to kill, so that the call fails. */
static void full_group(void)
{
	char *at = granted(map(2 * GROUP_BYTES, PROT_READ | PROT_WRITE, 0));
	int limit = opened(GROUP "memory.max");
	bool is_refused;

	put(opened("/proc/self/oom_score_adj"), "-1000");
	put(opened(GROUP "cgroup.procs"), "0");
	put(limit, GROUP_MAX);
	is_refused = madvise(at, 2 * GROUP_BYTES, MADV_POPULATE_WRITE) && errno == ENOMEM;
	/* Without room in the group the program could not go on. */
	put(limit, "max");
	must(is_refused, "populate");
	report_more("madvise", "cgroup", NO_FIGURE, NO_FIGURE, ", \"guess\": true");
}

static void several(void)
{
	unsigned long size = own_size("VmSize:"), written = own_size("VmData:");

	set(RLIMIT_AS, size + page);
	set(RLIMIT_DATA, written + page);
	unmap(granted(map(page, PROT_READ | PROT_WRITE, 0)), page);
	refused(map(2 * page, PROT_READ | PROT_WRITE, 0), ENOMEM);
	report("mmap", "RLIMIT_AS", soft(RLIMIT_AS), size + 2 * page);
	report("mmap", "RLIMIT_DATA", soft(RLIMIT_DATA), written + 2 * page);
}

static void unknown(void)
{
	must(munmap((char *)page + 1, page) && errno == EINVAL, "munmap");
	report("munmap", "unknown", NO_FIGURE, NO_FIGURE);
}

static const struct {
	const char *name;
	void (*exceed)(void);
} limits[] = {
	{ "as", as },
	{ "as-brk", as_brk },
	{ "data", data },
	{ "data-brk", data_brk },
	{ "data-static", data_static },
	{ "data-fixed", data_fixed },
	{ "data-mprotect", data_mprotect },
	{ "data-mremap", data_mremap },
	{ "memlock", memlock },
	{ "memlock-future", memlock_future },
	{ "locked", locked },
	{ "max-map-count", too_many_mappings },
	{ "overcommit-guess", overcommit_guess },
	{ "overcommit-never", overcommit_never },
	{ "occupied", occupied },
	{ "occupied-mremap", occupied_mremap },
	{ "out-of-reach", out_of_reach },
	{ "sealed", sealed },
	{ "cgroup", full_group },
	{ "several", several },
	{ "unknown", unknown },
};

int main(int argc, char **argv)
{
	size_t i;

	page = sysconf(_SC_PAGESIZE);
	for (i = 0; argc == 2 && i < ARRAY_SIZE(limits); i++)
		if (!strcmp(limits[i].name, argv[1])) {
			limits[i].exceed();
			return 0;
		}
	return 2;
}
