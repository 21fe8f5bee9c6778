// SPDX-License-Identifier: GPL-2.0
/* Draw this process as /proc/self/maps describes it, highest address first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "maps.h"

#define MAX_BOXES 64

struct box {
	uintptr_t start, end;
	char label[64];
};

struct mark {
	uintptr_t at;
	const char *what;
};

static int global = 1;

/* What a mapping is for; the program's own file is told apart by what it allows. */
static const char *label(const char *path, const char *perms, const char *self)
{
	if (!strcmp(path, self))
		return perms[2] == 'x' ? "text" : perms[1] == 'w' ? "data" : "read-only data";
	if (!strcmp(path, "[heap]") || !strcmp(path, "[stack]"))
		return path[1] == 'h' ? "heap" : "stack";
	if (!path[0])
		return "anonymous memory";
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

/* Neighbours with one label share a box. */
static int read_boxes(struct box *boxes)
{
	char line[512], self[256], path[256], perms[5];
	FILE *maps = open_or_die("/proc/self/maps");
	uintptr_t start, end;
	int n = 0;

	self[readlink("/proc/self/exe", self, sizeof(self) - 1)] = '\0';
	while (fgets(line, sizeof(line), maps) && n < MAX_BOXES) {
		path[0] = '\0';
		if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %255s", &start, &end, perms, path) < 3)
			continue;
		const char *name = label(path, perms, self);

		if (n && boxes[n - 1].end == start && !strcmp(boxes[n - 1].label, name)) {
			boxes[n - 1].end = end;
			continue;
		}
		boxes[n].start = start;
		boxes[n].end = end;
		snprintf(boxes[n++].label, sizeof(boxes->label), "%s", name);
	}
	fclose(maps);
	return n;
}

static void edge(uintptr_t at, const char *what)
{
	printf("%#18lx +----------------------+%s%s\n", at, what ? "  <- " : "", what ?: "");
}

static void draw(const struct box *boxes, int n, const struct mark *marks, uintptr_t brk)
{
	for (const struct box *box = boxes + n - 1; box >= boxes; box--) {
		const char *label = box->label;

		if (box == boxes + n - 1 || box->end != box[1].start)
			edge(box->end, box->end == brk ? "program break" : NULL);
		for (const struct mark *mark = marks; mark->at; mark++) {
			if (mark->at < box->start || mark->at >= box->end)
				continue;
			printf("%18s | %-20s |  %#lx %s\n", "", label, mark->at, mark->what);
			label = "";
		}
		if (label[0])
			printf("%18s | %-20.20s |\n", "", label);
		edge(box->start, NULL);
		if (box > boxes && box->start != box[-1].end)
			printf("%30s\n", ":");
	}
}

int main(void)
{
	int local = 1, n;
	void *small = malloc(100);
	void *map = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct mark marks[] = {
		{ (uintptr_t)&local, "a local variable" },
		{ (uintptr_t)map, "mmap(1 MiB)" },
		{ (uintptr_t)small, "malloc(100)" },
		{ (uintptr_t)&global, "a global variable" },
		{ (uintptr_t)main, "a function" },
		{ 0, NULL },
	};
	struct box boxes[MAX_BOXES];

	if (!small || map == MAP_FAILED) {
		perror("no memory");
		return 1;
	}
	n = read_boxes(boxes);
	draw(boxes, n, marks, (uintptr_t)sbrk(0));
	return 0;
}
