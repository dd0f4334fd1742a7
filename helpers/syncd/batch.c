/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "batch.h"

#include <time.h>

#include "deadline.h"
#include "file.h"
#include "log.h"

/* What is held for what caches have until a time far ahead is not for ever. */
static int clamp_past(
    const struct outgoing *o, const struct pub_zone *z, struct candidate *c)
{
	if (!zonepast_clamp(c->row.past, time(NULL),
	        safety_delay_of(&o->policies, z->entry.policy)))
		return 0;
	log_warn("zone %s: what caches may hold was said to stay for longer "
	         "than its TTL: a clock was ahead",
	    z->entry.name);
	return ledger_zone_put(o->ledger, &c->row, &c->why);
}

bool batch_begin(struct outgoing *o, struct takes *takes, struct pub_zone *z)
{
	struct candidate *c;
	struct take *t;

	if (takes_has(takes, z->entry.name))
		return false;
	t = take_new(&z->entry);
	if (!t)
		return false;
	c = &t->candidate;
	c->forced = z->forced;
	c->forced_file = z->forced_file;
	c->failures = z->failures;
	t->seen = z->now;
	t->verdict = CANDIDATE_NONE;
	if (outgoing_row(o, z, &c->row, &c->why) < 0 || clamp_past(o, z, c) < 0)
		t->verdict = CANDIDATE_ERROR;
	expiry_follow(&z->expiry, z->entry.signconf);
	c->urgent = hold_is_urgent(z, &c->row);
	c->keeps = z->expiry.keeps;
	z->retry_ms = 0; /* said anew when it is done */
	if (!z->fresher_since_ms && !file_same(&z->seen, &z->now))
		z->fresher_since_ms = clock_monotonic_ms();
	takes_put(takes, t);
	return true;
}

static bool one_is_ready(const struct take *t)
{
	while (t && t->verdict != CANDIDATE_READY)
		t = t->next;
	return t != NULL;
}

/* The intents, in one transaction: all of them are stored, or none. */
static void store_intents(struct outgoing *o, struct take *take)
{
	struct why why = {0};
	struct take *t;
	int rc;

	if (!one_is_ready(take))
		return;
	rc = ledger_begin(o->ledger, &why);
	for (t = take; rc == 0 && t; t = t->next)
		if (t->verdict == CANDIDATE_READY)
			rc =
			    ledger_zone_put(o->ledger, &t->candidate.row, &why);
	if (rc == 0)
		rc = ledger_commit(o->ledger, &why);
	else
		ledger_rollback(o->ledger);
	for (t = take; rc < 0 && t; t = t->next)
		if (t->verdict == CANDIDATE_READY) {
			t->verdict = CANDIDATE_ERROR;
			t->candidate.why = why;
		}
}

/* Is the zone in the batch? */
static bool end_take(const struct hold *hold, const struct take *t)
{
	struct pub_zone *z = t->zone;

	if (!file_same(&z->seen, &t->seen))
		z->backoff_ms = 0;
	z->seen = t->seen;
	z->verdict = t->verdict;
	hold_settle(hold, t);
	z->in_batch = z->verdict == CANDIDATE_READY;
	if (z->in_batch && t->candidate.escaped)
		log_crit("%s", t->candidate.why.text);
	return z->in_batch;
}

/* A zone may be gone, or have come back, while it was at work. */
static struct take *find_zones(const struct outgoing *o, struct take *take)
{
	struct take *all = NULL, **last = &all, *next;

	for (; take; take = next) {
		next = take->next;
		take->next = NULL;
		take->zone = outgoing_find(o, take->entry.name);
		if (take->zone && !take->zone->barred) {
			*last = take;
			last = &take->next;
		} else {
			take_free(take);
		}
	}
	return all;
}

size_t batch_end(struct outgoing *o, const struct hold *hold, struct take *take,
    const volatile bool *stop)
{
	struct take *next;
	size_t batch = 0;

	take = find_zones(o, take);
	if (!*stop)
		store_intents(o, take);
	for (; take; take = next) {
		next = take->next;
		if (!*stop)
			batch += end_take(hold, take);
		take_free(take);
	}
	return *stop ? 0 : batch;
}
