/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "findings.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const levels[] = {"hard", "soft", "warn"};

void findings_free(struct findings *f)
{
	int i;

	for (i = 0; i < f->count; i++)
		free(f->kept[i].text);
	free(f->id);
	memset(f, 0, sizeof(*f));
}

static void keep_id(struct findings *f, enum finding_level level, uint64_t id)
{
	if (f->ids == f->room) {
		size_t room = f->room ? f->room * 2 : 64;
		void *bigger = realloc(f->id, room * sizeof(*f->id));

		if (!bigger) {
			f->no_memory = true;
			return;
		}
		f->id = bigger;
		f->room = room;
	}
	f->id[f->ids++] = (struct finding_id){id, level};
}

/* Room for a hard one is made at the cost of one that is not. */
static struct finding *place(struct findings *f, enum finding_level level)
{
	int i;

	if (f->count < FINDINGS_KEPT)
		return &f->kept[f->count++];
	for (i = f->count - 1; i >= 0; i--) {
		if (f->kept[i].level <= level)
			continue;
		free(f->kept[i].text);
		memmove(&f->kept[i], &f->kept[i + 1],
		    (size_t)(f->count - i - 1) * sizeof(f->kept[0]));
		return &f->kept[f->count - 1];
	}
	return NULL;
}

void findings_add(struct findings *f, enum finding_level level, uint64_t id,
    long line, const char *fmt, ...)
{
	char text[FINDING_TEXT], *at;
	struct finding *one;
	va_list ap;

	f->total[level]++;
	if (level != FINDING_WARN)
		keep_id(f, level, id);
	one = place(f, level);
	if (!one)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (at = text; *at; at++)
		if ((unsigned char)*at < ' ')
			*at = ' ';
	one->id = id;
	one->line = line;
	one->level = level;
	one->unnamed = false;
	one->text = strdup(text);
	if (!one->text)
		f->no_memory = true;
}

void findings_unnamed(struct findings *f)
{
	/* none when it was not kept */
	if (f->count < FINDINGS_KEPT)
		f->kept[f->count - 1].unnamed = true;
}

bool findings_need_names(const struct findings *f)
{
	int i;

	for (i = 0; i < f->count; i++)
		if (f->kept[i].unnamed)
			return true;
	return false;
}

void findings_name(struct findings *f, long line, const char *name)
{
	int i;

	for (i = 0; i < f->count; i++) {
		struct finding *one = &f->kept[i];
		char *text;

		if (!one->unnamed || one->line != line || !one->text)
			continue;
		if (asprintf(&text, "%s %s", name, one->text) < 0)
			return;
		free(one->text);
		one->text = text;
		one->unnamed = false;
	}
}

static int by_id(const void *a, const void *b)
{
	const struct finding_id *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static bool is_known(const struct findings *served, uint64_t id)
{
	struct finding_id one = {.id = id};

	return bsearch(&one, served->id, served->ids, sizeof(one), by_id);
}

void findings_forgive(struct findings *f, struct findings *served)
{
	size_t i, left = 0;
	int k;

	if (served->ids == 0)
		return;
	qsort(served->id, served->ids, sizeof(*served->id), by_id);
	for (k = 0; k < f->count; k++)
		if (is_known(served, f->kept[k].id))
			f->kept[k].level = FINDING_WARN;
	for (i = 0; i < f->ids; i++) {
		if (!is_known(served, f->id[i].id)) {
			f->id[left++] = f->id[i];
			continue;
		}
		f->total[f->id[i].level]--;
		f->total[FINDING_WARN]++;
	}
	f->ids = left;
}

void findings_forgive_id(struct findings *f, uint64_t id)
{
	struct finding_id one = {.id = id};
	struct findings served = {.id = &one, .ids = 1};

	findings_forgive(f, &served);
}

const struct finding *findings_first(const struct findings *f)
{
	enum finding_level level;
	int i;

	for (level = FINDING_HARD; level < FINDING_WARN; level++)
		for (i = 0; i < f->count; i++)
			if (f->kept[i].level == level)
				return &f->kept[i];
	return NULL;
}

void findings_print(const struct findings *f, FILE *out)
{
	long more[FINDING_WARN + 1];
	enum finding_level level;
	int i, printed = 0;

	memcpy(more, f->total, sizeof(more));
	for (level = FINDING_HARD; level <= FINDING_WARN; level++)
		for (i = 0; i < f->count; i++) {
			const struct finding *one = &f->kept[i];

			if (one->level != level || printed == FINDINGS_PRINTED)
				continue;
			printed++;
			more[level]--;
			fprintf(out, "%s %s%s", levels[level],
			    one->unnamed ? "- " : "",
			    one->text ? one->text : "out of memory");
			if (one->line > 0)
				fprintf(out, " (line %ld)", one->line);
			fputc('\n', out);
		}
	if (more[0] + more[1] + more[2] > 0)
		fprintf(out, "more hard=%ld soft=%ld warn=%ld\n", more[0],
		    more[1], more[2]);
}
