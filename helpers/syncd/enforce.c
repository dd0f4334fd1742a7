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
	bool told;  /* an admin may end it, and is told how */
	bool alarm; /* ... and has to: nothing else may */
};

static int64_t zone_safety(const struct enforce_zone *z)
{
	return z->safety >= 0 ? z->safety : ENFORCE_SAFETY_S;
}

/* Short of a takeover, the time that signing takes is no wait. */
static bool held(const struct enforce_facts *f, const struct enforce_zone *z)
{
	return z->clock.pending &&
	       (f->taken_at || f->now - z->clock.pending > zone_safety(z) / 2);
}

/* When a pending one will be; 0 = it is, or nothing is pending. */
static int64_t held_from(
    const struct enforce_facts *f, const struct enforce_zone *z)
{
	if (!z->served || z->clock.acked || !z->clock.pending || held(f, z))
		return 0;
	return z->clock.pending + zone_safety(z) / 2 + 1;
}

/* Was it served later than the enforcer's clock allows for?  The change that
 * a takeover finds is not timed: its signconf may have come in an hour ago. */
static bool late(const struct enforce_facts *f, const struct enforce_zone *z)
{
	return z->clock.lag > zone_safety(z) / 2 ||
	       (f->taken_at && z->clock.since >= f->taken_at);
}

static struct wait wait_for(
    const struct enforce_facts *f, const struct enforce_zone *z)
{
	const struct key_clock *c = &z->clock;
	int64_t longer = c->cached > c->ttl ? c->cached : c->ttl;
	int64_t until = c->since + z->delay + longer + zone_safety(z);
	struct wait w = {.kind = WAIT_NOT};

	if (!z->served || c->acked)
		return w;
	if (held(f, z)) {
		w.kind = WAIT_PENDING;
		w.since = c->pending;
	} else if (!c->since) {
		w.kind = WAIT_UNTOLD;
		w.since = f->now;
	} else if (c->cached && late(f, z) && f->now < until) {
		w.kind = WAIT_CACHES;
		w.since = c->since;
		w.until = until;
	}
	w.told = w.kind != WAIT_NOT && f->now - w.since > ENFORCE_ALARM_S;
	w.alarm = w.told && !w.until;
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
	if (w->told)
		snprintf(v->fix, sizeof(v->fix), "%s, ods-cluster ack %s hold",
		    w->alarm ? "mend that zone; if it takes the enforcer"
		             : "wait; if the enforcer has to run before",
		    z->name);
}

void enforce_decide(const struct enforce_facts *f, struct enforce_verdict *v)
{
	struct wait worst = {.kind = WAIT_NOT};
	const struct enforce_zone *zone = NULL;
	size_t i;

	memset(v, 0, sizeof(*v));
	for (i = 0; i < f->count; i++) {
		struct wait w = wait_for(f, &f->zone[i]);
		int64_t next = held_from(f, &f->zone[i]);

		if (next && (!v->next || next < v->next))
			v->next = next;
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

int enforce_acked(struct ledger *l, const char *zone, struct why *why)
{
	struct zone_row row;
	int rc = ledger_zone_get(l, zone, &row, why);

	if (rc == -ENOENT)
		return why_set(why, rc,
		    "zone %s was never published here: nothing waits for it",
		    zone);
	if (rc < 0 || row.clock.acked)
		return rc;
	row.clock.acked = true;
	return ledger_clock_put(l, zone, &row.clock, why);
}
