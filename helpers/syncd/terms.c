/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deadline.h"
#include "log.h"
#include "pacemaker.h"

#define TAKE_UP_MS 2000

int terms_load(struct syncd *s, struct why *why)
{
	char minted[32] = "0", heard[32] = "0";
	int rc = ledger_before_get(s->ledger, &s->before, why);

	if (rc < 0 && rc != -ENOENT)
		return rc;
	ledger_note_get(s->ledger, "minted", minted, sizeof(minted));
	s->minted = strtoull(minted, NULL, 10);
	ledger_note_get(s->ledger, "heard", heard, sizeof(heard));
	s->heard = strtoull(heard, NULL, 10);
	return ledger_record_get(s->ledger, &s->record, why);
}

/* ---- what we say ------------------------------------------------------ */

void terms_hello(struct syncd *s)
{
	struct control c = {.type = CONTROL_HELLO};
	struct hello *h = &c.hello;

	h->node = s->self;
	h->worker = s->worker;
	h->starts = s->starts;
	h->minted = s->minted;
	snprintf(h->name, sizeof(h->name), "%s", s->name);
	snprintf(h->address, sizeof(h->address), "%s", s->opt.address);
	h->port = (uint16_t)s->opt.port;
	h->source = s->role == ROLE_SOURCE || s->role == ROLE_DEMOTING;
	h->restarted = s->opt.restarted;
	h->closing = s->opt.close;
	h->daemons_dead = facts_daemons_dead();
	h->foreign = s->foreign.state != FOREIGN_NONE;
	h->state = s->state;
	h->zones = (uint32_t)s->zones;
	h->keys = (uint32_t)s->keys;
	h->record = s->role == ROLE_MINTING ? s->proposal : s->record;
	h->has_record = h->record.term > 0;
	h->tip = s->tip;
	h->clock = (uint64_t)clocks_tell(s);
	group_send(s, &c);
}

void terms_send_record(struct syncd *s, const struct record *r)
{
	struct control c = {.type = CONTROL_RECORD, .record = *r};
	int i;

	for (i = 0; i < s->members; i++)
		if (s->member[i].left == LEFT_NOT && s->member[i].has_hello)
			nodes_add(&c.workers, &s->member[i].hello.worker);
	group_send(s, &c);
}

static void send_ack(struct syncd *s, const struct record *r)
{
	struct control c = {.type = CONTROL_ACK,
	    .node = s->self,
	    .term_id = r->term_id,
	    .revision = r->revision};

	group_send(s, &c);
}

void terms_announce(struct syncd *s)
{
	terms_hello(s);
	terms_send_record(s, &s->record);
	terms_send_key(s);
}

/* ---- following a source ----------------------------------------------- */

/* A key that Corosync brings is on its way; a file does not come by itself. */
static void tell_no_key(struct syncd *s, const struct why *why)
{
	char line[WHY_MAX];

	if (!s->encrypted &&
	    repeats_due(&s->said, "key", why->text, clock_monotonic_ms(), line))
		log_err("%s", line);
}

/* Replicate from the source of the record, when there is a session to be
 * had: its HELLO has come, the key is known, the state may be overwritten. */
void terms_follow(struct syncd *s)
{
	struct engine_term term;
	struct member *source;
	struct why why = {0};

	if (s->role != ROLE_UNPROMOTED || s->restarting || s->replicating ||
	    s->fork || !s->engine || !s->record.open ||
	    id_equal(&s->record.source, &s->self) ||
	    s->state == STATE_UNKNOWN || s->promoting)
		return;
	source = member_by_id(s, &s->record.source);
	if (!source || source->left != LEFT_NOT || !source->hello.source)
		return;
	if (terms_psk(s, &s->record.term_id, &why) < 0) {
		tell_no_key(s, &why);
		return;
	}
	term.cluster = s->record.cluster;
	term.term = s->record.term;
	term.term_id = s->record.term_id;
	memcpy(term.psk, s->psk, sizeof(term.psk));
	if (s->state == STATE_EMPTY) {
		s->state = STATE_SEEDING;
		ledger_note_put(s->ledger, "state", "seeding", NULL);
		terms_hello(s); /* for the source's status */
	}
	foreign_guard(s);
	if (engine_replica(s->engine, &term, &source->hello.node,
	        source->hello.address, source->hello.port, &why) < 0)
		log_err("cannot replicate from %s: %s", source->name, why.text);
	else
		s->replicating = true;
	s->frozen = false;
	explicit_bzero(&term, sizeof(term));
}

