/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "worker.h"

/* A copied state_dir has a copied id.  Two nodes of one id cannot be told
 * apart in a list of holders: it may neither ack nor hold, and never joins us
 * by data (its acks would be ours).  Whoever has no part in signing gives way;
 * a source must not fall because somebody copied its directory. */
bool history_twin(
    const struct syncd *s, struct member *from, const struct hello *h)
{
	bool was = from->twin;

	from->twin = from->nodeid != s->nodeid && id_equal(&h->node, &s->self);
	if (!from->twin)
		return false;
	from->has_hello = from->session = false;
	if (!was)
		log_crit("%s has the same node id as this node: one of them "
		         "is a copy; remove its state_dir",
		    from->name);
	if (s->role == ROLE_UNPROMOTED && !s->restarting)
		exit(WORKER_UNFIT);
	return true;
}

/* Each start of a worker counts up in its ledger. */
struct starts {
	uint64_t count;
	char worker[ID_TEXT];
};

static void starts_key(const struct hello *h, char *key, size_t size)
{
	char id[ID_TEXT];

	id_text(&h->node, id);
	snprintf(key, size, "starts.%s", id);
}

static void starts_seen(
    const struct syncd *s, const struct hello *h, struct starts *seen)
{
	char key[64], text[80] = "";

	starts_key(h, key, sizeof(key));
	ledger_note_get(s->ledger, key, text, sizeof(text));
	if (sscanf(text, "%" SCNu64 " %32s", &seen->count, seen->worker) != 2)
		memset(seen, 0, sizeof(*seen));
}

/* What a new worker's disk tells, against what is known of that node: a start
 * that has been seen, or less of our term than it has acked. */
static bool went_back(const struct syncd *s, const struct member *from,
    const struct hello *h, const struct starts *seen, const char *worker)
{
	if (h->starts <= seen->count && strcmp(worker, seen->worker) != 0)
		return true;
	return s->role == ROLE_SOURCE && from->known &&
	       id_equal(&from->hello.node, &h->node) &&
	       !id_equal(&from->hello.worker, &h->worker) &&
	       position_in(&h->tip, &s->record.term_id) < from->acked_seq;
}

static void note_start(struct syncd *s, const struct hello *h)
{
	char key[64], worker[ID_TEXT], text[80];
	struct starts seen;

	starts_seen(s, h, &seen);
	id_text(&h->worker, worker);
	if (seen.count == h->starts && strcmp(seen.worker, worker) == 0)
		return;
	starts_key(h, key, sizeof(key));
	snprintf(text, sizeof(text), "%" PRIu64 " %s", h->starts, worker);
	ledger_note_put(s->ledger, key, text, NULL);
}

/* The disk is older than what it has said: its terms and generations, and what
 * it may have promised, are not true any more.  It takes no part until it has
 * a new copy. */
void history_starts(struct syncd *s, struct member *from, const struct hello *h)
{
	struct control c = {.type = CONTROL_OUTDATED, .node = h->node};
	char worker[ID_TEXT];
	struct starts seen;

	if (h->closing)
		return;
	starts_seen(s, h, &seen);
	id_text(&h->worker, worker);
	from->outdated =
	    h->state == STATE_LEDGER && went_back(s, from, h, &seen, worker);
	if (from->outdated) {
		log_crit("%s was restored from a snapshot or a backup: it "
		         "gets a new copy",
		    from->name);
		group_send(s, &c);
		return;
	}
	note_start(s, h);
}

/* A number that no earlier state of this disk can come to by starting: the
 * time, if the clock is right.  Peers that were away know of starts that a
 * restored disk has forgotten, and it must not seem restored for ever. */
void history_counts_on(struct syncd *s)
{
	uint64_t next = s->starts + 1, now = (uint64_t)time(NULL);
	char text[24];
	struct why why;

	if (next < now)
		next = now;
	snprintf(text, sizeof(text), "%" PRIu64, next);
	if (ledger_note_put(s->ledger, "starts", text, &why) < 0)
		log_err("%s", why.text);
	else
		s->starts = next;
}

void history_outdated(struct syncd *s, const char *by)
{
	struct why why = {0};

	/* What is minted here would begin as soon as BY leaves.  Who has stored
	 * it hears that it was in vain while our word still counts. */
	if (s->role == ROLE_MINTING && !s->restarting) {
		promote_superseded(s, by);
		terms_hello(s);
	}
	if (s->role != ROLE_UNPROMOTED || s->restarting ||
	    s->state != STATE_LEDGER)
		return;
	if (ledger_note_put(s->ledger, "state", "seeding", &why) < 0) {
		log_err("%s", why.text);
		return;
	}
	log_crit("the others know a newer state of this node: it was restored "
	         "from a snapshot or an image, and waits for a new copy");
	s->state = STATE_SEEDING;
	s->warm = false;
	history_counts_on(s);
	terms_hello(s);
}

bool history_foreign(const struct record *r, const struct member *m)
{
	return m->left == LEFT_NOT && m->has_hello && m->hello.has_record &&
	       m->hello.record.term > 0 &&
	       !id_equal(&m->hello.record.cluster, &r->cluster);
}

