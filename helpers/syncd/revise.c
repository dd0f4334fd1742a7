/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <stdio.h>

#include "deadline.h"
#include "log.h"

/* The record of the source: proposed, in force, revised. */

#define RESEND_MS 2000
#define TROUBLE "ledger"

bool terms_stored_by(const struct member *m, const struct record *r)
{
	return id_equal(&m->ack_term, &r->term_id) &&
	       m->ack_revision >= r->revision;
}

/* The rules for fencing on and off differ, and peers go by the record that
 * they have stored.  Whoever may have one that says on can promote after a
 * fencing: it is waited for until all have agreed to off. */
static bool fencing_counts(const struct syncd *s)
{
	return facts_fencing(s) || s->record.fencing ||
	       (s->proposing && s->proposal.fencing);
}

static void holder_facts(
    const struct syncd *s, const struct member *m, struct holder_facts *f)
{
	int64_t now = clock_monotonic_ms();

	f->left = m->left;
	f->fencing = fencing_counts(s);
	f->fenced = facts_fenced(m) || nodes_has(&s->forgotten, &m->hello.node);
	f->lag_ms = m->lag_since_ms ? now - m->lag_since_ms + 1 : 0;
	f->late_ms = m->late_since_ms ? now - m->late_since_ms : 0;
	f->clean_ms = m->clean_since_ms ? now - m->clean_since_ms + 1 : 0;
	f->removed = m->removed;
}

/* The proposal says for the first time that holders are not waited for: one
 * that does not know it would take what it lacks for unpublished. */
static bool becomes_solo(const struct syncd *s)
{
	return s->proposal.solo && !s->record.solo &&
	       id_equal(&s->proposal.term_id, &s->record.term_id);
}

/* A node that the proposal drops, or that it does not wait for any more, and
 * that has not agreed: its absence alone proves nothing, it may be cut off
 * and about to promote. */
static bool may_still_promote(const struct syncd *s, const struct member *m)
{
	struct holder_facts f;
	bool mint = !id_equal(&s->proposal.term_id, &s->record.term_id);

	if (!m->known || history_foreign(&s->proposal, m) ||
	    !nodes_has(&s->record.holders, &m->hello.node))
		return false;
	holder_facts(s, m, &f);
	/* With two voters no majority keeps it from minting that number, or
	 * from dropping us. */
	if (mint && s->proposal.voters <= 2)
		return f.left != LEFT_LEAVE && f.left != LEFT_PROCDOWN &&
		       !f.fenced;
	if (nodes_has(&s->proposal.holders, &m->hello.node) && !becomes_solo(s))
		return false;
	return holder_judge(&f, s->opt.barrier_timeout_ms) != HOLDER_DROP;
}

static bool voters_change(const struct syncd *s)
{
	return s->record.term > 0 && s->proposal.voters != s->record.voters;
}

static bool fencing_changes(const struct syncd *s)
{
	return s->record.term > 0 && s->proposal.fencing != s->record.fencing;
}

/* A holder that has not agreed to a change of the rules. */
static bool may_go_by_old_rules(const struct syncd *s, const struct member *m)
{
	struct holder_facts f;

	if (!fencing_changes(s) || !m->known ||
	    !nodes_has(&s->proposal.holders, &m->hello.node))
		return false;
	holder_facts(s, m, &f);
	return f.left != LEFT_LEAVE && f.left != LEFT_PROCDOWN && !f.fenced;
}

static bool unseen_holder(const struct syncd *s)
{
	int i, j;

	for (i = 0; i < s->record.holders.count; i++) {
		const struct id *id = &s->record.holders.id[i];
		bool seen =
		    id_equal(id, &s->self) || nodes_has(&s->forgotten, id);

		for (j = 0; j < s->members && !seen; j++)
			seen = s->member[j].known &&
			       id_equal(&s->member[j].hello.node, id);
		if (!seen)
			return true;
	}
	return false;
}

