/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ZONEUNIT_H
#define ODS_ZONEUNIT_H

#include <stdbool.h>
#include <stdio.h>
#include "why.h"
#include "zoneentry.h"
#include "zoneline.h"
#include "zonename.h"

/* A zone file, one owner name at a time.
 *
 * OpenDNSSEC prints names in canonical order, all RRs of a name together, and
 * an NSEC3 behind its original owner; sorted zones have the NSEC3s where their
 * hashed names sort.  So a unit is one name and what follows it of NSEC3s
 * (their RRSIGs as well): text that stays the same from version to version
 * while the name does. */

#define ZONEUNIT_MAX (64 * 1024 * 1024) /* of text */

struct zoneitem {
	size_t text, rdata; /* where they are in the unit's text */
	long line;
	unsigned int owner; /* which of the unit's names */
	uint32_t ttl;
	uint16_t type, class;
};

struct zoneunit {
	char *text; /* the entries, each NUL-terminated */
	size_t used, size;
	struct zoneitem *item;
	size_t items, item_room;
	struct zonename *owner; /* 0: the name; then the NSEC3s */
	unsigned int owners, owner_room;
};

struct unitreader {
	struct zoneline lines;
	struct zonename origin;
	uint32_t ttl; /* what an entry without one gets */
	/* an entry that was read and begins the next unit, or 0 */
	struct zoneentry entry;
	bool held, ended;
	struct zonename prev; /* owner of the entry before */
	bool has_prev, moved; /* $ORIGIN since then */
	bool included;        /* there was an $INCLUDE, which is passed over */
};

void unitreader_open(
    struct unitreader *r, FILE *in, const struct zonename *origin);
void unitreader_close(struct unitreader *r);

/* 1 and the next unit, 0 at the end; else as zoneline_next(): -EBADMSG,
 * -EFBIG, -EIO, -ENOMEM. */
int unitreader_next(struct unitreader *r, struct zoneunit *u, struct why *why);

/* 1 and the next entry alone, with its owner and class; for files in any
 * order. */
int unitreader_entry(struct unitreader *r, struct zoneentry *e,
    struct zonename *owner, struct why *why);

void zoneunit_free(struct zoneunit *u);

static inline const char *zoneitem_text(
    const struct zoneunit *u, const struct zoneitem *item)
{
	return u->text + item->text;
}

static inline const char *zoneitem_rdata(
    const struct zoneunit *u, const struct zoneitem *item)
{
	return u->text + item->rdata;
}

static inline const struct zonename *zoneitem_owner(
    const struct zoneunit *u, const struct zoneitem *item)
{
	return &u->owner[item->owner];
}

/* The same entries, byte for byte (comments and blank lines apart). */
bool zoneunit_same(const struct zoneunit *a, const struct zoneunit *b);

/* Is there an entry with this text? */
bool zoneunit_has(const struct zoneunit *u, const char *text);

#endif
