/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zoneunit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <ldns/ldns.h>

#define TTL_DEFAULT 3600

void unitreader_open(
    struct unitreader *r, FILE *in, const struct zonename *origin)
{
	memset(r, 0, sizeof(*r));
	zoneline_open(&r->lines, in);
	r->origin = *origin;
	r->ttl = TTL_DEFAULT;
}

void unitreader_close(struct unitreader *r)
{
	zoneline_close(&r->lines);
}

void zoneunit_free(struct zoneunit *u)
{
	free(u->text);
	free(u->item);
	free(u->owner);
	memset(u, 0, sizeof(*u));
}

static int refuse(const struct unitreader *r, const char *text, struct why *why)
{
	return why_set(why, -EBADMSG, "line %ld: %s", r->lines.line, text);
}

/* "$TTL 1h", "$ORIGIN name". */
static int directive(struct unitreader *r, const char *text, struct why *why)
{
	const char *word, *value, *end;
	size_t len = zoneentry_word(&text, &word);
	size_t value_len = zoneentry_word(&text, &value);
	struct zonename origin;
	char copy[32];

	if (value_len == 0)
		return refuse(r, "a directive without its value", why);
	if (len == 4 && strncasecmp(word, "$TTL", len) == 0) {
		snprintf(copy, sizeof(copy), "%.*s", (int)value_len, value);
		r->ttl = ldns_str2period(copy, &end);
		return *end ? refuse(r, "$TTL is no time", why) : 0;
	}
	if (len == 8 && strncasecmp(word, "$INCLUDE", len) == 0) {
		r->included = true;
		return 0;
	}
	if (len != 7 || strncasecmp(word, "$ORIGIN", len) != 0)
		return refuse(r, "a directive that is not known", why);
	if (zonename_parse(&origin, value, value_len, &r->origin) < 0)
		return refuse(r, "$ORIGIN is no name", why);
	r->origin = origin;
	r->moved = true;
	return 0;
}

/* The next entry of an RR into r->entry. */
static int entry_read(struct unitreader *r, struct why *why)
{
	int rc;

	while ((rc = zoneline_next(&r->lines, why)) > 0) {
		if (r->lines.text[0] != '$') {
			rc = zoneentry_parse(r->lines.text, &r->entry);
			if (rc < 0)
				return refuse(r, "no RR stands here", why);
			if (!r->entry.has_ttl)
				r->entry.ttl = r->ttl;
			return 1;
		}
		rc = directive(r, r->lines.text, why);
		if (rc < 0)
			return rc;
	}
	return rc;
}

/* Whose entry r->entry is: 0 and OWNER, or 1, the same as the one before.
 * PREV_TEXT is the entry before, if at hand: most have the same owner. */
static int owner_of(const struct unitreader *r, const char *prev_text,
    struct zonename *owner, struct why *why)
{
	const struct zoneentry *e = &r->entry;

	if (e->owner_len == 0)
		return r->has_prev ? 1 : refuse(r, "no owner name", why);
	if (prev_text && !r->moved &&
	    strncmp(prev_text, e->owner, e->owner_len + 1) == 0)
		return 1;
	if (zonename_parse(owner, e->owner, e->owner_len, &r->origin) < 0)
		return refuse(r, "the owner is no name", why);
	return 0;
}

static void owner_keep(struct unitreader *r, const struct zonename *owner)
{
	r->prev = *owner;
	r->has_prev = true;
	r->moved = false;
}

int unitreader_entry(struct unitreader *r, struct zoneentry *e,
    struct zonename *owner, struct why *why)
{
	int rc = entry_read(r, why);

	if (rc <= 0)
		return rc;
	rc = owner_of(r, NULL, owner, why);
	if (rc < 0)
		return rc;
	if (rc == 0)
		owner_keep(r, owner);
	else
		*owner = r->prev;
	*e = r->entry;
	return 1;
}

static void *grown(void *array, size_t size)
{
	return realloc(array, size);
}