bool terms_in_force(const struct syncd *s)
{
	int i, stored = 1, listed = 1;
	bool all = !becomes_solo(s) || !unseen_holder(s);

	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->nodeid == s->nodeid) {
			/* Before we are there nobody else is, either. */
			all = all && m->left == LEFT_NOT;
			continue;
		}
		if (terms_stored_by(m, &s->proposal)) {
			stored++;
			listed += m->listed;
		} else if ((m->left == LEFT_NOT && !history_apart(s, m)) ||
		           may_still_promote(s, m) || may_go_by_old_rules(s, m))
			all = false;
	}
	/* What an admin has decided needs nobody's consent who is not here. */
	return record_in_force_both(
	    s->init_here || s->accept_here ? 0 : s->record.voters,
	    s->proposal.voters, stored, listed, all);
}

/* Less is allowed to somebody than before. */
static bool shrinks(const struct record *old, const struct record *r)
{
	int i;

	if (id_equal(&old->term_id, &r->term_id) &&
	    (old->fencing != r->fencing || old->voters != r->voters))
		return true;
	for (i = 0; i < old->holders.count; i++)
		if (!nodes_has(&r->holders, &old->holders.id[i]))
			return id_equal(&old->term_id, &r->term_id);
	return false;
}

/* Before anybody hears of it: the next one has another number, and of what is
 * not on this disk it can say whether it minted that. */
static int keep_number(struct syncd *s, const struct record *r, struct why *why)
{
	s->minted = r->term;
	return terms_note_number(s, "minted", r->term, why);
}

/* It has an older revision of what is in force, as far as it has told: one in
 * which this node may be no holder, and then it does not take our mint. */
static bool lacks_record(const struct syncd *s, const struct member *m)
{
	return m->nodeid != s->nodeid && m->left == LEFT_NOT && m->has_hello &&
	       m->hello.has_record && !history_foreign(&s->record, m) &&
	       !terms_stored_by(m, &s->proposal) &&
	       record_compare(&m->hello.record, &s->record) == RECORD_OLDER;
}

/* What init begins has nothing to do with what was in force. */
void terms_send_proposal(struct syncd *s)
{
	bool lacking = false;
	int i;

	for (i = 0; i < s->members; i++)
		lacking = lacking || lacks_record(s, &s->member[i]);
	if (lacking && s->role == ROLE_MINTING && !s->init_here)
		terms_send_record(s, &s->record);
	terms_send_record(s, &s->proposal);
}

void terms_trouble_over(struct syncd *s)
{
	repeats_forget(&s->said, TROUBLE);
}

void terms_ask(struct syncd *s, const struct record *r)
{
	s->proposal = *r;
	s->proposing = true;
	s->proposing_since_ms = clock_monotonic_ms();
	terms_send_proposal(s);
}

/* What fails here is tried again at the next tick. */
void terms_trouble(struct syncd *s, const char *what, const struct why *why)
{
	char text[WHY_MAX], line[WHY_MAX];

	snprintf(text, sizeof(text), "%s: %.*s", what, WHY_MAX - 64, why->text);
	if (repeats_due(&s->said, TROUBLE, text, clock_monotonic_ms(), line))
		log_err("%s", line);
}

/* A record that names more nodes is ours before anybody hears of it; one that
 * names fewer only once it is in force: after a crash in between we still
 * wait for the node that has not agreed.  A new term is ours when it is in
 * force: who mints in vain has what it had. */
int terms_propose(struct syncd *s, const struct record *r, struct why *why)
{
	int rc = 0;

	if (!id_equal(&s->record.term_id, &r->term_id))
		rc = keep_number(s, r, why);
	else if (!shrinks(&s->record, r))
		rc = ledger_record_put(s->ledger, r, why);
	if (rc == 0)
		terms_ask(s, r);
	return rc;
}

bool terms_holder_away(const struct syncd *s, const struct member *m)
{
	struct holder_facts f;

	holder_facts(s, m, &f);
	return holder_judge(&f, s->opt.barrier_timeout_ms) == HOLDER_WAIT_FENCE;
}

/* It allows nobody anything, so that it needs nobody's consent: who cannot be
 * told of it knows by what is served how much he may lack (loss.c). */
