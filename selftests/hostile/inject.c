// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation and each registration of the module fails once: the first, then the
 * second, until a request succeeds without a failure. Each time the module must answer with
 * an error and a message, or succeed; then the same request must work, and nothing may be
 * left behind. The test needs a kernel that injects faults.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <netlink/attr.h>

#include "kselftest.h"
#include "../module/peer.h"

#define MODULE "/opt/brkwatch/brkwatch.ko"
#define DEBUG "/sys/kernel/debug/"
/* The needed probes and two instances are enough: a thousand like allocations fail alike. */
#define FEW                                                                                 \
	"maxactive=2 symbols=__x64_sys_brk,__x64_sys_mmap,__x64_sys_munmap,"                \
	"__x64_sys_mremap,__x64_sys_mprotect,none,none,none,none,none,none,none,none,none," \
	"none,none,none,none,none,none"
/* Neither a request nor the loading of the module allocates so often. */
#define FAILURES_MAX 2000

#define N(array) (sizeof(array) / sizeof((array)[0]))

static int nth_file;
static void *module_image;
static size_t module_bytes;

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		ksft_exit_fail_msg("cannot write %s to %s\n", text, path);
	close(fd);
}

static void fail_nth(unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	if (pwrite(nth_file, text, strlen(text), 0) < 0)
		ksft_exit_fail_msg("cannot write fail-nth\n");
}

/* Ends the injection; returns whether there was an nth allocation. */
static bool has_failed(void)
{
	char text[16] = "";
	bool failed;

	if (pread(nth_file, text, sizeof(text) - 1, 0) <= 0)
		ksft_exit_fail_msg("cannot read fail-nth\n");
	failed = !atoi(text);
	fail_nth(0);
	return failed;
}

static void set_limit(const char *attribute, const char *limit, unsigned long at)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), DEBUG "%s/require-%s", attribute, limit);
	snprintf(text, sizeof(text), "%#lx", at);
	write_text(path, text);
}

/* Only allocations that this range of code asks for fail. */
static void set_range(unsigned long start, unsigned long end)
{
	set_limit("failslab", "start", start);
	set_limit("failslab", "end", end);
	set_limit("fail_page_alloc", "start", start);
	set_limit("fail_page_alloc", "end", end);
}

static void set_range_of_module(void)
{
	FILE *file = fopen("/sys/module/brkwatch/sections/.text", "r");
	unsigned long at;

	if (!file || fscanf(file, "%lx", &at) != 1)
		ksft_exit_fail_msg("the module is not loaded\n");
	fclose(file);
	set_range(at, at + (1 << 20));
}

/* Sets the range to one function of the kernel. */
static void set_range_of(const char *function)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	unsigned long at, start = 0;
	char symbol[256];

	while (file && fscanf(file, "%lx %*c %255s%*[^\n]", &at, symbol) == 2) {
		if (start && at > start) {
			fclose(file);
			set_range(start, at);
			return;
		}
		if (!strcmp(symbol, function))
			start = at;
	}
	ksft_exit_fail_msg("this kernel has no %s\n", function);
}

/*
 * Reads the module beforehand, because 9p, the file system of the module, has answered
 * EINVAL for ever after its own allocations failed.
 */
static void read_module(void)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		ksft_exit_fail_msg("cannot open %s\n", MODULE);
	module_bytes = status.st_size;
	module_image = malloc(module_bytes);
	if (!module_image || read(fd, module_image, module_bytes) != (ssize_t)module_bytes)
		ksft_exit_fail_msg("cannot read %s\n", MODULE);
	close(fd);
}

static int load(const char *parameters)
{
	return syscall(SYS_init_module, module_image, module_bytes, parameters) ? errno : 0;
}

static void set_up(void)
{
	if (access(DEBUG "failslab", F_OK))
		ksft_exit_skip("this kernel injects no faults\n");
	write_text(DEBUG "failslab/ignore-gfp-wait", "N");
	write_text(DEBUG "fail_page_alloc/ignore-gfp-wait", "N");
	write_text(DEBUG "fail_page_alloc/min-order", "0");
	write_text(DEBUG "failslab/verbose", "0");
	write_text(DEBUG "fail_page_alloc/verbose", "0");
	write_text(DEBUG "failslab/stacktrace-depth", "32");
	write_text(DEBUG "fail_page_alloc/stacktrace-depth", "32");
	read_module();
	if (syscall(SYS_delete_module, "brkwatch", 0) || load(FEW))
		ksft_exit_fail_msg("cannot load the module anew\n");
	nth_file = open("/proc/thread-self/fail-nth", O_RDWR);
	if (nth_file < 0)
		ksft_exit_fail_msg("no fail-nth\n");
}

