// SPDX-License-Identifier: GPL-2.0
/* One line of JSON in the making. */
#include <errno.h>
#include <stdlib.h>

#include "lib/format.h"
#include "lib/names.h"
#include "view/json_line.h"
#include "view/view.h"

int line_begin(struct line *line)
{
	line->object = json_object_new_object();
	line->err = line->object ? 0 : -ENOMEM;
	return line->err;
}

/* Keys are literals, and no key occurs twice in an object. */
static int add(struct line *line, const char *key, json_object *value)
{
	return json_object_object_add_ex(line->object, key, value,
					 JSON_C_OBJECT_ADD_KEY_IS_NEW |
						 JSON_C_OBJECT_ADD_CONSTANT_KEY);
}

void line_add(struct line *line, const char *key, json_object *value)
{
	if (!value || add(line, key, value)) {
		json_object_put(value);
		line->err = -ENOMEM;
	}
}

void line_null(struct line *line, const char *key)
{
	if (add(line, key, NULL))
		line->err = -ENOMEM;
}

void line_string(struct line *line, const char *key, const char *value)
{
	line_add(line, key, json_object_new_string(value));
}

void line_u64(struct line *line, const char *key, uint64_t value)
{
	line_add(line, key, json_object_new_uint64(value));
}

void line_known(struct line *line, const char *key, uint64_t value, bool known)
{
	if (known)
		line_u64(line, key, value);
	else
		line_null(line, key);
}

void line_safe(struct line *line, const char *key, const char *value)
{
	char *safe = value ? format_safe(value) : NULL;

	if (!value)
		line_null(line, key);
	else if (safe)
		line_string(line, key, safe);
	else
		line->err = -ENOMEM;
	free(safe);
}

void line_bool(struct line *line, const char *key, bool value)
{
	line_add(line, key, json_object_new_boolean(value));
}

json_object *line_take(struct line *line)
{
	if (!line->err)
		return line->object;
	json_object_put(line->object);
	return NULL;
}

void line_array_add(json_object **all, json_object *one)
{
	if (one && !json_object_array_add(*all, one))
		return;
	json_object_put(one);
	json_object_put(*all);
	*all = NULL;
}

void line_seccomp(struct line *line, uint32_t mode)
{
	const char *name = names_seccomp(mode);

	if (name)
		line_string(line, "seccomp", name);
	else
		line_null(line, "seccomp");
}

static void add_blind(struct line *line, const struct losses *losses)
{
	struct line part;

	if (line_begin(&part)) {
		line->err = -ENOMEM;
		return;
	}
	line_u64(&part, "from_ns", losses->blind_from);
	line_u64(&part, "to_ns", losses->blind_to);
	line_add(line, "blind", line_take(&part));
}

void line_losses(struct line *line, const struct losses *losses)
{
	line_u64(line, "ring", losses->ring);
	line_u64(line, "probe", losses->probe);
	line_u64(line, "watch", losses->watch);
	line_u64(line, "socket", losses->socket);
	if (losses->probe)
		line_bool(line, "at_least", true);
	if (losses->blind_to)
		add_blind(line, losses);
}

/* Write a value without @begin bytes at its beginning and @end bytes at its end. */
static int put(json_object *value, FILE *out, size_t begin, size_t end)
{
	size_t len;
	const char *text = !value ? NULL :
				    json_object_to_json_string_length(
					    value,
					    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
					    &len);

	if (text)
		fwrite(text + begin, 1, len - begin - end, out);
	json_object_put(value);
	return text ? 0 : -ENOMEM;
}

int json_put(json_object *value, FILE *out)
{
	return put(value, out, 0, 0);
}

int line_put_head(struct line *line, FILE *out)
{
	return put(line_take(line), out, 0, 1);
}

int line_put_tail(struct line *line, FILE *out)
{
	int err;

	putc(',', out);
	err = put(line_take(line), out, 1, 0);
	putc('\n', out);
	return err;
}

int line_put(struct line *line, FILE *out)
{
	int err = json_put(line_take(line), out);

	if (!err)
		putc('\n', out);
	return err;
}
