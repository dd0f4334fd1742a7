/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "hold.h"

#include <stdio.h>
#include <time.h>

#include "deadline.h"
#include "signer.h"

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

	z->settled = false;
	z->retry_ms = clock_monotonic_ms() + HOLD_RETRY_SLOW_MS;
	switch (signer_sign_above(
	    h->conf, z->entry.name, t->candidate.row.serial)) {
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