int terms_solo(struct syncd *s, struct why *why)
{
	bool names_more = s->proposing && !shrinks(&s->record, &s->proposal);
	struct record r = s->record, next = s->proposal;
	int rc;

	if (r.solo)
		return 0;
	if (s->proposing && next.revision > r.revision)
		r.revision = next.revision;
	r.revision++;
	r.solo = next.solo = true;
	next.revision = r.revision + 1;
	/* What names more nodes is what lies on the disk already. */
	rc = ledger_record_put(s->ledger, names_more ? &next : &r, why);
	if (rc < 0)
		return rc;
	s->record = r;
	terms_send_record(s, &s->record);
	if (s->proposing)
		terms_ask(s, &next);
	return 0;
}

void terms_hold_for(struct syncd *s, const struct member *m)
{
	if (!m)
		barrier_hold(s,
		    "a holder that this daemon has not seen yet: start it; "
		    "if it is gone for ever: ods-cluster forget NODE");
	else if (m->listed)
		barrier_hold(s,
		    "fencing of %s, or pcs stonith confirm %s once it is "
		    "surely off",
		    m->name, m->name);
	else
		barrier_hold(s,
		    "%s, which is no node of the cluster any more: once it is "
		    "surely off, type ods-cluster forget %s",
		    m->name, m->name);
}

/* Why nothing is published whatever the zones do; HELD: a holder has to be
 * fenced. */
static void judge_hold(struct syncd *s, bool held)
{
	if (!held && unseen_holder(s)) {
		terms_hold_for(s, NULL);
		held = true;
	}
	if (barrier_asynchronous(s))
		held = false; /* waits for nobody */
	if (barrier_lacks_second(s)) {
		barrier_hold(s, "a second holder: start the other node, or set "
		                "barrier=degrade");
		held = true;
	}
	if (descent_holds(s))
		held = true;
	if (!held && s->quorate && !s->barrier.withheld)
		s->held_since_ms = 0;
}

/* Fencing was switched on or off since the record was made. */
static bool revise_fencing(const struct syncd *s, struct record *next)
{
	if (s->proposing || !s->pacemaker_known ||
	    s->record.fencing == facts_fencing(s))
		return false;
	next->fencing = facts_fencing(s);
	log_notice("fencing is %s now", next->fencing ? "on" : "off");
	return true;
}

/* A node was added to Corosync's list or removed from it. */
static bool revise_voters(const struct syncd *s, struct record *next)
{
	if (s->proposing || s->record.voters == s->configured)
		return false;
	next->voters = s->configured;
	log_notice("%d nodes have a vote in the record now", next->voters);
	return true;
}

/* One that is given up, and that this worker has never seen. */
static bool drop_unseen(struct syncd *s, struct record *next)
{
	int i;

	for (i = 0; i < s->forgotten.count; i++)
		if (!member_by_id(s, &s->forgotten.id[i]) &&
		    nodes_has(&next->holders, &s->forgotten.id[i])) {
			nodes_remove(&next->holders, &s->forgotten.id[i]);
			return true;
		}
	return false;
}

/* Judge each holder and each candidate; propose at most one change. */
static bool next_record(struct syncd *s, struct record *next)
{
	struct holder_facts f;
	bool held = false;
	int i;

	for (i = 0; i < s->members; i++) {
		struct member *m = &s->member[i];

		if (m->nodeid == s->nodeid || !m->known)
			continue;
		holder_facts(s, m, &f);
		if (!nodes_has(&s->record.holders, &m->hello.node)) {
			if (!holder_may_return(&f))
				continue;
			nodes_add(&next->holders, &m->hello.node);
			m->removed = false;
			log_notice("%s may take over from now on", m->name);
			return true;
		}
		if (m->ancestry == ANCESTRY_WENT_BACK)
			continue; /* it has what this node lacks */
		switch (holder_judge(&f, s->opt.barrier_timeout_ms)) {
		case HOLDER_KEEP:
			break;
		case HOLDER_WAIT_FENCE:
			terms_hold_for(s, m);
			held = true;
			break;
		case HOLDER_DROP:
		case HOLDER_ASK_DROP:
			nodes_remove(&next->holders, &m->hello.node);
			m->removed = true;
			m->clean_since_ms = 0;
			log_warn("%s may no longer take over: it is %s",
			    m->name, f.left == LEFT_NOT ? "late" : "gone");
			return true;
		}
	}
	judge_hold(s, held);
	return drop_unseen(s, next) || barrier_solo(s, next) ||
	       revise_fencing(s, next) || revise_voters(s, next);
}

