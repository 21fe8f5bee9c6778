// SPDX-License-Identifier: GPL-2.0
/* The texts about processes that have ended, in a file without a name. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/say.h"
#include "view/spool.h"

#define SPOOLED_LEAST 64

static int say_error(int err)
{
	say("cannot keep what ended processes did: %s; make room in /tmp", strerror(err));
	return -ECANCELED;
}

int spool_open(struct spool *spool)
{
	spool->file = tmpfile();
	return spool->file ? 0 : say_error(errno);
}

FILE *spool_begin(struct spool *spool)
{
	/* If this fails, the next write fails as well. */
	fseeko(spool->file, 0, SEEK_END);
	return spool->file;
}

int spool_end(struct spool *spool, uint32_t watch)
{
	struct spooled *v;
	off_t end;

	v = array_room(spool->v, spool->n, &spool->cap, sizeof(*v), SPOOLED_LEAST);
	if (!v)
		return -ENOMEM;
	spool->v = v;
	end = ftello(spool->file);
	if (end < 0 || ferror(spool->file))
		return say_error(errno);
	v[spool->n++] = (struct spooled){ watch, end - spool->size, spool->size };
	spool->size = end;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct spooled *x = a, *y = b;

	return x->watch < y->watch ? -1 : x->watch > y->watch;
}

size_t spool_sort(struct spool *spool, bool all)
{
	size_t from = all ? 0 : spool->told;

	if (spool->n > from)
		qsort(spool->v + from, spool->n - from, sizeof(*spool->v), compare);
	spool->told = spool->n;
	return from;
}

int spool_put(struct spool *spool, size_t i, FILE *out)
{
	size_t left = spool->v[i].bytes;
	char buffer[BUFSIZ];

	if (fseeko(spool->file, spool->v[i].at, SEEK_SET))
		return say_error(errno);
	while (left) {
		size_t n = fread(buffer, 1, left < sizeof(buffer) ? left : sizeof(buffer),
				 spool->file);

		if (!n)
			return say_error(EIO);
		fwrite(buffer, 1, n, out);
		left -= n;
	}
	return 0;
}

void spool_free(struct spool *spool)
{
	if (spool->file)
		fclose(spool->file);
	free(spool->v);
	memset(spool, 0, sizeof(*spool));
}