/* Only nodes of the group may have a data connection: an ack counts from a
 * member of the current configuration alone. */
void terms_sessions(struct syncd *s)
{
	struct node_list list = {0};
	int i;

	if (s->role != ROLE_SOURCE && s->role != ROLE_DEMOTING)
		return;
	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->left == LEFT_NOT && m->has_hello &&
		    m->nodeid != s->nodeid)
			nodes_add(&list, &m->hello.node);
	}
	engine_members(s->engine, &list);
}

void terms_follow_anew(struct syncd *s)
{
	if (s->replicating)
		engine_idle(s->engine);
	s->replicating = s->connected = false;
	terms_follow(s);
}

/* ---- what we hear ----------------------------------------------------- */

int terms_note_number(
    struct syncd *s, const char *note, uint64_t term, struct why *why)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, term);
	return ledger_note_put(s->ledger, note, text, why);
}

/* Of a term that may come to nothing the number is used all the same. */
static int hear_number(struct syncd *s, const struct record *r, struct why *why)
{
	if (r->term <= s->heard)
		return 0;
	s->heard = r->term;
	return terms_note_number(s, "heard", r->term, why);
}

/* Store a record that is newer than ours; true when it is stored. */
static bool adopt_record(struct syncd *s, const struct record *r)
{
	bool new_term = !id_equal(&r->term_id, &s->record.term_id);
	bool keep = new_term && s->record.term && !fork_given_up(s, &s->record);
	bool back = id_equal(&r->term_id, &s->before.term_id);
	struct why why;

	if (hear_number(s, r, &why) < 0 ||
	    (keep && ledger_before_put(s->ledger, &s->record, &why) < 0) ||
	    ledger_record_put(s->ledger, r, &why) < 0) {
		terms_trouble(s, "cannot store the record", &why);
		/* Its source waits for our word; leaving is as good. */
		if (nodes_has(&s->record.holders, &s->self) &&
		    !nodes_has(&r->holders, &s->self))
			group_abandon(s, "a holder that cannot step back");
		return false;
	}
	terms_trouble_over(s);
	if (keep)
		s->before = s->record;
	s->record = *r;
	fork_passed(s);
	fork_review(s);
	if (new_term) {
		if (!back) {
			history_init_void(s, r);
			loss_void(s, r);
		}
		s->warm = false;
		log_notice("term %llu begins", (unsigned long long)r->term);
		terms_follow_anew(s);
	}
	return true;
}

/* What was stored and never began is forgotten. */
static void forget_mint(struct syncd *s)
{
	struct record before = s->before;

	if (s->role != ROLE_UNPROMOTED || s->restarting || before.term == 0 ||
	    id_equal(&before.term_id, &s->record.term_id) ||
	    !fork_given_up(s, &s->record))
		return;
	log_notice("term %llu was minted and never begun",
	    (unsigned long long)s->record.term);
	if (adopt_record(s, &before))
		terms_hello(s);
}

static bool record_is_foreign(const struct syncd *s, const struct record *r)
{
	return s->record.term > 0 && !id_equal(&r->cluster, &s->record.cluster);
}

static void on_record(
    struct syncd *s, struct member *from, const struct record *r)
{
	enum record_order order;

	if (from->nodeid == s->nodeid || from->outdated)
		return;
	if (record_is_foreign(s, r)) {
		log_crit("%s belongs to another history: decide with "
		         "ods-cluster init --source NODE",
		    from->name);
		s->fork = true;
		return;
	}
	/* Who mints sends what is in force, too: that is not given up. */
	if (id_equal(&r->source, &from->hello.node) && from->has_hello &&
	    record_compare(r, &from->hello.record) != RECORD_OLDER) {
		from->hello.record = *r;
		from->hello.has_record = true;
	}
	order = fork_order(s, from, r);
	if (order == RECORD_OLDER) {
		terms_hello(s);
		return;
	}
	if (order == RECORD_FORK) {
		order = fork_judge(s, from, r);
		if (order == RECORD_OLDER)
			return;
	}
	if (order == RECORD_FORK) {
		fork_note(s, from, r);
		return;
	}
	if (order == RECORD_NEWER) {
		if (s->role != ROLE_UNPROMOTED &&
		    !id_equal(&r->source, &s->self))
			promote_superseded(s, from->name);
		if (!adopt_record(s, r))
			return;
	}
	send_ack(s, r);
	if (id_equal(&r->source, &from->hello.node))
		warm_acked(s, nodes_has(&r->holders, &s->self) &&
		                  id_equal(&s->known_in, &r->term_id));
	terms_follow(s);
}

