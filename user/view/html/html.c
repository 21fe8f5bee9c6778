// SPDX-License-Identifier: GPL-2.0
/* --html: the page in the making. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/format.h"
#include "lib/names.h"
#include "lib/output.h"
#include "view/html/html.h"
#include "view/html/page.h"
#include "view/json_line.h"
#include "lib/say.h"
#include "view/html/explain.h"
#include "view/view.h"
#include "ledger/address_space.h"
#include "view/text.h"

#define TOLD_MIN 8

static struct html *html_of(struct view *view)
{
	return container_of(view, struct html, view);
}

/* Open before anything runs, because it would run in vain if the page had no place to go. */
static int html_open(struct view *view, const struct view_context *context)
{
	struct html *html = html_of(view);
	int err;

	html->file = context->file;
	callers_open(&html->callers, view, " > other\n");
	html->steps = tmpfile();
	if (!html->steps) {
		err = -errno;
		say("cannot keep events: %s; make room in /tmp", strerror(errno));
		return err;
	}
	html->page = strcmp(html->file, "-") ? fopen(html->file, "we") :
					       output_standard(STDOUT_FILENO);
	if (!html->page) {
		err = -errno;
		say("cannot open '%s': %s; choose another file with --html", html->file,
		    strerror(errno));
		return err;
	}
	return 0;
}

static void drop_boxes(struct told *told)
{
	if (told->boxes)
		html_boxes_free(told->boxes);
	free(told->boxes);
	told->boxes = NULL;
}

static void html_close(struct view *view)
{
	struct html *html = html_of(view);
	size_t i;

	for (i = 0; i < html->n; i++)
		drop_boxes(&html->v[i]);
	free(html->v);
	callers_free(&html->callers);
	if (html->page)
		fclose(html->page);
	if (html->steps)
		fclose(html->steps);
}

static size_t place_of(const struct html *html, uint32_t watch)
{
	return array_place(html->v, html->n, sizeof(*html->v), offsetof(struct told, watch), watch);
}

/* Find or add a process. Returns NULL if memory runs out. */
static struct told *told_of(struct html *html, uint32_t watch)
{
	size_t at = place_of(html, watch);
	struct told *v;

	if (at < html->n && html->v[at].watch == watch)
		return &html->v[at];
	v = array_insert(html->v, &html->n, &html->cap, sizeof(*v), TOLD_MIN, at);
	if (!v)
		return NULL;
	html->v = v;
	html->v[at].watch = watch;
	return &html->v[at];
}

static void add_text(struct line *line, struct view *view, const struct step *step,
		     void (*put)(struct view *view, const struct step *step))
{
	char *text = text_of(view, step, put);

	if (text)
		line_string(line, NULL, text);
	else
		line->err = -ENOMEM;
	free(text);
}

/* An unknown figure is -1. */
static void add_figure(struct line *line, bool known, uint64_t value)
{
	if (known)
		line_u64(line, NULL, value);
	else
		line_i64(line, NULL, -1);
}

/*
 * Write a line and end it. Escape '<' in all texts, so that no text can end the script that holds
 * it; '/' is escaped as well, as in earlier pages.
 */
static int put_json(struct line *line, FILE *out)
{
	int err = line->err;
	size_t i;

	for (i = 0; i < line->n && !err; i++)
		if (line->text[i] == '<')
			fputs("\\u003c", out);
		else if (line->text[i] == '/')
			fputs("\\/", out);
		else
			fputc(line->text[i], out);
	line_drop(line);
	return err;
}

/* Add [number of the stack, bytes]: what a call got. It comes after the change of the map. */
static void add_got(struct line *line, const struct view *view, const struct step *step,
		    const struct caller *taker, bool changed)
{
	if (!changed)
		line_null(line, NULL);
	line_begin_array(line, NULL);
	line_u64(line, NULL, taker->site.number);
	line_u64(line, NULL, taken_bytes(view, step));
	line_end_array(line);
}

