/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "told.h"

#include <errno.h>
#include <time.h>

#include "log.h"

void told_begin(struct tell *t, struct pub_zone *z, const char *zonefile)
{
	z->ticket = tell_zone(t, z->entry.name, zonefile);
	if (!z->ticket)
		z->told_at = time(NULL);
}

void told_other_keys(struct pub_zone *z)
{
	z->keys_ticket = z->ticket;
	if (z->ticket)
		z->told_at = 0;
}

/* A run before the last install says nothing of that; but a zone may be signed
 * more often than the name server is told: what counts is the keys. */
static void take_end(struct pub_zone *z, const struct tell_end *end)
{
	if (!z->ticket)
		return;
	if (end->failed) {
		if (!z->untold_since)
			z->untold_since = end->at;
		return;
	}
	z->untold_since = 0;
	if (end->ticket >= z->keys_ticket)
		z->told_at = end->at;
	if (end->ticket >= z->ticket)
		z->ticket = 0;
}

static void take_ends(struct outgoing *o, struct tell *t)
{
	struct tell_end end;
	struct pub_zone *z;
	size_t i;

	while (tell_ended(t, &end)) {
		z = end.zone[0] ? outgoing_find(o, end.zone) : NULL;
		if (z)
			take_end(z, &end);
		for (i = 0; !end.zone[0] && i < o->count; i++)
			take_end(&o->zone[i], &end);
	}
}

/* 1 when the row is another one now, 0, or a negative errno. */
static int mark(struct outgoing *o, const struct pub_zone *z, struct why *why)
{
	struct zone_row row;
	int rc = ledger_zone_get(o->ledger, z->entry.name, &row, why);

	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	if (!zonepast_told(row.past, z->told_at,
	        safety_delay_of(&o->policies, z->entry.policy)))
		return 0;
	rc = ledger_zone_put(o->ledger, &row, why);
	return rc < 0 ? rc : 1;
}

static bool is_next(struct takes *takes, const struct pub_zone *z)
{
	return z->told_at && !takes_has(takes, z->entry.name);
}

static int mark_all(struct outgoing *o, struct takes *takes, struct why *why)
{
	int rc = ledger_begin(o->ledger, why);
	size_t i;

	if (rc < 0)
		return rc;
	for (i = 0; rc >= 0 && i < o->count; i++)
		if (is_next(takes, &o->zone[i]))
			rc = mark(o, &o->zone[i], why);
	if (rc >= 0)
		return ledger_commit(o->ledger, why);
	ledger_rollback(o->ledger);
	return rc;
}

void told_follow(struct outgoing *o, struct tell *t, struct takes *takes)
{
	struct why why = {0};
	size_t i, count = 0;

	take_ends(o, t);
	for (i = 0; i < o->count; i++)
		count += is_next(takes, &o->zone[i]);
	if (count == 0)
		return;
	if (mark_all(o, takes, &why) < 0) {
		log_err("%s", why.text);
		return;
	}
	for (i = 0; i < o->count; i++)
		if (is_next(takes, &o->zone[i]))
			o->zone[i].told_at = 0;
}
