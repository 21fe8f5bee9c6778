// SPDX-License-Identifier: GPL-2.0
/* Reading /proc/PID/maps and smaps. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "run/proc_facts.h"
#include "run/proc_maps.h"
#include "ledger/tag.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct line - one area, as its line describes it
 * @start: first address
 * @end: first address after
 * @perms: as in "rw-p"
 * @inode: of the file
 * @name: what is at the end of the line
 */
struct line {
	uint64_t start;
	uint64_t end;
	char perms[5];
	uint64_t inode;
	const char *name;
};

/* Other lines of smaps are no areas; some begin with hexadecimal digits all the same. */
static bool read_line(const char *text, struct line *line)
{
	struct line area;
	int at = 0;

	if (sscanf(text, "%" SCNx64 "-%" SCNx64 " %4[rwxsp-] %*x %*x:%*x %" SCNu64 "%n",
		   &area.start, &area.end, area.perms, &area.inode, &at) != 4 ||
	    strlen(area.perms) != 4 || area.start >= area.end)
		return false;
	area.name = text + at + strspn(text + at, " ");
	*line = area;
	return true;
}

static bool is_anonymous(const struct line *line)
{
	static const char *const others[] = { "[stack]", "[vdso]", "[vvar", "[vsyscall]",
					      "[uprobes]" };
	size_t i;

	if (line->perms[3] != 'p' || line->inode)
		return false;
	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (!strncmp(line->name, others[i], strlen(others[i])))
			return false;
	return true;
}

static uint32_t prot_of(const char *perms)
{
	return (perms[0] == 'r' ? PROT_BIT_READ : 0) | (perms[1] == 'w' ? PROT_BIT_WRITE : 0) |
	       (perms[2] == 'x' ? PROT_BIT_EXEC : 0);
}

int proc_maps_load(FILE *file, struct ranges *set)
{
	struct line line;
	char *text = NULL;
	size_t room = 0, areas = 0;
	int err = 0;

	while (!err && getline(&text, &room, file) > 0) {
		if (!read_line(text, &line))
			continue;
		areas++;
		if (is_anonymous(&line))
			err = ranges_set(set, line.start, line.end, prot_of(line.perms));
	}
	free(text);
	if (!err && ferror(file))
		return -EIO;
	return err || areas ? err : -ENODATA;
}

/* The line looks like "VmFlags: rd wr mr mw me gd ac". */
static bool grows_down(const char *text)
{
	return !strncmp(text, "VmFlags:", strlen("VmFlags:")) && strstr(text, " gd");
}

int proc_maps_drop_stacks(FILE *smaps, struct ranges *set)
{
	struct line line = { 0 };
	char *text = NULL;
	size_t room = 0;
	int err = 0;

	while (!err && getline(&text, &room, smaps) > 0) {
		if (!read_line(text, &line) && grows_down(text))
			err = ranges_clear(set, line.start, line.end);
	}
	free(text);
	return err;
}

static int read_file(pid_t pid, const char *tid, const char *name,
		     int (*take)(FILE *file, void *arg), void *arg)
{
	char path[PATH_MAX];
	FILE *file;
	int err;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/%s", pid, tid, name);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	err = take(file, arg);
	fclose(file);
	return err;
}

/* Read the file of any thread, because the first one of a process may be gone before the others. */
static int read_any(pid_t pid, const char *name, int (*take)(FILE *file, void *arg), void *arg)
{
	struct dirent *entry;
	int err = -ENODATA;
	char path[64];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	threads = opendir(path);
	if (!threads)
		return -errno;
	while (err == -ENODATA && (entry = readdir(threads)))
		if (entry->d_name[0] != '.')
			err = read_file(pid, entry->d_name, name, take, arg);
	closedir(threads);
	return err;
}

static int take_all(FILE *maps, void *arg)
{
	return proc_maps_load(maps, arg);
}

static int take_set(FILE *smaps, void *arg)
{
	int err = proc_maps_load(smaps, arg);

	rewind(smaps);
	return err ?: proc_maps_drop_stacks(smaps, arg);
}

int proc_maps_read(pid_t pid, bool stacks, struct ranges *set)
{
	return stacks ? read_any(pid, "maps", take_all, set) :
			read_any(pid, "smaps", take_set, set);
}

/* The line looks like "Rss:      4 kB". */
static bool read_size(const char *text, const char *name, uint64_t *bytes)
{
	size_t len = strlen(name);
	uint64_t kib;

	if (strncmp(text, name, len) || sscanf(text + len, "%" SCNu64 " kB", &kib) != 1)
		return false;
	*bytes += kib << 10;
	return true;
}

static bool take_size(const char *text, struct mapped_area *area)
{
	bool is_rss = read_size(text, "Rss:", &area->resident);

	area->sized |= is_rss;
	return is_rss || read_size(text, "Shared_Dirty:", &area->dirty) ||
	       read_size(text, "Private_Dirty:", &area->dirty);
}

static int take_text(FILE *smaps, void *arg)
{
	struct mapped_area unused = { 0 };
	char **text = arg, *line = NULL;
	size_t room = 0, size = 0;
	FILE *kept = open_memstream(text, &size);
	struct line area;

	if (!kept)
		return -ENOMEM;
	while (getline(&line, &room, smaps) > 0)
		if (read_line(line, &area) || take_size(line, &unused))
			fputs(line, kept);
	free(line);
	if (fclose(kept))
		size = 0;
	if (size)
		return 0;
	free(*text);
	*text = NULL;
	return ferror(smaps) ? -EIO : -ENODATA;
}

int proc_maps_text(pid_t pid, uint64_t time, char **text)
{
	int err;

	*text = NULL;
	err = read_any(pid, "smaps", take_text, text);
	/* If the process is there now, no other one can have had its number in between. */
	if (err || proc_facts_is_since(pid, time))
		return err;
	free(*text);
	*text = NULL;
	return -ESRCH;
}

static int add_area(struct mapped *mapped, const struct line *line)
{
	bool has_name = !is_anonymous(line) || mapped_is_claim(line->name);
	const struct mapped_area area = {
		.start = line->start,
		.end = line->end,
		.prot = prot_of(line->perms),
		.name = *line->name && has_name ? (char *)line->name : NULL,
		.shared = line->perms[3] == 's',
	};

	return mapped_add(mapped, &area);
}

/* Returns the line that begins at *at without its end, or NULL, and moves *at behind it. */
static char *next_line(const char **at)
{
	size_t len = strcspn(*at, "\n");
	char *line = strndup(*at, len);

	*at += len + ((*at)[len] == '\n');
	return line;
}

int proc_maps_areas(const char *text, struct mapped *mapped)
{
	bool is_last = false;
	struct line line;
	int err = 0;

	while (*text && !err) {
		char *copy = next_line(&text);
		size_t before = mapped->n;

		if (!copy)
			return -ENOMEM;
		if (read_line(copy, &line)) {
			err = add_area(mapped, &line);
			/* A crafted area may have been left out, and the sizes belong to it. */
			is_last = mapped->n > before;
		} else if (is_last) {
			take_size(copy, &mapped->v[mapped->n - 1]);
		}
		free(copy);
	}
	return err;
}
