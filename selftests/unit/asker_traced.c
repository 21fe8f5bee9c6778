// SPDX-License-Identifier: GPL-2.0
/* Whose code makes the calls of a real program, which ptrace(2) stops at each of them. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "run/elf_child.h"
#include "stack/asker.h"

/* The module sends no more of a brk. */
#define WORDS 14

/* The program, its code, and who made its calls of each kind. */
static struct {
	pid_t pid;
	struct elf_files files;
	struct exec_maps maps;
	uint64_t brk;
	int mmaps[OWNERS];
	int brks[OWNERS];
} traced;

static void take_line(const char *line)
{
	struct image image = { .watch = 1 };
	char path[512], flags[8];
	struct elf_file *file;
	struct stat found;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %*s %*s %511[^\n]", &image.start,
		   &image.end, flags, &image.offset, path) != 5 ||
	    flags[2] != 'x' || path[0] != '/' || stat(path, &found))
		return;
	image.path = path;
	image.file_size = found.st_size;
	image.file_time = found.st_mtim.tv_sec * 1000000000ULL + found.st_mtim.tv_nsec;
	if (exec_maps_add(&traced.maps, &image) || elf_files_add(&traced.files, &image))
		abort();
	file = elf_files_next(&traced.files);
	if (file && elf_file_read(&traced.files, file, traced.pid))
		abort();
}

static void read_maps(void)
{
	char name[64], line[1024];
	FILE *maps;

	exec_maps_free(&traced.maps);
	snprintf(name, sizeof(name), "/proc/%d/maps", traced.pid);
	maps = fopen(name, "re");
	while (maps && fgets(line, sizeof(line), maps))
		take_line(line);
	if (maps)
		fclose(maps);
}

static void look(const struct __ptrace_syscall_info *info)
{
	struct event ev = { .watch = 1, .asker.ip = info->instruction_pointer };
	struct iovec to = { ev.asker.words, WORDS * sizeof(*ev.asker.words) };
	struct iovec from = { (void *)info->stack_pointer, to.iov_len };
	ssize_t len;
	struct asker asker;

	if (info->entry.nr != SYS_brk &&
	    (info->entry.nr != SYS_mmap || !(info->entry.args[3] & MAP_ANONYMOUS)))
		return;
	len = process_vm_readv(traced.pid, &to, 1, &from, 1, 0);
	ev.asker.n = len > 0 ? len / sizeof(*ev.asker.words) : 0;
	read_maps();
	asker_find(&traced.files, &traced.maps, &ev, &asker);
	if (info->entry.nr == SYS_mmap)
		traced.mmaps[asker.owner]++;
	else if (info->entry.args[0])
		traced.brks[asker.owner]++;
}

static void trace(void)
{
	struct __ptrace_syscall_info info;
	int status;

	while (waitpid(traced.pid, &status, 0) == traced.pid && WIFSTOPPED(status)) {
		if (WSTOPSIG(status) == (SIGTRAP | 0x80) &&
		    ptrace(PTRACE_GET_SYSCALL_INFO, traced.pid, sizeof(info), &info) > 0 &&
		    info.op == PTRACE_SYSCALL_INFO_ENTRY)
			look(&info);
		ptrace(PTRACE_SETOPTIONS, traced.pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
		ptrace(PTRACE_SYSCALL, traced.pid, 0, 0);
	}
}

TEST(a_shell)
{
	int owner;

	traced.pid = fork();
	ASSERT_LE(0, traced.pid);
	if (!traced.pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execl("/bin/sh", "sh", "-c", ":", NULL);
		_exit(127);
	}
	trace();
	/* The loader and glibc's malloc, which moves the break by sbrk(), and nobody else. */
	EXPECT_LE(1, traced.mmaps[OWNER_LOADER]);
	EXPECT_LE(1, traced.brks[OWNER_GLIBC]);
	for (owner = 0; owner < OWNERS; owner++) {
		if (owner == OWNER_LOADER || owner == OWNER_GLIBC)
			continue;
		EXPECT_EQ(0, traced.mmaps[owner]) TH_LOG("owner %d", owner);
		EXPECT_EQ(0, traced.brks[owner]) TH_LOG("owner %d", owner);
	}
	EXPECT_EQ(0, traced.brks[OWNER_LOADER]);
	exec_maps_free(&traced.maps);
	elf_files_free(&traced.files);
}

TEST_HARNESS_MAIN
