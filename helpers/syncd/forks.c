/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include "log.h"

/* Two records of one term number: has either been more than minted? */

/* A term of ours without a generation leaves no trace: whatever is published
 * is cut first, and a cut is a tip. */
bool fork_minted_for_nothing(const struct syncd *s)
{
	return s->role == ROLE_UNPROMOTED && !s->restarting &&
	       id_equal(&s->record.source, &s->self) &&
	       !id_equal(&s->tip.term_id, &s->record.term_id);
}

/* As far as M has told, it minted R and never was its source: it says so only
 * when it has given up, and a source says first that it is one. */
bool fork_never_begun(const struct member *m, const struct record *r)
{
	return m && m->has_hello && !m->hello.source &&
	       id_equal(&r->source, &m->hello.node) &&
	       !id_equal(&m->hello.tip.term_id, &r->term_id);
}

/* Has the node that minted our record told since that it gave it up? */
static bool given_up(const struct syncd *s, const struct member *minter)
{
	return s->role == ROLE_UNPROMOTED && minter &&
	       minter->nodeid != s->nodeid &&
	       id_equal(&minter->hello.record.term_id, &s->record.term_id) &&
	       fork_never_begun(minter, &s->record);
}

/* Another record of our term number.  Two nodes may both have minted, when
 * the first one's message was under way for so long that Pacemaker asked
 * another: of that there is no trace once one of the two has begun.  NEWER =
 * ours yields, OLDER = theirs is to be ignored, FORK = both have begun. */
enum record_order fork_judge(
    struct syncd *s, const struct member *from, const struct record *r)
{
	/* While we mint, theirs yields or ours never comes into force. */
	if (s->role == ROLE_MINTING)
		return RECORD_OLDER;
	if (fork_minted_for_nothing(s) ||
	    given_up(s, member_by_id(s, &s->record.source))) {
		log_notice("term %llu was minted and never begun: %s's counts",
		    (unsigned long long)r->term, from->name);
		return RECORD_NEWER;
	}
	return fork_never_begun(from, r) ? RECORD_OLDER : RECORD_FORK;
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

/* Who had only stored the other one has given it up. */
void fork_hello(struct syncd *s, struct member *from)
{
	const struct record *theirs = &from->hello.record;
	int i;

	if (!from->fork ||
	    (from->hello.has_record &&
	        record_compare(theirs, &s->record) == RECORD_FORK))
		return;
	from->fork = false;
	for (i = 0; i < s->members; i++)
		if (s->member[i].fork)
			return;
	log_notice("%s has given its term up", from->name);
	fork_forget(s);
}
