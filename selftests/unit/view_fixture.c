// SPDX-License-Identifier: GPL-2.0
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "view/json_line.h"
#include "view_fixture.h"

void fixture_open(struct fixture *fixture, const struct view_type *type,
		  struct view_context context)
{
	const struct geometry geometry = { PAGE, 512 * PAGE };

	context.settings.ledger = &fixture->ledger;
	context.settings.page = PAGE;
	memset(fixture, 0, sizeof(*fixture));
	fixture->ledger.geometry = geometry;
	fixture->normalizer.geometry = geometry;
	if (view_open(&fixture->view, type, &context))
		abort();
	fixture->view->out = open_memstream(&fixture->text, &fixture->size);
	if (!fixture->view->out)
		abort();
}

void fixture_begin_file(struct fixture *fixture, const struct view_type *type, const char *file)
{
	fixture_open(fixture, type, (struct view_context){ .file = file });
}

void fixture_begin(struct fixture *fixture, const struct view_type *type)
{
	fixture_begin_file(fixture, type, NULL);
}

void fixture_open_file(struct fixture *fixture, const struct view_type *type, struct view settings)
{
	/* The view keeps the name. */
	static char path[32];
	int fd;

	snprintf(path, sizeof(path), "/tmp/brkwatch-unit-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		abort();
	fixture_open(fixture, type, (struct view_context){ .settings = settings, .file = path });
	unlink(path);
	fixture->file = fdopen(fd, "r");
	if (!fixture->file)
		abort();
}

char *fixture_file(struct fixture *fixture, const struct report *report)
{
	char *text = NULL;
	size_t size = 0;

	fixture_end(fixture, report);
	if (getdelim(&text, &size, 0, fixture->file) < 0)
		abort();
	fclose(fixture->file);
	fixture_free(fixture);
	return text;
}

void fixture_event(struct fixture *fixture, struct event ev)
{
	struct places places;
	struct step step = { .ev = &ev, .places = &places };

	step.process = ledger_apply(&fixture->ledger, &ev, &step.change);
	step.asked = fixture->ledger.asked;
	fixture->normalizer.on = fixture->view->normalize;
	if (!step.process || normalize(&fixture->normalizer, &ev, &places) ||
	    fixture->view->type->event(fixture->view, &step))
		abort();
}

void fixture_end(struct fixture *fixture, const struct report *report)
{
	if (fixture->view->type->end(fixture->view, report))
		abort();
}

const char *fixture_text(struct fixture *fixture)
{
	/* Terminate here, because the rest of an earlier, longer text lies after it. */
	if (fputc('\0', fixture->view->out) || fflush(fixture->view->out))
		abort();
	rewind(fixture->view->out);
	return fixture->text;
}

void fixture_free(struct fixture *fixture)
{
	fclose(fixture->view->out);
	view_close(fixture->view);
	free(fixture->text);
	ledger_free(&fixture->ledger);
	normalizer_free(&fixture->normalizer);
}

static struct event call(uint32_t kind)
{
	return (struct event){
		.kind = kind,
		.watch = 1,
		.pid = 42,
		.tid = 42,
		.time = SECOND + 1234567,
		.duration = 500,
		.heap_start = HEAP,
		.brk = HEAP + 33 * PAGE,
		.has_heap = true,
		.rss = 7,
		.has_rss = true,
		.comm = "lab",
	};
}

struct event brk_event(uint32_t kind, uint64_t requested, uint64_t before, uint64_t after)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_BRK);

	ev.move.kind = kind;
	ev.move.requested = requested;
	ev.move.before = before;
	ev.move.after = after;
	ev.brk = after;
	return ev;
}

struct event mmap_event(uint64_t addr, uint64_t length, uint64_t flags, uint64_t result)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_MMAP);

	ev.map.addr = addr;
	ev.map.length = length;
	ev.map.prot = PROT_READ | PROT_WRITE;
	ev.map.flags = flags;
	ev.map.fd = flags & MAP_ANONYMOUS ? -1 : 3;
	ev.map.result = result;
	return ev;
}

struct event munmap_event(uint64_t addr, uint64_t length)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_MUNMAP);

	ev.map.addr = addr;
	ev.map.length = length;
	return ev;
}

struct event mremap_event(uint64_t addr, uint64_t length, uint64_t new_length, uint64_t flags,
			  uint64_t result)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_MREMAP);

	ev.map.addr = addr;
	ev.map.length = length;
	ev.map.new_length = new_length;
	ev.map.flags = flags;
	ev.map.new_addr = result;
	ev.map.result = result;
	return ev;
}

struct event mprotect_event(uint64_t addr, uint64_t length, uint64_t prot)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_MPROTECT);

	ev.map.addr = addr;
	ev.map.length = length;
	ev.map.prot = prot;
	return ev;
}

struct event madvise_event(uint64_t addr, uint64_t length, int32_t advice)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_MADVISE);

	ev.map.addr = addr;
	ev.map.length = length;
	ev.map.advice = advice;
	return ev;
}

