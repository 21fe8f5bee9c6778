// SPDX-License-Identifier: GPL-2.0
/* A file names others as those with its debug information, and libdwfl opens none of them. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "stack/lookups.h"

#define PATH_ROOM 96

/* What libdwfl does by itself. */
static const Dwfl_Callbacks standard = {
	.find_elf = dwfl_linux_proc_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

FIXTURE(copies)
{
	char folder[32];
	char program[PATH_ROOM];
	char debug[PATH_ROOM];
	char stripped[PATH_ROOM];
	char link[PATH_ROOM];
	char linked[PATH_ROOM];
};

__attribute__((format(printf, 1, 2))) static bool run(const char *format, ...)
{
	char *command;
	va_list args;
	int status;

	va_start(args, format);
	if (vasprintf(&command, format, args) < 0)
		abort();
	va_end(args);
	status = system(command);
	free(command);
	return !status;
}

/* A name and a build ID, as the section .gnu_debugaltlink has them. */
static void write_link(const char *path)
{
	static const char link[] = "/no/such/file\0aaaaaaaaaaaaaaaaaaa";
	FILE *file = fopen(path, "we");

	if (!file || fwrite(link, sizeof(link), 1, file) != 1 || fclose(file))
		abort();
}

FIXTURE_SETUP(copies)
{
	snprintf(self->folder, sizeof(self->folder), "/tmp/brkwatch-debug-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->folder));
	snprintf(self->program, PATH_ROOM, "/proc/%d/exe", getpid());
	snprintf(self->debug, PATH_ROOM, "%s/debug", self->folder);
	snprintf(self->stripped, PATH_ROOM, "%s/stripped", self->folder);
	snprintf(self->link, PATH_ROOM, "%s/link", self->folder);
	snprintf(self->linked, PATH_ROOM, "%s/linked", self->folder);
	write_link(self->link);
	ASSERT_TRUE(run("objcopy --only-keep-debug %s %s", self->program, self->debug));
	ASSERT_TRUE(run("objcopy --strip-debug --add-gnu-debuglink=%s %s %s", self->debug,
			self->program, self->stripped));
	ASSERT_TRUE(run("objcopy --add-section .gnu_debugaltlink=%s %s %s", self->link,
			self->program, self->linked));
}

FIXTURE_TEARDOWN(copies)
{
	unlink(self->debug);
	unlink(self->stripped);
	unlink(self->link);
	unlink(self->linked);
	rmdir(self->folder);
}

static Dwfl_Module *report(Dwfl *dwfl, const char *path)
{
	Dwfl_Module *module;

	dwfl_report_begin(dwfl);
	module = dwfl_report_elf(dwfl, path, path, open(path, O_RDONLY | O_CLOEXEC), 0, true);
	if (!module || dwfl_report_end(dwfl, NULL, NULL))
		abort();
	return module;
}

static bool has_debug_info(const Dwfl_Callbacks *callbacks, const char *path)
{
	Dwfl *dwfl = dwfl_begin(callbacks);
	Dwarf_Addr bias;
	bool has = dwfl_module_getdwarf(report(dwfl, path), &bias);

	dwfl_end(dwfl);
	return has;
}

static bool ends(const char *path)
{
	Dwfl *dwfl = dwfl_begin(&lookups);
	bool end = lookups_end(report(dwfl, path));

	dwfl_end(dwfl);
	return end;
}

TEST_F(copies, a_file_beside)
{
	EXPECT_TRUE(has_debug_info(&lookups, self->program));
	EXPECT_TRUE(has_debug_info(&standard, self->stripped));
	EXPECT_FALSE(has_debug_info(&lookups, self->stripped));
}

TEST_F(copies, another_file)
{
	EXPECT_TRUE(ends(self->program));
	EXPECT_TRUE(ends(self->stripped));
	EXPECT_FALSE(ends(self->linked));
}

TEST_HARNESS_MAIN
