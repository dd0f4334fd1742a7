/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <inttypes.h>

#include "log.h"

/* The term of *R, which has its id, takes over from the record that is in force
 * here.  The tip is the ledger's: the last one that came in may not have been
 * told. */
int descent_mint(struct syncd *s, bool first, struct record *r, struct why *why)
{
	const struct record *was = &s->record;
	struct origin *o = &r->origin;
	struct position applied;

	if (first || was->solo)
		o->line = r->term_id;
	else
		o->line = id_is_zero(&was->origin.line) ? was->term_id
		                                        : was->origin.line;
	return ledger_position_get(s->ledger, &o->base, &applied, why);
}

/* This node is about to be the source of *R: it is no mint any more, and its
 * revision says so (forks.c). */
int descent_begin(struct syncd *s, struct record *r, struct why *why)
{
	const struct ancestor term = {
	    .term = r->term, .term_id = r->term_id, .origin = r->origin};
	int rc;

	r->revision++;
	rc = ledger_record_put(s->ledger, r, why);
	if (rc == 0)
		rc = ledger_term_put(s->ledger, &term, why);
	if (rc == 0)
		s->ancestry = ANCESTRY_BEHIND;
	return rc;
}

bool descent_diverged(enum ancestry a)
{
	return a == ANCESTRY_DIVERGED || !ancestry_served(a);
}

static void tell(enum ancestry a, const char *who, const char *text)
{
	if (descent_diverged(a))
		log_warn("%s: %s", who, text);
	else if (a == ANCESTRY_UNPUBLISHED)
		log_notice("%s: %s", who, text);
}

/* A source hears it of M, a replica of itself.  It is said once, not at each
 * session. */
void descent_judged(
    struct syncd *s, struct member *m, const struct engine_event *ev)
{
	bool source = s->role == ROLE_SOURCE || s->role == ROLE_DEMOTING;
	enum ancestry *a = source && m ? &m->ancestry : &s->ancestry;

	if (*a != ev->ancestry)
		tell(ev->ancestry, source && m ? m->name : "this node",
		    ev->text);
	*a = ev->ancestry;
}

bool descent_holds(struct syncd *s)
{
	int i;

	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->ancestry != ANCESTRY_WENT_BACK)
			continue;
		barrier_hold(s,
		    "an admin: %s has more of term %" PRIu64 " than %s, whose "
		    "disk went back in time: pcs node standby %s, or "
		    "ods-cluster init --source %s",
		    m->name, s->record.term, s->name, s->name, s->name);
		return true;
	}
	return false;
}

void descent_chosen(struct syncd *s)
{
	int i;

	for (i = 0; i < s->members; i++)
		s->member[i].ancestry = ANCESTRY_BEHIND;
}

/* What this node has now is the source's. */
void descent_applied(struct syncd *s)
{
	if (descent_diverged(s->ancestry))
		log_notice("the copy of the source's state is complete");
	s->ancestry = ANCESTRY_BEHIND;
}