struct event shmat_event(uint64_t addr, uint64_t flags, uint64_t result)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_SHMAT);

	ev.map.shmid = 98305;
	ev.map.addr = addr;
	ev.map.flags = flags;
	ev.map.result = result;
	return ev;
}

struct event shmdt_event(uint64_t addr)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_SHMDT);

	ev.map.addr = addr;
	return ev;
}

struct event clone_event(uint32_t kind, uint32_t child, uint32_t watch)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_CLONE);

	ev.clone.kind = kind;
	ev.clone.child = child;
	ev.clone.watch = watch;
	return ev;
}

struct event exec_event(const char *comm)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_EXEC);

	ev.brk = HEAP;
	snprintf(ev.comm, sizeof(ev.comm), "%s", comm);
	return ev;
}

struct event exit_event(uint32_t status)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_EXIT);

	ev.has_heap = false;
	ev.has_rss = false;
	ev.exit.code = status;
	return ev;
}

struct event fault_event(uint32_t signal, int32_t code, uint64_t addr)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_FAULT);

	ev.fault.signal = signal;
	ev.fault.code = code;
	ev.fault.addr = addr;
	return ev;
}

struct event snapshot_event(uint32_t number)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_SNAPSHOT);

	ev.snapshot = number;
	return ev;
}

struct event leave_event(void)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_LEAVE);

	ev.has_heap = false;
	ev.has_rss = false;
	ev.leave_reason = BRKWATCH_LEAVE_REASON_CREDENTIALS;
	return ev;
}

struct event mark_event(const char *text)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_MARK);

	ev.has_heap = false;
	ev.has_rss = false;
	snprintf(ev.mark, sizeof(ev.mark), "%s", text);
	return ev;
}

struct event with_prot(struct event ev, uint64_t prot)
{
	ev.map.prot = prot;
	return ev;
}

struct event failed(struct event ev, uint32_t error)
{
	ev.error = error;
	ev.map.result = -(uint64_t)error;
	return ev;
}

/* No default, so that a new kind does not compile until it is added here. */
struct event any_event(enum brkwatch_event_kind kind)
{
	struct event ev;

	switch (kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		return brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + PAGE, HEAP, HEAP + PAGE);
	case BRKWATCH_EVENT_KIND_MMAP:
		return mmap_event(0, PAGE, MAP_PRIVATE | MAP_ANONYMOUS, MAPS);
	case BRKWATCH_EVENT_KIND_MUNMAP:
		return munmap_event(MAPS, PAGE);
	case BRKWATCH_EVENT_KIND_MREMAP:
		return mremap_event(MAPS, PAGE, 2 * PAGE, MREMAP_MAYMOVE, MAPS + 9 * PAGE);
	case BRKWATCH_EVENT_KIND_MPROTECT:
		return mprotect_event(MAPS, PAGE, PROT_READ);
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
		ev = mprotect_event(MAPS, PAGE, PROT_READ);
		ev.kind = kind;
		ev.map.pkey = 1;
		return ev;
	case BRKWATCH_EVENT_KIND_MADVISE:
		return madvise_event(MAPS, PAGE, MADV_DONTNEED);
	case BRKWATCH_EVENT_KIND_SHMAT:
		return shmat_event(0, 0, MAPS);
	case BRKWATCH_EVENT_KIND_SHMDT:
		return shmdt_event(MAPS);
	case BRKWATCH_EVENT_KIND_CLONE:
		return clone_event(BRKWATCH_CLONE_KIND_COPY, 44, 2);
	case BRKWATCH_EVENT_KIND_EXEC:
		return exec_event("lab");
	case BRKWATCH_EVENT_KIND_EXIT:
		return exit_event(0);
	case BRKWATCH_EVENT_KIND_FAULT:
		return fault_event(SIGSEGV, SEGV_MAPERR, MAPS);
	case BRKWATCH_EVENT_KIND_SNAPSHOT:
		return snapshot_event(1);
	case BRKWATCH_EVENT_KIND_LEAVE:
		return leave_event();
	case BRKWATCH_EVENT_KIND_MARK:
		return mark_event("phase 2");
	}
	abort();
}

json_object *run_in_page(const char *page)
{
	const char *before = "id=\"run\">", *data = strstr(page, before) + strlen(before);
	char *text = strndup(data, strstr(data, "</script>") - data);
	json_object *run = json_tokener_parse(text);

	free(text);
	return run;
}

json_object *json_of(struct line *line)
{
	char *text = line->err ? NULL : strndup(line->text ?: "", line->n);
	json_object *value;

	if (!text)
		abort();
	value = json_tokener_parse(text);
	free(text);
	line_drop(line);
	return value;
}

json_object *json_at(json_object *object, const char *const *keys)
{
	for (; object && *keys; keys++)
		if (!json_object_object_get_ex(object, *keys, &object))
			return NULL;
	return object;
}
