/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "hold.h"

#include <stdio.h>
#include <time.h>

#include "bridge.h"
#include "deadline.h"
#include "log.h"
#include "floor.h"
#include "signer.h"
#include "zonepast.h"

#define RETRY_WAIT_MS 50 /* backup2 follows within milliseconds */
#define WAIT_SOFT_MS 5000
#define RETRY_MS 60000
#define RETRY_MAX_MS 600000
#define UNSERVED_MS 600000

/* What is looked at in vain takes a twentieth of the time. */
static void back_off(const struct hold *h, struct pub_zone *z, int64_t cost_ms)
{
	z->settled = false;
	z->backoff_ms = z->backoff_ms ? z->backoff_ms * 2
	                : h->retry_ms ? h->retry_ms
	                              : RETRY_MS;
	if (z->backoff_ms > RETRY_MAX_MS)
		z->backoff_ms = RETRY_MAX_MS;
	if (z->backoff_ms < 20 * cost_ms)
		z->backoff_ms = 20 * cost_ms;
	z->retry_ms = clock_monotonic_ms() + z->backoff_ms;
}

/* Waiting does not mend it: what needs the keys goes on being served. */
static bool bridge(const struct hold *h, const struct take *t)
{
	const struct zone_entry *z = &t->zone->entry;
	struct why why = {0};
	int count;

	if (!t->candidate.gone || !h->keys)
		return false;
	count = bridge_build(z->signconf, t->candidate.row.past, h->keys, &why);
	if (count < 0)
		log_err("zone %s: %s", z->name, why.text);
	if (count <= 0)
		return false;
	log_warn("zone %s: the signer stops publishing %d %s that caches may "
	         "need: published for longer",
	    z->name, count, count == 1 ? "key" : "keys");
	return signer_update(h->conf, z->name);
}

static void end_bridge(const struct conf *conf, struct pub_zone *z)
{
	struct why why = {0};
	int count = bridge_end(z->entry.signconf, &why);

	z->expiry.bridged = false; /* or it is when it is looked at again */
	if (count < 0)
		log_err("zone %s: %s", z->entry.name, why.text);
	if (count <= 0)
		return;
	log_notice(
	    "zone %s: caches need no former key any more", z->entry.name);
	signer_update(conf, z->entry.name);
}

void hold_end_bridges(const struct conf *conf, struct outgoing *o)
{
	struct zone_row row;
	struct why why;
	size_t i;

	for (i = 0; i < o->count; i++) {
		struct pub_zone *z = &o->zone[i];

		if (z->expiry.bridged && z->settled && !z->trouble[0] &&
		    outgoing_row(o, z, &row, &why) == 0 &&
		    zonepast_is_over(row.past, time(NULL)))
			end_bridge(conf, z);
	}
}

/* The signer is told once to sign it again.  Time may lift it as well: what
 * caches hold runs out, and so does what is served. */
static void refused(const struct hold *h, struct pub_zone *z, int64_t cost_ms)
{
	if (!z->asked)
		z->asked = signer_sign(h->conf, z->entry.name);
	back_off(h, z, cost_ms);
	if (!z->asked) {
		z->backoff_ms = 0;
		z->retry_ms = clock_monotonic_ms() + HOLD_RETRY_SLOW_MS;
	}
}

/* A signer that would not leave its serial signs all the same when it is
 * asked: not again and again. */
static void low(const struct hold *h, struct pub_zone *z, const struct take *t)
{
	char text[WHY_MAX];
	uint32_t last;

	z->settled = false;
	z->retry_ms = clock_monotonic_ms() + HOLD_RETRY_SLOW_MS;
	floor_last(&t->candidate.row, &last);
	switch (signer_sign_above(h->conf, z->entry.name, last)) {
	case SIGNER_TOOK:
		z->settled = true;
		z->retry_ms = 0;
		return;
	case SIGNER_DEAF:
		return;
	case SIGNER_WOULD_NOT:
		break;
	}
	snprintf(text, sizeof(text),
	    "%.200s, and the signer is beyond it: raise the serial of the "
	    "unsigned zone, or type ods-cluster serial %.200s --reset",
	    t->candidate.why.text, z->entry.name);
	outgoing_trouble(z, text);
	back_off(h, z, t->cost_ms);
}

void hold_settle(const struct hold *h, const struct take *t)
{
	struct pub_zone *z = t->zone;
	const struct why *why = &t->candidate.why;
	int64_t now = clock_monotonic_ms();

	z->retry_ms = 0;
	z->settled = true;
	if (!z->fresher_since_ms && z->verdict != CANDIDATE_NONE)
		z->fresher_since_ms = now;
	switch (z->verdict) {
	case CANDIDATE_SAME:
	case CANDIDATE_READY:
		if (z->verdict == CANDIDATE_SAME)
			z->fresher_since_ms = 0;
		z->trouble[0] = '\0';
		z->waiting_since_ms = z->backoff_ms = z->failures = 0;
		z->asked = z->forced = false;
		return;
	case CANDIDATE_NONE:
		z->settled = false;
		return;
	case CANDIDATE_WAIT:
		if (!z->waiting_since_ms)
			z->waiting_since_ms = now;
		z->settled = false;
		if (now - z->waiting_since_ms < WAIT_SOFT_MS) {
			z->retry_ms = now + RETRY_WAIT_MS;
			return;
		}
		z->retry_ms = now + HOLD_RETRY_SLOW_MS;
		outgoing_trouble(
		    z, "waiting for the signer to write its backup2");
		return;
	case CANDIDATE_LOW:
		outgoing_trouble(z, why->text);
		z->forced = false;
		low(h, z, t);
		return;
	case CANDIDATE_OWNER:
		outgoing_trouble(z, why->text);
		back_off(h, z, t->cost_ms);
		return;
	case CANDIDATE_REFUSED:
		outgoing_trouble(z, why->text);
		z->forced = false;
		if (bridge(h, t))
			z->asked = true; /* it is signed again for that */
		refused(h, z, t->cost_ms);
		return;
	case CANDIDATE_ERROR:
		outgoing_trouble(z, why->text);
		z->failures++;
		z->settled = false;
		z->retry_ms = now + (t->cost_ms * 20 > HOLD_RETRY_SLOW_MS
		                            ? t->cost_ms * 20
		                            : HOLD_RETRY_SLOW_MS);
		return;
	}
}

bool hold_is_urgent(struct pub_zone *z, const struct zone_row *row)
{
	if (row->served_digest[0])
		return expiry_urgent(&z->expiry, time(NULL));
	return z->fresher_since_ms &&
	       clock_monotonic_ms() - z->fresher_since_ms > UNSERVED_MS;
}
