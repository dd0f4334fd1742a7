/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

bool id_equal(const struct id *a, const struct id *b)
{
	return memcmp(a->byte, b->byte, ID_LEN) == 0;
}

bool id_is_zero(const struct id *id)
{
	static const struct id zero;

	return id_equal(id, &zero);
}

void id_random(struct id *id)
{
	size_t have = 0;

	while (have < ID_LEN) {
		ssize_t n = getrandom(id->byte + have, ID_LEN - have, 0);

		if (n > 0)
			have += (size_t)n;
	}
}

void id_text(const struct id *id, char text[ID_TEXT])
{
	int i;

	for (i = 0; i < ID_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", id->byte[i]);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int id_parse(const char *text, struct id *id)
{
	int i;

	if (strlen(text) != 2 * ID_LEN)
		return -EINVAL;
	for (i = 0; i < ID_LEN; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		id->byte[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

bool nodes_has(const struct node_list *list, const struct id *id)
{
	int i;

	for (i = 0; i < list->count; i++)
		if (id_equal(&list->id[i], id))
			return true;
	return false;
}

int nodes_add(struct node_list *list, const struct id *id)
{
	if (nodes_has(list, id))
		return 0;
	if (list->count == NODES_MAX)
		return -ENOSPC;
	list->id[list->count++] = *id;
	return 0;
}

void nodes_remove(struct node_list *list, const struct id *id)
{
	int i;

	for (i = 0; i < list->count; i++)
		if (id_equal(&list->id[i], id)) {
			list->id[i] = list->id[--list->count];
			return;
		}
}

enum record_order record_compare(const struct record *a, const struct record *b)
{
	if (a->term != b->term)
		return a->term < b->term ? RECORD_OLDER : RECORD_NEWER;
	if (!id_equal(&a->term_id, &b->term_id))
		return RECORD_FORK;
	if (a->revision != b->revision)
		return a->revision < b->revision ? RECORD_OLDER : RECORD_NEWER;
	return RECORD_SAME;
}

uint64_t position_in(const struct position *p, const struct id *term_id)
{
	return id_equal(&p->term_id, term_id) ? p->seq : 0;
}

uint64_t record_inits(const struct record *r)
{
	return r->term / RECORD_INIT_STEP;
}

bool record_by_init(const struct record *a, const struct record *b)
{
	return record_inits(a) > record_inits(b) &&
	       a->term % RECORD_INIT_STEP <= b->term % RECORD_INIT_STEP;
}

void origin_text(const struct origin *o, char text[ORIGIN_TEXT])
{
	char base[ID_TEXT], line[ID_TEXT];

	id_text(&o->base.term_id, base);
	id_text(&o->line, line);
	snprintf(text, ORIGIN_TEXT, "%s,%" PRIu64 ",%" PRIu64 ",%s", base,
	    o->base.term, o->base.seq, line);
}

int origin_parse(const char *text, struct origin *o)
{
	char base[ID_TEXT], line[ID_TEXT], again[ORIGIN_TEXT];

	memset(o, 0, sizeof(*o));
	if (sscanf(text, "%32[^,],%" SCNu64 ",%" SCNu64 ",%32s", base,
	        &o->base.term, &o->base.seq, line) != 4 ||
	    id_parse(base, &o->base.term_id) < 0 ||
	    id_parse(line, &o->line) < 0)
		return -EIO;
	origin_text(o, again);
	return strcmp(text, again) == 0 ? 0 : -EIO;
}

/* Lists are comma-separated ids, the last word, and absent when empty.  The
 * origin is the first word, by its commas. */
void record_text(const struct record *r, char text[RECORD_TEXT])
{
	char cluster[ID_TEXT], term[ID_TEXT], source[ID_TEXT], holder[ID_TEXT];
	char origin[ORIGIN_TEXT];
	int i, n;

	id_text(&r->cluster, cluster);
	id_text(&r->term_id, term);
	id_text(&r->source, source);
	origin_text(&r->origin, origin);
	n = snprintf(text, RECORD_TEXT,
	    "%s %s %" PRIu64 " %s %" PRIu64 " %s %d %d %d %d %" PRIu64 " ",
	    origin, cluster, r->term, term, r->revision, source, r->voters,
	    r->fencing, r->solo, r->open, r->last_seq);
	for (i = 0; i < r->holders.count; i++) {
		id_text(&r->holders.id[i], holder);
		n += snprintf(text + n, RECORD_TEXT - (size_t)n, "%s%s",
		    i ? "," : "", holder);
	}
}

static int holders_parse(const char *text, struct node_list *list)
{
	char one[ID_TEXT];
	struct id id;

	list->count = 0;
	while (*text) {
		size_t len = strcspn(text, ",");

		if (len != ID_TEXT - 1)
			return -EIO;
		snprintf(one, sizeof(one), "%.*s", (int)len, text);
		if (id_parse(one, &id) < 0 || nodes_add(list, &id) < 0)
			return -EIO;
		text += len + (text[len] == ',');
	}
	return 0;
}

/* *TEXT is then what follows it. */
static int leading_origin(const char **text, struct origin *o)
{
	size_t len = strcspn(*text, " ");
	char word[ORIGIN_TEXT];

	if (!memchr(*text, ',', len))
		return 0;
	if (len >= sizeof(word) || (*text)[len] != ' ')
		return -EIO;
	snprintf(word, sizeof(word), "%.*s", (int)len, *text);
	*text += len + 1;
	return origin_parse(word, o);
}

int record_parse(const char *text, struct record *r)
{
	char cluster[64], term[64], source[64], holders[RECORD_TEXT] = "";
	int fencing, solo, open;

	memset(r, 0, sizeof(*r));
	if (leading_origin(&text, &r->origin) < 0 ||
	    sscanf(text,
	        "%63s %" SCNu64 " %63s %" SCNu64 " %63s %d %d %d %d %" SCNu64
	        " %1023s",
	        cluster, &r->term, term, &r->revision, source, &r->voters,
	        &fencing, &solo, &open, &r->last_seq, holders) < 10 ||
	    id_parse(cluster, &r->cluster) < 0 ||
	    id_parse(term, &r->term_id) < 0 ||
	    id_parse(source, &r->source) < 0 ||
	    holders_parse(holders, &r->holders) < 0)
		return -EIO;
	r->fencing = fencing;
	r->solo = solo;
	r->open = open;
	return 0;
}

void position_text(const struct position *p, char text[POSITION_TEXT])
{
	char term[ID_TEXT];

	id_text(&p->term_id, term);
	snprintf(text, POSITION_TEXT, "%s %" PRIu64 " %" PRIu64, term, p->term,
	    p->seq);
}

int position_parse(const char *text, struct position *p)
{
	char term[64];

	memset(p, 0, sizeof(*p));
	if (sscanf(text, "%63s %" SCNu64 " %" SCNu64, term, &p->term,
	        &p->seq) != 3 ||
	    id_parse(term, &p->term_id) < 0)
		return -EIO;
	return 0;
}