static int session(struct peer *peer)
{
	struct nl_msg *msg = peer_request(peer, BRKWATCH_CMD_SESSION_NEW, 0);

	nla_put_u32(msg, BRKWATCH_A_SESSION_RING_BYTES, 1 << 14);
	nla_put_u32(msg, BRKWATCH_A_SESSION_EVENTS, ALL_KINDS);
	nla_put_string(msg, BRKWATCH_A_SESSION_COMM, "*");
	nla_put_string(msg, BRKWATCH_A_SESSION_CGROUP, "/");
	nla_put_flag(msg, BRKWATCH_A_SESSION_FOLLOW);
	nla_put_u32(msg, BRKWATCH_A_SESSION_STACK_BYTES, 1 << 11);
	nla_put_flag(msg, BRKWATCH_A_SESSION_ASKERS);
	nla_put_flag(msg, BRKWATCH_A_SESSION_LIMITS);
	return peer_call(peer, msg, NULL, NULL);
}

static int watch(struct peer *peer)
{
	int id = peer_watch(peer, getpid(), false);

	return id < 0 ? id : 0;
}

static int watch_all(struct peer *peer)
{
	return peer_call(peer, peer_request(peer, BRKWATCH_CMD_WATCH_ALL, 0), NULL, NULL);
}

static int watch_get(struct peer *peer)
{
	return peer_watches(peer, NULL, NULL);
}

static int drain(struct peer *peer)
{
	syscall(SYS_brk, 0);
	return peer_drain(peer, NULL, NULL);
}

static int snapshot(struct peer *peer)
{
	struct nl_msg *msg = peer_request(peer, BRKWATCH_CMD_SNAPSHOT_GET, NLM_F_DUMP);

	nla_put_u32(msg, BRKWATCH_A_AREA_WATCH, 1);
	return peer_call(peer, msg, NULL, NULL);
}

static int image_get(struct peer *peer)
{
	struct nl_msg *msg = peer_request(peer, BRKWATCH_CMD_IMAGE_GET, NLM_F_DUMP);

	nla_put_u32(msg, BRKWATCH_A_IMAGE_WATCH, 1);
	return peer_call(peer, msg, NULL, NULL);
}

static void count_image(struct nlattr **tb, void *arg)
{
	*(uint64_t *)arg += !!tb[BRKWATCH_A_IMAGE_PATH];
}

static void add_lost(struct nlattr **tb, void *arg)
{
	*(uint64_t *)arg += peer_u64(tb, BRKWATCH_A_SESSION_LOST_IMAGE);
}

/* The image may fail on our way back, not mmap(): the module returns or counts the image. */
static int map_code(struct peer *peer)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), err;
	void *at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	uint64_t images = 0;

	close(fd);
	if (at == MAP_FAILED || munmap(at, 4096))
		return -errno;
	err = peer_call(peer, peer_request(peer, BRKWATCH_CMD_IMAGE_GET, NLM_F_DUMP), count_image,
			&images);
	if (!err)
		err = peer_call(peer, peer_request(peer, BRKWATCH_CMD_SESSION_GET, 0), add_lost,
				&images);
	return err || images == 1 ? err : -EPROTO;
}

static int session_get(struct peer *peer)
{
	return peer_call(peer, peer_request(peer, BRKWATCH_CMD_SESSION_GET, 0), NULL, NULL);
}

static int probes(struct peer *peer)
{
	return peer_call(peer, peer_request(peer, BRKWATCH_CMD_PROBE_GET, NLM_F_DUMP), NULL, NULL);
}

static int mark(struct peer *peer)
{
	struct nl_msg *msg = peer_request(peer, BRKWATCH_CMD_MARK, 0);

	nla_put_u32(msg, BRKWATCH_A_MARK_PID, getpid());
	nla_put_string(msg, BRKWATCH_A_MARK_TEXT, "injected");
	return peer_call(peer, msg, NULL, NULL);
}

