/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

/* But an admin may have said that what is here counts. */
static bool has_more(const struct syncd *s, const struct member *m)
{
	const struct id *term = &s->record.term_id;

	return !m->outdated && !s->init_here &&
	       position_in(&m->hello.tip, term) > position_in(&s->tip, term);
}

/* A peer has a later record, or more of our own term than our disk: that went
 * back in time (plan.c says whom to promote then). */
static bool peers_went_on(const struct syncd *s)
{
	int i;

	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->nodeid == s->nodeid || m->left != LEFT_NOT)
			continue;
		if (m->hello.has_record && record_compare(&m->hello.record,
		                               &s->record) == RECORD_NEWER)
			return true;
		if (has_more(s, m))
			return true;
	}
	return false;
}

/* A holder that is out of reach and not fenced may be about to mint the same
 * term; nothing could be published anyhow. */
static bool holder_out_of_reach(struct syncd *s)
{
	int i;

	for (i = 0; i < s->record.holders.count; i++) {
		const struct id *id = &s->record.holders.id[i];
		const struct member *m = member_by_id(s, id);

		if (id_equal(id, &s->self) || nodes_has(&s->forgotten, id))
			continue;
		if (!m || (m->left != LEFT_NOT && facts_fencing(s) &&
		              !promote_without(s, id))) {
			terms_hold_for(s, m);
			return true;
		}
	}
	return false;
}

static bool files_missing(struct syncd *s)
{
	const char *database = facts_missing(s);

	if (database)
		barrier_hold(
		    s, "the database %s: mount its file system", database);
	return database;
}

/* A worker that the parent restarted was source a moment ago, under the same
 * state_dir lock and role: gates 1 and 2 have nothing to say. */
void restart_tick(struct syncd *s)
{
	struct why why = {0};

	if (!s->restarting || s->role != ROLE_UNPROMOTED ||
	    !promote_peers_known(s))
		return;
	if (!s->record.open || !id_equal(&s->record.source, &s->self) ||
	    peers_went_on(s)) {
		s->restarting = false; /* yield */
		s->held_since_ms = 0;
		return;
	}
	if (!s->quorate)
		barrier_hold(s, "quorum");
	/* What is here counts, says an admin: the same record as by promote. */
	if (!s->quorate ||
	    (!s->init_here && (files_missing(s) || holder_out_of_reach(s))))
		return;
	if (promote_mint(s, s->init_here, &why) < 0)
		terms_trouble(s, "cannot go on as source", &why);
}