/* It will never store what is proposed, and must not hold up a node that has
 * its own history right: it is a copy of us, of another cluster, or it has
 * another term of the number that is in force here.  A mint waits for the
 * last kind: it may be minting, too. */
bool history_apart(const struct syncd *s, const struct member *m)
{
	if (m->twin || history_foreign(&s->proposal, m))
		return true;
	return m->has_hello && m->hello.has_record &&
	       id_equal(&s->record.term_id, &s->proposal.term_id) &&
	       record_compare(&m->hello.record, &s->proposal) == RECORD_FORK;
}

/* Would the next term of CHOSEN not be adopted here as it is?  Its HELLO may
 * be older than what it has stored since. */
static bool stands_against(const struct syncd *s, const struct member *chosen)
{
	const struct record *theirs = &chosen->hello.record;

	if (s->record.term == 0 ||
	    id_equal(&chosen->ack_term, &s->record.term_id))
		return false;
	if (!chosen->hello.has_record || theirs->term == 0 ||
	    history_foreign(&s->record, chosen))
		return true;
	return s->record.term > theirs->term ||
	       record_compare(&s->record, theirs) == RECORD_FORK;
}

/* A seed takes whatever record comes, is never promoted, and sets aside what
 * its source has not. */
static void become_seed(struct syncd *s)
{
	const struct record none = {0};
	struct why why = {0};
	int rc = ledger_note_put(s->ledger, "state", "seeding", &why);

	if (rc == 0)
		rc = ledger_before_put(s->ledger, &none, &why);
	if (rc == 0)
		rc = ledger_record_put(s->ledger, &none, &why);
	if (rc < 0) {
		log_err("init: %s", why.text);
		return;
	}
	if (s->replicating)
		engine_idle(s->engine);
	s->replicating = s->connected = s->warm = false;
	s->record = s->before = none;
	s->state = STATE_EMPTY;
	s->ancestry = ANCESTRY_BEHIND;
	log_notice("init: the state here will be set aside");
	terms_hello(s);
}

const struct member *history_other_source(
    const struct syncd *s, const struct member *chosen)
{
	int i;

	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m != chosen && m->left == LEFT_NOT && m->has_hello &&
		    m->hello.source)
			return m;
	}
	return NULL;
}

const struct member *history_chosen(
    struct syncd *s, const char *name, struct why *why)
{
	const struct member *chosen = member_by_name(s, name), *other;

	if (!chosen) {
		why_set(why, -EINVAL, "no node of that name: see pcs status");
		return NULL;
	}
	if (chosen->left != LEFT_NOT || !chosen->has_hello) {
		why_set(why, -EHOSTDOWN,
		    "that node is not in the group: start it first");
		return NULL;
	}
	other = history_other_source(s, chosen);
	if (!other)
		return chosen;
	why_set(why, -EBUSY,
	    "%s is still the source: demote it (pcs node standby %s), and type "
	    "it again",
	    other->name, other->name);
	return NULL;
}

int history_init_typed(struct syncd *s, const char *name, struct why *why)
{
	struct control c = {.type = CONTROL_INIT};
	const struct member *chosen = history_chosen(s, name, why);

	if (!chosen)
		return why->err;
	c.node = chosen->hello.node;
	group_send(s, &c);
	return 0;
}

/* It came too late to be refused where it was typed. */
static bool typed_beside_source(
    const struct syncd *s, const struct member *chosen)
{
	const struct member *other = history_other_source(s, chosen);

	if (other)
		log_warn("init: %s is still the source: demote it, and type "
		         "it again",
		    other->name);
	return other;
}

/* This node was chosen.  What was typed beside a source is not kept for the
 * day when that one falls. */
static void chosen_here(struct syncd *s)
{
	s->init_here = false;
	if (s->role == ROLE_SOURCE) {
		descent_chosen(s);
		terms_announce(s); /* to those who begin anew */
		return;
	}
	if (typed_beside_source(s, member_by_id(s, &s->self)))
		return;
	s->init_here = true;
	log_notice("init: this node was chosen as source");
}

void history_init_void(struct syncd *s, const struct record *r)
{
	if (!s->init_here || id_equal(&r->source, &s->self))
		return;
	log_notice("init: void, since term %" PRIu64 " of another node has "
	           "begun",
	    r->term);
	s->init_here = false;
}

/* An admin has chosen SOURCE.  A source that is not chosen stays one until it
 * is demoted, and as long as there is one nobody gives up what he has. */
void history_init(struct syncd *s, const struct id *source)
{
	struct member *chosen = member_by_id(s, source);

	fork_forget(s);
	s->accept_here = false;
	if (id_equal(source, &s->self)) {
		chosen_here(s);
		return;
	}
	s->init_here = false; /* the last one counts */
	if (s->role != ROLE_UNPROMOTED || s->restarting || !chosen)
		return;
	if (chosen->outdated) { /* and heard again, whatever it was */
		chosen->outdated = false;
		note_start(s, &chosen->hello);
	}
	if (!typed_beside_source(s, chosen) &&
	    (s->state == STATE_UNKNOWN || !ancestry_served(s->ancestry) ||
	        stands_against(s, chosen)))
		become_seed(s);
}