static int unit_owner(struct zoneunit *u, const struct zonename *owner)
{
	if (u->owners == u->owner_room) {
		unsigned int room = u->owner_room ? u->owner_room * 2 : 4;
		void *bigger = grown(u->owner, room * sizeof(*u->owner));

		if (!bigger)
			return -ENOMEM;
		u->owner = bigger;
		u->owner_room = room;
	}
	u->owner[u->owners++] = *owner;
	return 0;
}

static int unit_add(struct zoneunit *u, const struct unitreader *r)
{
	size_t len = r->lines.used + 1;
	struct zoneitem *item;

	if (u->used + len > ZONEUNIT_MAX)
		return -EFBIG;
	if (u->used + len > u->size) {
		size_t size = (u->used + len) * 2;
		void *bigger = grown(u->text, size);

		if (!bigger)
			return -ENOMEM;
		u->text = bigger;
		u->size = size;
	}
	if (u->items == u->item_room) {
		size_t room = u->item_room ? u->item_room * 2 : 16;
		void *bigger = grown(u->item, room * sizeof(*u->item));

		if (!bigger)
			return -ENOMEM;
		u->item = bigger;
		u->item_room = room;
	}
	item = &u->item[u->items++];
	item->text = u->used;
	item->rdata = u->used + (size_t)(r->entry.rdata - r->lines.text);
	item->line = r->lines.line;
	item->owner = u->owners - 1;
	item->ttl = r->entry.ttl;
	item->type = r->entry.type;
	item->class = r->entry.class;
	memcpy(u->text + u->used, r->lines.text, len);
	u->used += len;
	return 0;
}

/* NSEC3, or the RRSIG of one. */
static bool of_nsec3(const struct zoneentry *e)
{
	const char *word, *at = e->rdata;
	size_t len;

	if (e->type == LDNS_RR_TYPE_NSEC3)
		return true;
	if (e->type != LDNS_RR_TYPE_RRSIG)
		return false;
	len = zoneentry_word(&at, &word);
	return zoneentry_type(word, len) == LDNS_RR_TYPE_NSEC3;
}

static int too_much(const struct unitreader *r, int rc, struct why *why)
{
	if (rc == -ENOMEM)
		return why_set(why, rc, "out of memory");
	if (rc == -EFBIG)
		return why_set(
		    why, rc, "line %ld: too much at one name", r->lines.line);
	return rc;
}

/* Add r->entry, or hold it back because it begins another unit (0). */
static int unit_take(struct unitreader *r, struct zoneunit *u, struct why *why)
{
	const char *prev =
	    u->items ? zoneitem_text(u, &u->item[u->items - 1]) : NULL;
	struct zonename owner;
	int rc = owner_of(r, prev, &owner, why);

	if (rc < 0)
		return rc;
	if (rc == 1 && u->items == 0)
		owner = r->prev;
	if (rc == 0 || u->items == 0) {
		bool same =
		    u->items > 0 && zonename_compare(&owner, &r->prev) == 0;

		if (u->items > 0 && !same && !of_nsec3(&r->entry)) {
			r->held = true;
			return 0;
		}
		if (!same && unit_owner(u, &owner) < 0)
			return too_much(r, -ENOMEM, why);
		owner_keep(r, &owner);
	}
	rc = unit_add(u, r);
	return rc < 0 ? too_much(r, rc, why) : 1;
}

int unitreader_next(struct unitreader *r, struct zoneunit *u, struct why *why)
{
	int rc = 1;

	u->used = u->items = u->owners = 0;
	while (!r->ended) {
		if (!r->held)
			rc = entry_read(r, why);
		r->held = false;
		r->ended = rc == 0;
		if (rc > 0)
			rc = unit_take(r, u, why);
		if (rc < 0)
			return rc;
		if (rc == 0)
			break;
	}
	if (r->included)
		return refuse(r, "$INCLUDE is not allowed here", why);
	return u->items > 0;
}

bool zoneunit_same(const struct zoneunit *a, const struct zoneunit *b)
{
	return a->used == b->used && memcmp(a->text, b->text, a->used) == 0;
}

bool zoneunit_has(const struct zoneunit *u, const char *text)
{
	size_t i;

	for (i = 0; u && i < u->items; i++)
		if (strcmp(zoneitem_text(u, &u->item[i]), text) == 0)
			return true;
	return false;
}