/*
 * [ns, watch, kind, error, what, why, start of the heap, program break, mapped, committed,
 * resident, change of the map, what a call got]: figures from the start of the heap on are -1 if
 * unknown; the last two are missing, or the first of them null, where there are none.
 */
static void add_step(struct line *line, struct view *view, const struct step *step,
		     struct told *told)
{
	const struct process *process = step->process;
	struct address_space *space = process->space;
	const struct event *ev = step->ev;
	bool refused = ev->kind == BRKWATCH_EVENT_KIND_BRK &&
		       ev->move.kind == BRKWATCH_BRK_KIND_REFUSED;
	const struct caller *taker = html_of(view)->callers.taker;
	bool changed;

	line_begin_array(line, NULL);
	line_i64(line, NULL, ev->time - view->timestamp.began);
	line_u64(line, NULL, ev->watch);
	line_u64(line, NULL, ev->kind);
	line_bool(line, NULL, ev->error || refused);
	add_text(line, view, step, put_what);
	add_text(line, view, step, put_explanation);
	add_figure(line, ev->has_heap, ev->heap_start);
	add_figure(line, ev->has_heap, ev->brk);
	add_figure(line, !process->unknown, process_anonymous(process));
	add_figure(line, space && (space->exact || space->whole), space ? space->committed.now : 0);
	add_figure(line, ev->has_rss, ev->rss * view->page);
	changed = space &&
		  html_splice(line, told->boxes, space, view->ledger, view->timestamp.began);
	if (taker)
		add_got(line, view, step, taker, changed);
	line_end_array(line);
}

static int html_event(struct view *view, const struct step *step)
{
	struct html *html = html_of(view);
	struct told *told = told_of(html, step->ev->watch);
	struct line line;
	int err;

	if (!told)
		return -ENOMEM;
	told->boxes = told->boxes ?: calloc(1, sizeof(*told->boxes));
	if (!told->boxes)
		return -ENOMEM;
	err = callers_take(&html->callers, view, step, 0, put_stack);
	if (err)
		return err;
	told->pid = step->ev->pid;
	memcpy(told->comm, step->ev->comm, sizeof(told->comm));
	html_begun(told, step, view->page);
	line_begin_value(&line);
	add_step(&line, view, step, told);
	if (!line.err)
		fputs(html->n_steps++ ? ",\n" : "", html->steps);
	err = put_json(&line, html->steps);
	return err ?: (ferror(html->steps) ? -ENOSPC : 0);
}

/* The page shows no further changes of the map of an ended process. */
static int html_ended(struct view *view, const struct counters *last, const struct losses *losses)
{
	struct html *html = html_of(view);
	size_t at = place_of(html, last->id);

	(void)losses;
	if (at == html->n || html->v[at].watch != last->id)
		return 0;
	drop_boxes(&html->v[at]);
	return 0;
}

static int put_labels(FILE *out, const struct ledger *ledger)
{
	struct line line;

	line_begin_value(&line);
	html_labels(&line, ledger);
	return put_json(&line, out);
}

/* List the names of kinds, so that a kind's number is its index. */
static int put_kinds(FILE *out)
{
	struct line line;
	uint32_t kind;

	line_begin_value(&line);
	line_begin_array(&line, NULL);
	for (kind = 0; names_event(kind); kind++)
		line_string(&line, NULL, names_event(kind));
	line_end_array(&line);
	return put_json(&line, out);
}

/*
 * [watch, pid, name, number of steps up to the loader's last call, index of the first step that is
 * the program's own]: where the last is not known, it is -1, and the one before 0.
 */
static int put_process(FILE *out, const struct told *told)
{
	char name[FORMAT_MAX];
	struct line line;

	line_begin_value(&line);
	line_begin_array(&line, NULL);
	line_u64(&line, NULL, told->watch);
	line_u64(&line, NULL, told->pid);
	line_string(&line, NULL, format_comm(name, told->comm));
	line_u64(&line, NULL, told->own ? told->loaded : 0);
	line_i64(&line, NULL, (int64_t)told->own - 1);
	line_end_array(&line);
	return put_json(&line, out);
}