/* A source that has not seen us join may have dropped this node at the end of
 * the worker before, and what it sent before that reaches us all the same.
 * Whom it knows it drops only when he agrees, has ended, or was fenced. */
static void note_known(
    struct syncd *s, const struct member *from, const struct control *c)
{
	if (id_equal(&c->record.source, &from->hello.node) &&
	    nodes_has(&c->workers, &s->worker))
		s->known_in = c->record.term_id;
}

/* A worker that we know comes back after a partition with the fencing that is
 * looked for still its own.  With a new one all successes up to now are past:
 * those that were read at once, the others with the next reading. */
static void note_member(struct syncd *s, struct member *m, bool same)
{
	char key[NODE_NAME_MAX + 8], id[ID_TEXT];

	if (!same)
		fencings_join(&m->fence_before, &m->fence_last);
	if (!same || m->fence_due)
		facts_fence_due(s, m);
	m->session = false;
	m->clean_since_ms = 0;
	id_text(&m->hello.node, id);
	snprintf(key, sizeof(key), "peer.%s", m->name);
	ledger_note_put(s->ledger, key, id, NULL);
	pacemaker_look(s->pacemaker);
}

/* A source must not go on publishing in a term that has been succeeded, from
 * whomever it hears of that.  What a peer has of our own term was asked by us,
 * and a fork is judged when its source sends its record.  A later term that
 * names us as its source is one that our disk, gone back in time, has lost. */
static void yield_to_hello(
    struct syncd *s, struct member *from, const struct hello *h)
{
	if (id_equal(&h->record.term_id, &s->record.term_id) ||
	    fork_order(s, from, &h->record) != RECORD_NEWER)
		return;
	promote_superseded(s, from->name);
	if (!h->source) /* a source sends its record itself */
		adopt_record(s, &h->record);
	terms_hello(s);
}

/* What a peer knows is a fact for us too. */
static void on_hello_record(
    struct syncd *s, struct member *from, const struct hello *h)
{
	enum record_order order;

	if (from->outdated || !h->has_record || h->record.term == 0 ||
	    s->state == STATE_UNKNOWN || record_is_foreign(s, &h->record))
		return;
	if (s->role == ROLE_SOURCE || s->role == ROLE_DEMOTING) {
		yield_to_hello(s, from, h);
		return;
	}
	order = fork_order(s, from, &h->record);
	if (s->role == ROLE_MINTING) {
		if (order != RECORD_NEWER || h->source)
			return;
		promote_superseded(s, from->name);
	}
	if (order == RECORD_FORK) {
		if (fork_judge(s, from, &h->record) == RECORD_FORK)
			fork_note(s, from, &h->record);
	} else if (order == RECORD_NEWER && !h->source) {
		adopt_record(s, &h->record);
		terms_hello(s);
	}
}

/* A record is told when it changes and to a new worker.  Who could not store
 * it then takes it from what the peers said in HELLO. */
void terms_take_up(struct syncd *s)
{
	int64_t now = clock_monotonic_ms();
	int i;

	if (s->role != ROLE_UNPROMOTED || s->restarting ||
	    s->record.term == 0 || now - s->taken_up_ms < TAKE_UP_MS)
		return;
	s->taken_up_ms = now;
	for (i = 0; i < s->members; i++) {
		struct member *m = &s->member[i];

		if (m->left != LEFT_NOT || !m->has_hello ||
		    record_compare(&m->hello.record, &s->record) !=
		        RECORD_NEWER)
			continue;
		if (m->hello.source)
			on_record(s, m, &m->hello.record);
		else
			on_hello_record(s, m, &m->hello);
	}
}

/* A node that was removed from the cluster and added again has another
 * Corosync id: where it was before it is no more. */
static void leave_old_place(
    struct syncd *s, const struct member *from, const struct hello *h)
{
	int i;

	for (i = 0; i < s->members; i++) {
		struct member *m = &s->member[i];

		if (m == from || m->left == LEFT_NOT || !m->known ||
		    !id_equal(&m->hello.node, &h->node))
			continue;
		m->known = m->has_hello = m->removed = false;
		memset(&m->hello, 0, sizeof(m->hello));
		m->fence_before.count = m->fence_last.count = 0;
	}
}

/* It was out of sight when Pacemaker fenced it. */
static bool was_fenced(const struct member *m)
{
	return !m->fence_due && facts_fence_seen(m);
}

