/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "enforce.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum wait_kind {
	WAIT_NOT,
	WAIT_UNTOLD, /* it is served, and nobody knows since when */
	WAIT_PENDING,
	WAIT_CACHES, /* they may hold what was served before */
};

struct wait {
	enum wait_kind kind;
	int64_t since, until;
	bool alarm;
};

static int64_t safety_of(const struct enforce_zone *z)
{
	return z->safety >= 0 ? z->safety : ENFORCE_SAFETY_S;
}

/* Short of a takeover, the time that signing takes is no wait. */
static bool held(const struct enforce_facts *f, const struct enforce_zone *z)
{
	return z->clock.pending &&
	       (f->taken_at || f->now - z->clock.pending > safety_of(z) / 2);
}

/* Was it served later than the enforcer's clock allows for?  The change that
 * a takeover finds is not timed: its signconf may have come in an hour ago. */
static bool late(const struct enforce_facts *f, const struct enforce_zone *z)
{
	return z->clock.lag > safety_of(z) / 2 ||
	       (f->taken_at && z->clock.since >= f->taken_at);
}

static struct wait wait_for(
    const struct enforce_facts *f, const struct enforce_zone *z)
{
	const struct key_clock *c = &z->clock;
	int64_t longer = c->cached > c->ttl ? c->cached : c->ttl;
	struct wait w = {WAIT_NOT, 0, 0, false};

	if (!z->served || c->acked)
		return w;
	if (held(f, z)) {
		w.kind = WAIT_PENDING;
		w.since = c->pending;
	} else if (!c->since) {
		w.kind = WAIT_UNTOLD;
		w.since = f->now;
	} else if (c->cached && late(f, z) &&
	           f->now < c->since + longer + safety_of(z)) {
		w.kind = WAIT_CACHES;
		w.since = c->since;
		w.until = c->since + longer + safety_of(z);
	}
	w.alarm =
	    w.kind != WAIT_NOT && (f->now - w.since > ENFORCE_ALARM_S ||
	                              (w.kind == WAIT_PENDING && c->stuck));
	return w;
}

/* Does A matter more?  What needs a human, then what has no end, then what
 * ends last. */
static bool matters_more(const struct wait *a, const struct wait *b)
{
	if (b->kind == WAIT_NOT || a->alarm != b->alarm)
		return b->kind == WAIT_NOT || a->alarm;
	if (!a->until != !b->until)
		return !a->until;
	if (a->until != b->until)
		return a->until > b->until;
	return a->since < b->since;
}

static void say(const struct enforce_zone *z, const struct wait *w,
    struct enforce_verdict *v)
{
	static const char *const why[] = {
	    [WAIT_NOT] = "",
	    [WAIT_UNTOLD] = "nobody knows since when its DNSKEY set is served",
	    [WAIT_PENDING] = "its changed DNSKEY set is not served yet",
	    [WAIT_CACHES] = "caches may still hold its former DNSKEY set",
	};

	v->since = w->since;
	v->until = w->until;
	v->alarm = w->alarm;
	snprintf(v->zone, sizeof(v->zone), "%s", z->name);
	snprintf(v->why, sizeof(v->why), "%s", why[w->kind]);
	v->fix[0] = '\0';
	if (w->alarm)
		snprintf(v->fix, sizeof(v->fix),
		    "mend what holds zone %s; if that takes the enforcer, "
		    "ods-cluster ack %s hold",
		    z->name, z->name);
}

void enforce_decide(const struct enforce_facts *f, struct enforce_verdict *v)
{
	struct wait worst = {WAIT_NOT, 0, 0, false};
	const struct enforce_zone *zone = NULL;
	size_t i;

	memset(v, 0, sizeof(*v));
	for (i = 0; i < f->count; i++) {
		struct wait w = wait_for(f, &f->zone[i]);

		if (w.kind == WAIT_NOT)
			continue;
		v->zones++;
		if (matters_more(&w, &worst)) {
			worst = w;
			zone = &f->zone[i];
		}
	}
	v->allow = !zone;
	if (zone)
		say(zone, &worst, v);
}

int enforce_served(struct ledger *l, const char *zone,
    const struct key_set *set, int64_t now, struct why *why)
{
	struct zone_row row;
	int rc = ledger_zone_get(l, zone, &row, why);

	if (rc < 0)
		return rc;
	key_clock_served(&row.clock, set, now);
	return ledger_clock_put(l, zone, &row.clock, why);
}

int enforce_held(struct ledger *l, const char *zone, int64_t written,
    bool stuck, int64_t now, struct why *why)
{
	struct zone_row row;
	int rc = ledger_zone_get(l, zone, &row, why);

	if (rc < 0)
		return rc;
	key_clock_held(&row.clock, written, now);
	row.clock.stuck = row.clock.stuck || stuck;
	return ledger_clock_put(l, zone, &row.clock, why);
}

int enforce_acked(struct ledger *l, const char *zone, struct why *why)
{
	struct zone_row row;
	int rc = ledger_zone_get(l, zone, &row, why);

	if (rc < 0)
		return rc == -ENOENT ? why_set(why, rc,
		                           "zone %s was never published here: "
		                           "nothing waits for it",
		                           zone)
		                     : rc;
	row.clock.acked = true;
	return ledger_clock_put(l, zone, &row.clock, why);
}