/* Write processes one by one, because there may be many. */
static int put_processes(FILE *out, const struct html *html)
{
	int err = 0;
	size_t i;

	fputc('[', out);
	for (i = 0; i < html->n && !err; i++) {
		fputs(i ? "," : "", out);
		err = put_process(out, &html->v[i]);
	}
	fputc(']', out);
	return err;
}

/* List the stacks, so that a stack's number is its index, counted from 1. */
static int put_sites(FILE *out, const struct callers *callers)
{
	struct line line;
	int err = 0;
	size_t i;

	fputc('[', out);
	for (i = 0; i < callers->n && !err; i++) {
		fputs(i ? "," : "", out);
		line_begin_value(&line);
		line_string(&line, NULL, callers->v[i]->text);
		err = put_json(&line, out);
	}
	fputc(']', out);
	return err;
}

static int put_steps(FILE *out, FILE *steps)
{
	char buffer[BUFSIZ];
	size_t n;

	if (fflush(steps) || fseek(steps, 0, SEEK_SET))
		return -errno;
	while ((n = fread(buffer, 1, sizeof(buffer), steps)) > 0)
		fwrite(buffer, 1, n, out);
	return ferror(steps) ? -EIO : 0;
}

static int put_run(FILE *out, const struct html *html, const struct view *view,
		   const struct report *report)
{
	const struct losses *l = &report->losses;
	int err;

	fprintf(out,
		"{\"page\":%lu,\"lost\":%lu,\"known\":%s,\"filtered\":%s,\"min_age\":%lu,"
		"\"labels\":",
		(unsigned long)view->page, (unsigned long)losses_sum(l),
		view_knows_all(view, l) ? "true" : "false", view->filtered ? "true" : "false",
		(unsigned long)view->min_age);
	err = put_labels(out, view->ledger);
	fprintf(out, ",\"kinds\":");
	if (!err)
		err = put_kinds(out);
	fprintf(out, ",\"processes\":");
	if (!err)
		err = put_processes(out, html);
	fprintf(out, ",\"sites\":");
	if (!err)
		err = put_sites(out, &html->callers);
	fprintf(out, ",\"steps\":[\n");
	if (!err)
		err = put_steps(out, html->steps);
	fprintf(out, "]}");
	return err;
}

static void put_part(FILE *out, const char *begin, const char *end)
{
	fwrite(begin, 1, end - begin, out);
}

static int put_page(FILE *out, const struct html *html, const struct view *view,
		    const struct report *report)
{
	int err;

	put_part(out, page_head, page_head_end);
	fprintf(out, "<style>\n");
	put_part(out, page_style, page_style_end);
	fprintf(out, "</style>\n");
	put_part(out, page_body, page_body_end);
	fprintf(out, "<script type=\"application/json\" id=\"run\">");
	err = put_run(out, html, view, report);
	fprintf(out, "</script>\n<script>\n");
	put_part(out, page_script, page_script_end);
	fprintf(out, "</script>\n</body>\n</html>\n");
	return err;
}

static int html_end(struct view *view, const struct report *report)
{
	struct html *html = html_of(view);
	FILE *out = html->page;
	int err, failed;

	put_losses(view, report);
	err = put_page(out, html, view, report);
	failed = ferror(out) ? EIO : 0;
	html->page = NULL;
	if (fclose(out) || failed) {
		say("cannot write '%s': %s; choose another file with --html", html->file,
		    strerror(errno ?: failed));
		return -ECANCELED;
	}
	return err;
}

const struct view_type html_view = {
	.option = "html",
	.traits = VIEW_WHOLE | VIEW_HOLDERS,
	.size = VIEW_SIZE(struct html),
	.open = html_open,
	.close = html_close,
	.events = CALL_EVENTS | LIFECYCLE_EVENTS,
	.origins = true,
	.event = html_event,
	.end = html_end,
	.ended = html_ended,
};
