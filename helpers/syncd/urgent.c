/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "urgent.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "deadline.h"
#include "escape.h"
#include "log.h"

bool urgent_any(const struct outgoing *o)
{
	int64_t now = time(NULL);
	size_t i;

	for (i = 0; i < o->count; i++)
		if (!o->zone[i].barred &&
		    expiry_urgent(&o->zone[i].expiry, now))
			return true;
	return false;
}

static bool may_go(
    const struct outgoing *o, const struct pub_zone *z, struct zone_row *row)
{
	return z->in_batch && !z->barred &&
	       ledger_zone_get(o->ledger, z->entry.name, row, NULL) == 0 &&
	       escape_may_go(row, expiry_urgent(&z->expiry, time(NULL)));
}

bool urgent_in_batch(const struct outgoing *o)
{
	struct zone_row row;
	size_t i;

	for (i = 0; i < o->count; i++)
		if (may_go(o, &o->zone[i], &row))
			return true;
	return false;
}

static void put_back(struct pub_zone *z, int64_t retry_ms)
{
	z->in_batch = z->settled = false;
	z->verdict = CANDIDATE_WAIT;
	z->retry_ms = clock_monotonic_ms() + retry_ms;
}

void urgent_put_back(struct outgoing *o, int64_t retry_ms)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		if (o->zone[i].in_batch)
			put_back(&o->zone[i], retry_ms);
}

static int mark(struct outgoing *o, struct zone_row *row, struct why *why)
{
	char line[64];
	int rc;

	snprintf(line, sizeof(line), "escaped %" PRIu32 " %" PRId64,
	    row->serial, (int64_t)time(NULL));
	rc = zonepast_note(row->past, line);
	return rc < 0 ? why_set(why, rc, "the row of %s is full", row->zone)
	              : ledger_zone_put(o->ledger, row, why);
}

static int mark_all(struct outgoing *o, int64_t retry_ms, struct why *why)
{
	struct zone_row row;
	size_t i;
	int rc = ledger_begin(o->ledger, why);

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < o->count; i++) {
		struct pub_zone *z = &o->zone[i];

		if (may_go(o, z, &row))
			rc = mark(o, &row, why);
		else if (z->in_batch)
			put_back(z, retry_ms);
	}
	if (rc == 0)
		return ledger_commit(o->ledger, why);
	ledger_rollback(o->ledger);
	return rc;
}

size_t urgent_keep(struct outgoing *o, int64_t retry_ms)
{
	struct why why = {0};
	size_t i, count = 0;

	if (mark_all(o, retry_ms, &why) < 0) {
		log_err("%s", why.text);
		urgent_put_back(o, retry_ms);
		return 0;
	}
	for (i = 0; i < o->count; i++) {
		if (!o->zone[i].in_batch)
			continue;
		log_crit("zone %s: published without the barrier: what is "
		         "served has little time left",
		    o->zone[i].entry.name);
		count++;
	}
	return count;
}
