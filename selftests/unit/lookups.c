// SPDX-License-Identifier: GPL-2.0
/* A file names others as those with its debug information, and libdwfl opens none of them. */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
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

/* A server of debug information, and how often somebody has asked it. */
struct server {
	int fd;
	atomic_int asked;
};

FIXTURE(server)
{
	struct server server;
	pthread_t thread;
	char url[64];
	char cache[32];
	char stripped[PATH_ROOM];
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

static Dwfl *standard_begin(void)
{
	return dwfl_begin(&standard);
}

static bool has_debug_info(Dwfl *(*begin)(void), const char *path)
{
	Dwfl *dwfl = begin();
	Dwarf_Addr bias;
	bool has = dwfl_module_getdwarf(report(dwfl, path), &bias);

	dwfl_end(dwfl);
	return has;
}

static bool ends(const char *path)
{
	Dwfl *dwfl = lookups_begin();
	bool end = lookups_end(report(dwfl, path));

	dwfl_end(dwfl);
	return end;
}

TEST_F(copies, a_file_beside)
{
	EXPECT_TRUE(has_debug_info(lookups_begin, self->program));
	EXPECT_TRUE(has_debug_info(standard_begin, self->stripped));
	EXPECT_FALSE(has_debug_info(lookups_begin, self->stripped));
}

TEST_F(copies, another_file)
{
	EXPECT_TRUE(ends(self->program));
	EXPECT_TRUE(ends(self->stripped));
	EXPECT_FALSE(ends(self->linked));
}

/* Each connection ends at once, so that nobody waits for an answer. */
static void *serve(void *arg)
{
	struct server *server = arg;
	int fd;

	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		server->asked++;
		close(fd);
	}
	return NULL;
}

FIXTURE_SETUP(server)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	self->server.asked = 0;
	self->server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT_LE(0, self->server.fd);
	ASSERT_EQ(0, bind(self->server.fd, (struct sockaddr *)&address, sizeof(address)));
	ASSERT_EQ(0, listen(self->server.fd, 8));
	ASSERT_EQ(0, getsockname(self->server.fd, (struct sockaddr *)&address, &len));
	snprintf(self->url, sizeof(self->url), "http://127.0.0.1:%u/", ntohs(address.sin_port));
	snprintf(self->cache, sizeof(self->cache), "/tmp/brkwatch-cache-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->cache));
	snprintf(self->stripped, sizeof(self->stripped), "%s/stripped", self->cache);
	ASSERT_TRUE(run("objcopy --strip-debug /proc/%d/exe %s", getpid(), self->stripped));
	setenv("DEBUGINFOD_CACHE_PATH", self->cache, 1);
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, serve, &self->server));
}

FIXTURE_TEARDOWN(server)
{
	shutdown(self->server.fd, SHUT_RDWR);
	pthread_join(self->thread, NULL);
	close(self->server.fd);
	run("rm -r %s", self->cache);
}

TEST_F(server, not_asked)
{
	setenv("DEBUGINFOD_URLS", self->url, 1);
	EXPECT_FALSE(has_debug_info(lookups_begin, self->stripped));
	EXPECT_EQ(0, self->server.asked);
	setenv("DEBUGINFOD_URLS", self->url, 1);
	EXPECT_FALSE(has_debug_info(standard_begin, self->stripped));
	if (!self->server.asked)
		SKIP(return, "libdw asks no server by itself either; install libdebuginfod1");
}

TEST_HARNESS_MAIN
