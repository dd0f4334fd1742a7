/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include "log.h"

/* Two records of one term number: has either been more than minted? */

/* A disk that went back to a snapshot has forgotten what began: that a term
 * is not on it proves nothing until it has a new copy. */
static bool remembers(const struct member *m)
{
	return m->has_hello && !m->outdated && m->hello.state != STATE_SEEDING;
}

/* As far as M has told, it minted R and never was its source: it says so only
 * when it has given up, and a source says first that it is one.  A record that
 * was revised had begun, and may be closed by now without a generation. */
bool fork_never_begun(const struct member *m, const struct record *r)
{
	return m && r->revision <= MINT_REVISION && remembers(m) &&
	       !m->hello.source && id_equal(&r->source, &m->hello.node) &&
	       !id_equal(&m->hello.tip.term_id, &r->term_id);
}

/* Whatever is published of a term is cut first, and a cut is a tip. */
static bool has_a_generation(const struct syncd *s, const struct record *r)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (s->member[i].has_hello &&
		    id_equal(&s->member[i].hello.tip.term_id, &r->term_id))
			return true;
	return id_equal(&s->tip.term_id, &r->term_id);
}

/* Has the node that minted R told that it never was its source?  It knows that
 * number for its own, and its record is another one: a source has its own on
 * disk first, and who mints names it in HELLO.  A disk that went back to before
 * the mint does not know the number, also where nobody is left who can say that
 * it went back; one of the time of the mint does, but who heard that the term
 * began has a later revision. */
bool fork_given_up(struct syncd *s, const struct record *r)
{
	const struct member *m = member_by_id(s, &r->source);

	if (r->revision > MINT_REVISION)
		return false;
	if (id_equal(&r->source, &s->self))
		return s->role == ROLE_UNPROMOTED && r->term <= s->minted &&
		       !id_equal(&s->record.term_id, &r->term_id) &&
		       !has_a_generation(s, r);
	return m && m->left == LEFT_NOT && remembers(m) &&
	       m->hello.has_record && !m->hello.source &&
	       r->term <= m->hello.minted && m->hello.record.term <= r->term &&
	       !id_equal(&m->hello.record.term_id, &r->term_id) &&
	       !has_a_generation(s, r);
}

/* FROM mints, and what we have says that it may not; init asks no holder. */
static bool not_allowed(
    const struct syncd *s, const struct member *from, const struct record *r)
{
	return fork_never_begun(from, r) &&
	       !nodes_has(&s->record.holders, &r->source) &&
	       record_inits(r) == record_inits(&s->record);
}

static bool runs(const struct member *m)
{
	return m->left == LEFT_NOT && m->has_hello && m->hello.source;
}

/* Is there a source, this node or another one, that whoever typed the init of
 * R did not know? */
static bool source_unknown_to(const struct syncd *s, const struct record *r)
{
	int i;

	if (s->role == ROLE_SOURCE || s->role == ROLE_DEMOTING)
		return record_by_init(r, &s->record);
	for (i = 0; i < s->members; i++)
		if (runs(&s->member[i]) &&
		    record_by_init(r, &s->member[i].hello.record))
			return true;
	return false;
}

/* Who does what init says cannot know how far the others have gone, and passes
 * over many numbers.  A source of theirs that has run out of his sight does not
 * fall by that: an admin has to demote it.  OLDER: R yields, NEWER: ours. */
static enum record_order beside_source(const struct syncd *s,
    const struct member *from, const struct record *r,
    const struct record *mine)
{
	enum record_order order = record_compare(r, mine);

	if (order == RECORD_NEWER && source_unknown_to(s, r))
		return RECORD_OLDER;
	if (order == RECORD_OLDER && runs(from) &&
	    id_equal(&r->source, &from->hello.node) && record_by_init(mine, r))
		return RECORD_NEWER;
	return order;
}

/* R against what is on our disk.  A mint counts once its term has begun;
 * before, it is no more than a question, and what was minted in vain by a
 * node that was cut off has a higher number than what the others went on to
 * publish without it. */
enum record_order fork_order(
    struct syncd *s, const struct member *from, const struct record *r)
{
	const struct record *mine =
	    s->role == ROLE_MINTING ? &s->proposal : &s->record;
	enum record_order order;

	if (mine->term == 0)
		return RECORD_NEWER;
	order = beside_source(s, from, r, mine);
	if (order == RECORD_NEWER && r->term > mine->term &&
	    (fork_given_up(s, r) || not_allowed(s, from, r)))
		return RECORD_OLDER;
	if (order != RECORD_OLDER || r->term >= mine->term)
		return order;
	/* What we mint was asked of somebody who knows better. */
	if (s->role == ROLE_MINTING &&
	    record_compare(r, &s->record) == RECORD_NEWER &&
	    !nodes_has(&r->holders, &s->self) && !fork_given_up(s, r))
		return RECORD_NEWER;
	if (s->role == ROLE_UNPROMOTED && fork_given_up(s, mine) &&
	    !fork_given_up(s, r))
		return RECORD_NEWER;
	return order;
}

/* Ours was in force, and we have ended before we cut anything. */
static bool begun_for_nothing(const struct syncd *s)
{
	return s->role == ROLE_UNPROMOTED && !s->restarting &&
	       id_equal(&s->record.source, &s->self) &&
	       !has_a_generation(s, &s->record);
}

/* Another record of our term number.  Two nodes may both have minted, when
 * the first one's message was under way for so long that Pacemaker asked
 * another: of that there is no trace once one of the two has begun.  OLDER =
 * theirs is to be ignored, NEWER = ours is, FORK = both have begun. */
enum record_order fork_judge(
    struct syncd *s, const struct member *from, const struct record *r)
{
	/* While we mint, theirs yields or ours never comes into force. */
	if (s->role == ROLE_MINTING)
		return RECORD_OLDER;
	if (begun_for_nothing(s) && !fork_never_begun(from, r))
		return RECORD_NEWER;
	return fork_never_begun(from, r) || fork_given_up(s, r) ? RECORD_OLDER
	                                                        : RECORD_FORK;
}

void fork_note(struct syncd *s, struct member *from, const struct record *r)
{
	if (!s->fork)
		log_crit("%s has another term %llu: nobody is promoted",
		    from->name, (unsigned long long)r->term);
	s->fork = from->fork = true;
	s->fork_term = r->term;
}

void fork_forget(struct syncd *s)
{
	int i;

	for (i = 0; i < s->members; i++)
		s->member[i].fork = false;
	s->fork = false;
	s->fork_term = 0;
}

/* A later term has begun from one of the two: that one counts. */
void fork_passed(struct syncd *s)
{
	if (s->fork_term && s->record.term > s->fork_term)
		fork_forget(s);
}

static bool still_forked(const struct syncd *s, const struct member *m)
{
	return m->fork && m->hello.has_record &&
	       record_compare(&m->hello.record, &s->record) == RECORD_FORK;
}

/* Who had only stored the other one has given it up, or we have. */
void fork_review(struct syncd *s)
{
	bool any = false, was = false;
	int i;

	for (i = 0; i < s->members; i++) {
		struct member *m = &s->member[i];

		was = was || m->fork;
		m->fork = still_forked(s, m);
		any = any || m->fork;
	}
	if (!was || any)
		return;
	log_notice(
	    "there is one term %llu only", (unsigned long long)s->record.term);
	fork_forget(s);
}
