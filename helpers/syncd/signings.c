/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "signings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "candidate.h"
#include "log.h"
#include "signer.h"

#define DEAF_MAX 2 /* zones in work; the others have their turn next time */

int signing_order(const void *a, const void *b)
{
	const struct signing *x = a, *y = b;

	if (x->expires == y->expires)
		return x->zone < y->zone ? -1 : x->zone > y->zone;
	if (!x->expires || !y->expires)
		return x->expires ? -1 : 1;
	return x->expires < y->expires ? -1 : 1;
}

struct round {
	const struct signings *s;
	const struct zone_list *list;
	struct signing *zone;
	bool edits;
};

static int add_expiry(const struct zone_row *row, void *arg)
{
	struct round *r = arg;
	const struct zone_entry *z = zones_find(r->list, row->zone);

	if (z)
		r->zone[z - r->list->zone].expires = row->served_expires;
	return 0;
}

static int tell(
    const struct signings *s, const char *zone, const struct sign_note *note)
{
	char text[400], out[1024];
	int rc;

	if (note->raise)
		snprintf(text, sizeof(text), "sign %s --serial %" PRIu32, zone,
		    note->serial);
	else
		snprintf(text, sizeof(text), "sign %s", zone);
	rc = signer_command(s->socket, text, out, sizeof(out));
	if (rc == 0 && strstr(out, "Unable to enforce serial"))
		log_info(
		    "zone %s: the signer is already above that serial", zone);
	return rc;
}

/* What is noted of it, or, with EDITS, what is to be: edits made before the
 * takeover are not read by a recovered signer (O 3.8).  Zones that are new to
 * us it signs by itself. */
static bool find_note(
    const struct round *r, struct signing *z, const struct zone_row *row)
{
	if (sign_note_get(r->s->ledger, z->zone->name, &z->note) == 0)
		return true;
	if (!r->edits || !row || !candidate_unsigned_changed(z->zone, row))
		return false;
	z->note = (struct sign_note){.serial = row->serial};
	z->changed = true;
	return true;
}

/* False when the signer did not take it: it may hold the zone's lock for
 * longer than we wait. */
static bool sign_zone(const struct round *r, struct signing *z, bool deaf)
{
	const struct signings *s = r->s;
	struct zone_row row;
	bool known = ledger_zone_get(s->ledger, z->zone->name, &row, NULL) == 0;

	z->noted = find_note(r, z, known ? &row : NULL);
	if (!z->noted || z->note.asked == s->signer)
		return true;
	if (known && sign_note_reached(&z->note, row.serial)) {
		z->noted = false;
		z->changed = true;
		return true;
	}
	if (deaf || tell(s, z->zone->name, &z->note) < 0)
		return false;
	z->note.asked = s->signer;
	z->changed = true;
	return true;
}

/* In one transaction, and not while the signer is waited for.  What is lost
 * here is told once more. */
static void store_notes(const struct round *r)
{
	struct ledger *l = r->s->ledger;
	struct why why = {0};
	size_t i;
	int rc = ledger_begin(l, &why);

	for (i = 0; rc == 0 && i < r->list->count; i++) {
		const struct signing *z = &r->zone[i];

		if (z->changed)
			rc = z->noted ? sign_note_put(
			                    l, z->zone->name, &z->note, &why)
			              : sign_note_drop(l, z->zone->name, &why);
	}
	if (rc == 0)
		rc = ledger_commit(l, &why);
	else
		ledger_rollback(l);
	if (rc < 0)
		log_err("%s", why.text);
}

static bool sign_all(const struct round *r)
{
	size_t i, left = 0;

	qsort(r->zone, r->list->count, sizeof(*r->zone), signing_order);
	for (i = 0; i < r->list->count && !*r->s->stop; i++)
		left += !sign_zone(r, &r->zone[i], left >= DEAF_MAX);
	store_notes(r);
	return left == 0 && i == r->list->count;
}

bool signings_round(const struct signings *s, bool first)
{
	struct zone_list list;
	struct round r = {.s = s, .list = &list, .edits = first};
	struct why why = {0};
	bool all;
	size_t i;

	if (zones_load(s->conf->zones_file, &list, &why) < 0) {
		log_err("%s", why.text);
		return false;
	}
	r.zone = calloc(list.count + 1, sizeof(*r.zone));
	for (i = 0; r.zone && i < list.count; i++)
		r.zone[i].zone = &list.zone[i];
	if (!r.zone)
		log_err("out of memory");
	else if (ledger_zone_each(s->ledger, add_expiry, &r, &why) < 0)
		log_err("%s", why.text);
	all = r.zone && sign_all(&r);
	free(r.zone);
	zones_free(&list);
	return all;
}