/* Fewer daemons are here than it takes to store a record, as when all other
 * nodes of three were stopped in order. */
static bool no_majority(const struct syncd *s)
{
	int i, here = 0;

	for (i = 0; i < s->members; i++)
		here += s->member[i].left == LEFT_NOT;
	return s->proposal.voters > 2 && 2 * here <= s->proposal.voters;
}

/* It had time to answer after it was found late. */
static bool is_silent(const struct syncd *s, const struct member *m)
{
	return m->lag_since_ms && clock_monotonic_ms() - m->lag_since_ms >
	                              s->opt.barrier_timeout_ms + RESEND_MS;
}

static void hold_for_majority(struct syncd *s)
{
	if (no_majority(s))
		barrier_hold(s,
		    "ods-syncd on most of the %d nodes: start it there",
		    s->proposal.voters);
}

/* A node that was asked to step back hangs, or is gone without an answer: that
 * is to be told, and its fencing to be looked for. */
static void hold_proposal(struct syncd *s)
{
	int i;

	if (barrier_asynchronous(s))
		return;
	hold_for_majority(s);
	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->nodeid == s->nodeid || !may_still_promote(s, m))
			continue;
		if (m->left != LEFT_NOT)
			terms_hold_for(s, m);
		else if (!terms_stored_by(m, &s->proposal) && is_silent(s, m))
			barrier_hold(s,
			    "%s, which does not answer: its monitor restarts "
			    "ods-syncd there",
			    m->name);
	}
}

/* A new term that nobody hinders is in force before it is sent again. */
static void hold_mint(struct syncd *s)
{
	int i;

	hold_for_majority(s);
	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->nodeid == s->nodeid || terms_stored_by(m, &s->proposal))
			continue;
		if (m->left != LEFT_NOT &&
		    (may_still_promote(s, m) || may_go_by_old_rules(s, m)))
			terms_hold_for(s, m);
		else if (m->left == LEFT_NOT && !history_apart(s, m))
			barrier_hold(s,
			    "%s, which neither stores term %llu nor leaves: "
			    "see its log, or stop the cluster there",
			    m->name, (unsigned long long)s->proposal.term);
	}
}

/* Corosync may drop a message of ours, a peer may not have been able to store
 * it. */
static void resend(struct syncd *s)
{
	if (clock_monotonic_ms() - s->proposing_since_ms <= RESEND_MS)
		return;
	if (s->role == ROLE_MINTING)
		hold_mint(s);
	s->proposing_since_ms = clock_monotonic_ms();
	terms_send_proposal(s);
	terms_send_key(s);
}

static void proposal_tick(struct syncd *s)
{
	struct why why;

	if (terms_in_force(s)) {
		if (ledger_record_put(s->ledger, &s->proposal, &why) < 0) {
			terms_trouble(s, "cannot store the record", &why);
			return;
		}
		terms_trouble_over(s);
		s->record = s->proposal;
		s->proposing = false;
		terms_hello(s);
		return;
	}
	hold_proposal(s);
	resend(s);
}

void terms_tick(struct syncd *s)
{
	struct record next;
	struct why why;

	group_flush(s);
	if (s->role != ROLE_SOURCE) {
		if (s->proposing)
			resend(s);
		terms_take_up(s);
		terms_follow(s);
		return;
	}
	degraded_tick(s);
	if (s->proposing) {
		proposal_tick(s);
		/* A change of the rules waits for all; holders come and go. */
		if (!s->proposing || !(fencing_changes(s) || voters_change(s)))
			return;
	}
	next = s->record;
	if (!next_record(s, &next))
		return;
	if (s->proposing && s->proposal.revision > next.revision)
		next.revision = s->proposal.revision;
	next.revision++;
	if (terms_propose(s, &next, &why) < 0)
		terms_trouble(s, "cannot change the record", &why);
}