/* A node that has lost its ledger is another one.  Whom it was nobody will
 * see any more: once that worker has ended, nobody waits for it.  One that was
 * only lost may be another machine, and still run: forget.c. */
static void succeed_in_place(
    struct syncd *s, struct member *from, const struct hello *h)
{
	char key[NODE_NAME_MAX + 8], id[ID_TEXT];

	if (!from->known || id_equal(&from->hello.node, &h->node))
		return;
	from->was = from->hello.node;
	from->was_shot = was_fenced(from);
	from->was_off = from->ended || from->was_shot;
	if (from->was_off) {
		nodes_add(&s->forgotten, &from->hello.node);
	} else {
		snprintf(key, sizeof(key), "was.%s", from->name);
		id_text(&from->hello.node, id);
		ledger_note_put(s->ledger, key, id, NULL);
	}
	memset(&from->ack_term, 0, sizeof(from->ack_term));
	from->ack_revision = from->acked_seq = 0;
}

static void on_hello(
    struct syncd *s, struct member *from, const struct hello *h)
{
	bool same = id_equal(&from->hello.worker, &h->worker);
	bool new_worker = !from->has_hello || !same;

	if (history_twin(s, from, h))
		return;
	leave_old_place(s, from, h);
	nodes_remove(&s->forgotten, &h->node);
	if (from->nodeid != s->nodeid)
		history_starts(s, from, h);
	succeed_in_place(s, from, h);
	from->hello = *h;
	from->has_hello = from->known = true;
	from->ended = false;
	if (from->nodeid == s->nodeid)
		return;
	clocks_heard(from, (int64_t)h->clock);
	terms_sessions(s);
	if (new_worker) {
		if (!h->closing)
			note_member(s, from, same);
		if (s->role == ROLE_SOURCE || s->role == ROLE_MINTING) {
			if (s->proposing)
				terms_send_proposal(s);
			else
				terms_send_record(s, &s->record);
			terms_send_key(s);
		}
	}
	forget_mint(s);
	fork_review(s);
	on_hello_record(s, from, h);
	terms_follow(s);
}

void terms_receive(
    struct syncd *s, struct member *from, const struct control *c)
{
	if (from->twin && c->type != CONTROL_HELLO)
		return;
	switch (c->type) {
	case CONTROL_HELLO:
		on_hello(s, from, &c->hello);
		break;
	case CONTROL_RECORD:
		note_known(s, from, c);
		on_record(s, from, &c->record);
		break;
	case CONTROL_ACK:
		from->ack_term = c->term_id;
		from->ack_revision = c->revision;
		break;
	case CONTROL_KEY:
		if (from->nodeid == s->nodeid || s->role != ROLE_UNPROMOTED)
			break;
		terms_psk_put(s, &c->term_id, c->psk);
		terms_follow(s);
		break;
	case CONTROL_INIT:
		history_init(s, &c->node);
		break;
	case CONTROL_ACCEPT:
		loss_heard(s, c);
		break;
	case CONTROL_FORGET:
		forget_heard(s, &c->node);
		break;
	case CONTROL_OUTDATED:
		if (id_equal(&c->node, &s->self))
			history_outdated(s, from->name);
		break;
	}
	facts_judge(s);
}

void terms_member_joined(struct syncd *s, struct member *m)
{
	log_notice("%s is in the group", m->name);
	m->session = false;
	m->has_hello = m->twin = false;
	pacemaker_reassert(s->pacemaker);
}

void terms_member_left(struct syncd *s, struct member *m)
{
	static const char *const how[] = {
	    [LEFT_NOT] = "?",
	    [LEFT_LEAVE] = "it stopped",
	    [LEFT_PROCDOWN] = "its daemon died",
	    [LEFT_NODEDOWN] = "its node is down or cut off",
	    [LEFT_UNSEEN] = "?",
	};

	m->ended = m->left == LEFT_LEAVE || m->left == LEFT_PROCDOWN;
	log_notice("%s has left the group: %s", m->name, how[m->left]);
	m->session = false;
	m->clean_since_ms = 0;
	if (m->fence_due) /* read it before it is fenced */
		pacemaker_look(s->pacemaker);
	terms_sessions(s);
	if (m->known && id_equal(&m->hello.node, &s->record.source) &&
	    s->role == ROLE_UNPROMOTED && s->engine) {
		engine_freeze(s->engine);
		s->frozen = true;
		s->replicating = s->connected = false;
	}
	pacemaker_reassert(s->pacemaker);
}
