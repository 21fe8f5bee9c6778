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

static void html_close(struct view *view)
{
	struct html *html = html_of(view);
	size_t i;

	for (i = 0; i < html->n; i++)
		free(html->v[i].boxes.v);
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

static json_object *string_of(struct view *view, const struct step *step,
			      void (*put)(struct view *view, const struct step *step))
{
	char *text = text_of(view, step, put);
	json_object *string = text ? json_object_new_string(text) : NULL;

	free(text);
	return string;
}

static void add(json_object *array, json_object *value, int *err)
{
	if (!*err && (!value || json_object_array_add(array, value)))
		*err = -ENOMEM;
}

/* An unknown figure is -1. */
static json_object *figure(bool known, uint64_t value)
{
	return known ? json_object_new_uint64(value) : json_object_new_int(-1);
}

/* Escape '<' in all texts, so that no text can end the script that holds it. */
static void put_json(FILE *out, const char *text)
{
	for (; *text; text++)
		if (*text == '<')
			fputs("\\u003c", out);
		else
			fputc(*text, out);
}

static int put_object(FILE *out, json_object *object)
{
	const char *text = object ? json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN) :
				    NULL;

	if (text)
		put_json(out, text);
	json_object_put(object);
	return text ? 0 : -ENOMEM;
}

/* [number of the stack, bytes]: what a call got. */
static json_object *got_of(const struct view *view, const struct step *step,
			   const struct caller *taker, int *err)
{
	json_object *array = json_object_new_array();

	if (!array) {
		*err = -ENOMEM;
		return NULL;
	}
	add(array, json_object_new_uint64(taker->site.number), err);
	add(array, json_object_new_uint64(taken_bytes(view, step)), err);
	return array;
}

/* Add what few events have: the change of the map, and what a call got. */
static void add_rest(json_object *array, json_object *change, json_object *got, int *err)
{
	if (change)
		add(array, change, err);
	else if (got && json_object_array_add(array, NULL))
		*err = -ENOMEM;
	if (got)
		add(array, got, err);
}

/*
 * [ns, watch, kind, error, what, why, start of the heap, program break, mapped, committed,
 * resident, change of the map, what a call got]: figures from the start of the heap on are -1 if
 * unknown; the last two are missing, or the first of them null, where there are none.
 */
static json_object *array_of(struct view *view, const struct step *step, struct told *told,
			     int *err)
{
	const struct process *process = step->process;
	const struct address_space *space = process->space;
	const struct event *ev = step->ev;
	bool refused = ev->kind == BRKWATCH_EVENT_KIND_BRK &&
		       ev->move.kind == BRKWATCH_BRK_KIND_REFUSED;
	const struct caller *taker = html_of(view)->callers.taker;
	json_object *array = json_object_new_array(), *change = NULL, *got = NULL;

	if (!array) {
		*err = -ENOMEM;
		return NULL;
	}
	add(array, json_object_new_int64(ev->time - view->timestamp.began), err);
	add(array, json_object_new_uint64(ev->watch), err);
	add(array, json_object_new_uint64(ev->kind), err);
	add(array, json_object_new_boolean(ev->error || refused), err);
	add(array, string_of(view, step, put_what), err);
	add(array, string_of(view, step, put_explanation), err);
	add(array, figure(ev->has_heap, ev->heap_start), err);
	add(array, figure(ev->has_heap, ev->brk), err);
	add(array, figure(!process->unknown, process_anonymous(process)), err);
	add(array,
	    figure(space && (space->exact || space->whole), space ? space->committed.now : 0), err);
	add(array, figure(ev->has_rss, ev->rss * view->page), err);
	if (!*err && space)
		*err = html_splice(&told->boxes, space, view->ledger, view->timestamp.began,
				   &change);
	if (!*err && taker)
		got = got_of(view, step, taker, err);
	add_rest(array, change, got, err);
	return array;
}

static int html_event(struct view *view, const struct step *step)
{
	struct html *html = html_of(view);
	struct told *told = told_of(html, step->ev->watch);
	json_object *array;
	int err = told ? 0 : -ENOMEM;

	if (err)
		return err;
	err = callers_take(&html->callers, view, step, 0, put_stack);
	if (err)
		return err;
	told->pid = step->ev->pid;
	memcpy(told->comm, step->ev->comm, sizeof(told->comm));
	array = array_of(view, step, told, &err);
	if (err) {
		json_object_put(array);
		return err;
	}
	fputs(html->n_steps++ ? ",\n" : "", html->steps);
	err = put_object(html->steps, array);
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
	free(html->v[at].boxes.v);
	html->v[at].boxes = (struct boxes){ 0 };
	return 0;
}

/* List the names of kinds, so that a kind's number is its index. */
static json_object *kinds_of(void)
{
	json_object *array = json_object_new_array();
	int err = array ? 0 : -ENOMEM;
	uint32_t kind;

	for (kind = 0; names_event(kind) && !err; kind++)
		add(array, json_object_new_string(names_event(kind)), &err);
	if (!err)
		return array;
	json_object_put(array);
	return NULL;
}

static json_object *process_of(const struct told *told)
{
	json_object *array = json_object_new_array();
	char name[FORMAT_MAX];
	int err = array ? 0 : -ENOMEM;

	add(array, json_object_new_uint64(told->watch), &err);
	add(array, json_object_new_uint64(told->pid), &err);
	add(array, json_object_new_string(format_comm(name, told->comm)), &err);
	if (!err)
		return array;
	json_object_put(array);
	return NULL;
}

/* Write processes one by one, because there may be many. */
static int put_processes(FILE *out, const struct html *html)
{
	int err = 0;
	size_t i;

	fputc('[', out);
	for (i = 0; i < html->n && !err; i++) {
		fputs(i ? "," : "", out);
		err = put_object(out, process_of(&html->v[i]));
	}
	fputc(']', out);
	return err;
}

/* List the stacks, so that a stack's number is its index, counted from 1. */
static int put_sites(FILE *out, const struct callers *callers)
{
	int err = 0;
	size_t i;

	fputc('[', out);
	for (i = 0; i < callers->n && !err; i++) {
		fputs(i ? "," : "", out);
		err = put_object(out, json_object_new_string(callers->v[i]->text));
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

	fprintf(out, "{\"page\":%lu,\"lost\":%lu,\"known\":%s,\"min_age\":%lu,\"labels\":",
		(unsigned long)view->page, (unsigned long)losses_sum(l),
		view_knows_all(view, l) ? "true" : "false", (unsigned long)view->min_age);
	err = put_object(out, html_labels(view->ledger));
	fprintf(out, ",\"kinds\":");
	if (!err)
		err = put_object(out, kinds_of());
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
	put_part(out, page_holders, page_holders_end);
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
