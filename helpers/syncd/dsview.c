/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "dsview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "deadline.h"
#include "file.h"
#include "kaspchild.h"
#include "log.h"

#define ZONE "zone "
#define AGAIN_MS 10000
#define CHEAP_MS 50 /* up to that it is asked at each change */
#define REST 20     /* else it costs a twentieth of the time */
#define UNREADABLE "which DS are in use is not known, kasp.db cannot be read"

static void forget(struct dsview *v)
{
	free(v->text);
	free(v->zone);
	v->text = NULL;
	v->zone = NULL;
	v->zones = 0;
}

void dsview_free(struct dsview *v)
{
	forget(v);
	memset(&v->seen, 0, sizeof(v->seen));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "ds ALG TAG" or "ds ALG TAG everywhere"; *END is behind TAG. */
static bool is_ds(const char *line, int *end)
{
	unsigned int algorithm, tag;

	*end = 0;
	return sscanf(line, "ds %3u %5u%n", &algorithm, &tag, end) == 2 &&
	       (line[*end] == '\0' ||
	           strcmp(line + *end, " everywhere") == 0) &&
	       algorithm > 0 && algorithm <= 255 && tag <= 65535;
}

/* Lines become strings, each behind the one before. */
bool dsview_parse(struct dsview *v, char *text)
{
	char *line, *end;
	size_t room = 1;
	int at;

	forget(v);
	for (line = text; (line = strchr(line, '\n')); line++)
		room++;
	v->text = text;
	v->zone = calloc(room, sizeof(*v->zone));
	if (!v->zone)
		return false;
	for (line = text; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		*end = '\0';
		if (strncmp(line, ZONE, strlen(ZONE)) == 0)
			v->zone[v->zones++] = line;
		else if (v->zones == 0 || !is_ds(line, &at))
			break;
	}
	if (*line) { /* not to its end */
		forget(v);
		return false;
	}
	/* Sorting leaves the texts where they are. */
	qsort(v->zone, v->zones, sizeof(*v->zone), by_name);
	return true;
}

void dsview_follow(struct dsview *v, const char *database)
{
	struct why why;
	struct stat st;
	char *text = NULL;
	int64_t begun, cost;

	if (!database[0] || stat(database, &st) < 0) {
		dsview_free(v);
		lasting_note(
		    &v->blind, database[0] ? UNREADABLE : "", time(NULL));
		return;
	}
	if (file_same(&st, &v->seen) || clock_monotonic_ms() < v->again_ms)
		return;
	begun = clock_monotonic_ms();
	v->again_ms = begun + AGAIN_MS;
	lasting_note(&v->blind, UNREADABLE, time(NULL));
	if (kasp_ds(database, &text, &why) < 0) {
		log_warn("which DS are in use: %s", why.text);
		return; /* what was known is nearer than nothing */
	}
	if (!dsview_parse(v, text)) {
		log_err("ods-kasp ds %s: no answer", database);
		return;
	}
	v->seen = st;
	cost = clock_monotonic_ms() - begun;
	v->again_ms = cost > CHEAP_MS ? begun + cost * REST : 0;
	lasting_note(&v->blind, "", time(NULL));
}

bool dsview_zone(
    const struct dsview *v, const char *zone, char *facts, size_t size)
{
	char name[300];
	const char *key = name, **found, *line;
	size_t len = 0;
	int end;

	facts[0] = '\0';
	snprintf(name, sizeof(name), ZONE "%s", zone);
	found = v->zones ? bsearch(&key, v->zone, v->zones, sizeof(*v->zone),
	                       by_name)
	                 : NULL;
	if (!found)
		return false;
	for (line = *found + strlen(*found) + 1; is_ds(line, &end);
	     line += strlen(line) + 1) {
		int n = snprintf(facts + len, size - len, "%.*s -%s\n", end,
		    line, line + end);

		if (n < 0 || (size_t)n >= size - len)
			return false;
		len += (size_t)n;
	}
	return true;
}