static int unwatch(struct peer *peer)
{
	uint64_t calls;

	return peer_unwatch(peer, 1, &calls, BRKWATCH_A_WATCH_BRK_CALLS);
}

/**
 * struct request - a request that the test makes fail
 * @name: name in the spec
 * @make: function that makes the request
 * @opened: the session is open and watches us
 * @first: there is no other session, so the probes go in too
 */
static const struct request {
	const char *name;
	int (*make)(struct peer *peer);
	bool opened;
	bool first;
} requests[] = {
	{ "first session-new", session, false, true },
	{ "session-new", session, false, false },
	{ "watch-new", watch, false, false },
	{ "watch-all", watch_all, false, false },
	{ "session-get", session_get, true, false },
	{ "watch-get", watch_get, true, false },
	{ "drain", drain, true, false },
	{ "snapshot-get", snapshot, true, false },
	{ "image-get", image_get, true, false },
	{ "an mmap of code", map_code, true, false },
	{ "probe-get", probes, true, false },
	{ "mark", mark, true, false },
	{ "watch-del", unwatch, true, false },
};

static int prepare(const struct request *request, struct peer *peer)
{
	int err = peer_open(peer);

	if (!err && request->make != session)
		err = session(peer);
	if (!err && request->opened)
		err = watch(peer);
	return err;
}

/* Makes allocation @n fail; clears *more when there was no such allocation. */
static bool one(const struct request *request, unsigned int n, bool *more)
{
	struct peer peer;
	int err = prepare(request, &peer), refused;

	if (err) {
		ksft_print_msg("before failure %u: %d (%s)\n", n, err, peer.extack);
		return false;
	}
	fail_nth(n);
	err = request->make(&peer);
	*more = has_failed();
	refused = err;
	if (err && (!*more || !peer.extack[0] || (err != -ENOMEM && err != -ENOBUFS)))
		ksft_print_msg("failure %u: %d (%s)\n", n, err, peer.extack);
	else
		err = 0;
	/* After a refused session-new the reader has no session, so it can ask again. */
	if (refused && request->make == session && session(&peer)) {
		ksft_print_msg("asked again after failure %u: %s\n", n, peer.extack);
		err = refused;
	}
	peer_close(&peer);
	return !err;
}

static void test_request(const struct request *request)
{
	bool more = true, good = true;
	struct peer other = {};
	unsigned int n = 0;

	if (!request->first && (peer_open(&other) || session(&other)))
		ksft_exit_fail_msg("no other session: %s\n", other.extack);
	set_range_of_module();
	while (more && good && n < FAILURES_MAX)
		good = one(request, ++n, &more);
	peer_close(&other);
	ksft_test_result(good && !more, "%s: %u allocations failed\n", request->name, n - 1);
}

/* Without FEW, because the module hooks no function directly that a parameter names. */
static void test_direct(void)
{
	const struct request direct = { "first session-new, hook=direct", session, false, true };

	if (syscall(SYS_delete_module, "brkwatch", 0) || load("hook=direct"))
		ksft_exit_fail_msg("cannot load the module with hook=direct\n");
	test_request(&direct);
}

static bool is_loaded(void)
{
	return !access("/sys/module/brkwatch", F_OK);
}

/* Tests only the module's own init; the kernel's work before that is not ours. */
static void test_load(void)
{
	bool more = true, good = !syscall(SYS_delete_module, "brkwatch", 0);
	unsigned int n = 0, refused = 0;

	set_range_of("do_init_module");
	while (more && good && n < FAILURES_MAX) {
		int err;

		fail_nth(++n);
		err = load("");
		more = has_failed();
		good = is_loaded() == !err && (!err || more);
		refused += !!err;
		if (!err)
			good &= !syscall(SYS_delete_module, "brkwatch", 0);
		if (!good)
			ksft_print_msg("failure %u: errno %d, %sloaded\n", n, err,
				       is_loaded() ? "" : "not ");
	}
	good &= !load("");
	ksft_test_result(good && !more && refused,
			 "loading: %u allocations failed, %u refused it\n", n - 1, refused);
}

int main(void)
{
	size_t i;

	ksft_print_header();
	set_up();
	ksft_set_plan(N(requests) + 2);
	for (i = 0; i < N(requests); i++)
		test_request(&requests[i]);
	test_direct();
	test_load();
	ksft_finished();
}
