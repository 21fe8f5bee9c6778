// SPDX-License-Identifier: GPL-2.0
/* A stack as text, as JSON and folded. */
#include <inttypes.h>
#include <string.h>

#include "lib/format.h"
#include "view/json_line.h"
#include "view/trace.h"

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* No mark may stand in a name, because it would end the name early. */
static void put_without(FILE *out, const char *text, size_t len, const char *marks)
{
	for (; len--; text++)
		if (strchr(marks, *text))
			fprintf(out, "\\%03o", *text);
		else
			putc_unlocked(*text, out);
}

/* d_path() of the kernel appends a remark to the path of a file that is gone. */
static void put_path(FILE *out, const char *path)
{
	static const char deleted[] = " (deleted)";
	size_t len = strlen(path), end = sizeof(deleted) - 1;
	bool gone = len > end && !strcmp(path + len - end, deleted);

	put_without(out, path, gone ? len - end : len, "()");
	fputs(gone ? deleted : "", out);
}

static void put_normal_frame(FILE *out, const struct frame *frame)
{
	fputs(" > ", out);
	put_path(out, frame->path ? base_of(frame->path) : "?");
	fprintf(out, "(%s)", frame->function ?: "");
	if (frame->source)
		fprintf(out, " %s:%d", base_of(frame->source), frame->line);
	fputc('\n', out);
}

static void put_frame(FILE *out, const struct frame *frame)
{
	if (!frame->path) {
		fprintf(out, " > ?() [%#" PRIx64 "]\n", frame->address);
		return;
	}
	fputs(" > ", out);
	put_path(out, frame->path);
	fputc('(', out);
	if (frame->function)
		fprintf(out, "%s+%#" PRIx64, frame->function, frame->function_offset);
	else
		fprintf(out, "+%#" PRIx64, frame->offset);
	fprintf(out, ") [%#" PRIx64 "]", frame->offset);
	if (frame->source)
		fprintf(out, " %s:%d", frame->source, frame->line);
	if (frame->unread)
		fprintf(out, " (the file that was mapped cannot be read)");
	fputc('\n', out);
}

const char *trace_end_name(enum trace_end end)
{
	static const char *const names[] = {
		[TRACE_WHOLE] = "whole",
		[TRACE_TRUNCATED] = "truncated",
		[TRACE_UNKNOWN] = "unknown",
	};

	return names[end];
}

void put_trace(FILE *out, const struct trace *trace, bool normalize)
{
	size_t i;

	for (i = 0; i < trace->n; i++)
		(normalize ? put_normal_frame : put_frame)(out, trace->frames[i]);
	if (trace->end == TRACE_TRUNCATED)
		fprintf(out, " > [truncated; see --stack-bytes]\n");
	else if (trace->end == TRACE_UNKNOWN)
		fprintf(out, " > [the caller is not known]\n");
}

static void put_field(FILE *out, const char *text)
{
	put_without(out, text, strlen(text), ";");
}

static void put_place(FILE *out, const char *file, uint64_t offset)
{
	fputc('[', out);
	put_field(out, file);
	fprintf(out, "+%#" PRIx64 "]", offset);
}

void put_folded(FILE *out, const char *comm, const struct trace *trace)
{
	char buf[FORMAT_MAX];
	size_t i = trace->n;

	put_field(out, format_comm(buf, comm));
	if (trace->end != TRACE_WHOLE)
		fprintf(out, ";[%s]", trace_end_name(trace->end));
	while (i-- > 0) {
		const struct frame *frame = trace->frames[i];

		fputc(';', out);
		if (frame->function)
			put_field(out, frame->function);
		else if (frame->path)
			put_place(out, base_of(frame->path), frame->offset);
		else
			fprintf(out, "[%#" PRIx64 "]", frame->address);
	}
}

static void add_hex(struct line *line, const char *key, uint64_t value, bool known)
{
	char text[32];

	if (!known) {
		line_null(line, key);
		return;
	}
	snprintf(text, sizeof(text), "%#" PRIx64, value);
	line_string(line, key, text);
}

static void add_text(struct line *line, const char *key, const char *text)
{
	if (text)
		line_string(line, key, text);
	else
		line_null(line, key);
}

static void add_frame(struct line *line, const struct frame *frame, bool normalize)
{
	const char *path = frame->path, *source = frame->source;

	if (normalize && path)
		path = base_of(path);
	if (normalize && source)
		source = base_of(source);
	line_begin_object(line, NULL);
	add_hex(line, "address", frame->address, !normalize);
	add_text(line, "path", path);
	add_hex(line, "offset", frame->offset, path && !normalize);
	add_text(line, "function", frame->function);
	add_hex(line, "function_offset", frame->function_offset, frame->function && !normalize);
	add_text(line, "source", source);
	if (source)
		line_u64(line, "line", frame->line);
	else
		line_null(line, "line");
	line_bool(line, "unread", frame->unread);
	line_end_object(line);
}

void line_trace(struct line *line, const char *key, const struct trace *trace, bool normalize)
{
	size_t i;

	line_begin_array(line, key);
	for (i = 0; i < trace->n; i++)
		add_frame(line, trace->frames[i], normalize);
	line_end_array(line);
}
