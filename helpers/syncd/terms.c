/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "deadline.h"
#include "log.h"
#include "pacemaker.h"

#define RESEND_MS 2000

/* ---- what we say ------------------------------------------------------ */

void terms_hello(struct syncd *s)
{
	struct control c = {.type = CONTROL_HELLO};
	struct hello *h = &c.hello;

	h->node = s->self;
	h->worker = s->worker;
	h->starts = s->starts;
	snprintf(h->name, sizeof(h->name), "%s", s->name);
	snprintf(h->address, sizeof(h->address), "%s", s->opt.address);
	h->port = (uint16_t)s->opt.port;
	h->source = s->role == ROLE_SOURCE || s->role == ROLE_DEMOTING;
	h->restarted = s->opt.restarted;
	h->daemons_dead = facts_daemons_dead();
	h->state = s->state;
	h->zones = (uint32_t)s->zones;
	h->keys = (uint32_t)s->keys;
	h->has_record = s->record.term > 0;
	h->record = s->record;
	h->tip = s->tip;
	group_send(s, &c);
}

static void send_record(struct syncd *s, const struct record *r)
{
	struct control c = {.type = CONTROL_RECORD, .record = *r};

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
	send_record(s, &s->record);
	terms_send_key(s);
}

/* ---- following a source ----------------------------------------------- */

/* Replicate from the source of the record, when there is a session to be
 * had: its HELLO has come, the key is known, the state may be overwritten. */
void terms_follow(struct syncd *s)
{
	struct engine_term term;
	struct member *source;
	struct why why = {0};

	if (s->role != ROLE_UNPROMOTED || s->replicating || s->fork ||
	    !s->engine || !s->record.open ||
	    id_equal(&s->record.source, &s->self) ||
	    s->state == STATE_UNKNOWN || s->promoting)
		return;
	source = member_by_id(s, &s->record.source);
	if (!source || source->left != LEFT_NOT || !source->hello.source)
		return;
	if (terms_psk(s, &s->record.term_id, &why) < 0)
		return;
	term.cluster = s->record.cluster;
	term.term = s->record.term;
	term.term_id = s->record.term_id;
	memcpy(term.psk, s->psk, sizeof(term.psk));
	if (s->state == STATE_EMPTY) {
		s->state = STATE_SEEDING;
		ledger_note_put(s->ledger, "state", "seeding", NULL);
	}
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

static void follow_anew(struct syncd *s)
{
	if (s->replicating)
		engine_idle(s->engine);
	s->replicating = s->connected = false;
	terms_follow(s);
}

/* ---- what we hear ----------------------------------------------------- */

/* Store a record that is newer than ours; true when it is stored. */
static bool adopt_record(struct syncd *s, const struct record *r)
{
	bool new_term = !id_equal(&r->term_id, &s->record.term_id);
	struct why why;

	if (ledger_record_put(s->ledger, r, &why) < 0) {
		log_err("cannot store the record: %s", why.text);
		/* Its source waits for our word; leaving is as good. */
		if (nodes_has(&s->record.holders, &s->self) &&
		    !nodes_has(&r->holders, &s->self))
			group_abandon(s, "a holder that cannot step back");
		return false;
	}
	s->record = *r;
	fork_passed(s);
	if (new_term) {
		s->warm = false;
		log_notice("term %llu begins", (unsigned long long)r->term);
		follow_anew(s);
	}
	return true;
}

static bool record_is_foreign(const struct syncd *s, const struct record *r)
{
	return s->record.term > 0 && !id_equal(&r->cluster, &s->record.cluster);
}

/* The newest record that is on our disk: a term that we mint is. */
static const struct record *newest_record(const struct syncd *s)
{
	return s->role == ROLE_MINTING ? &s->proposal : &s->record;
}

static void on_record(
    struct syncd *s, struct member *from, const struct record *r)
{
	const struct record *mine = newest_record(s);
	enum record_order order;

	if (from->nodeid == s->nodeid)
		return;
	if (record_is_foreign(s, r)) {
		log_crit("%s belongs to another history: decide with "
		         "ods-cluster init --source NODE",
		    from->name);
		s->fork = true;
		return;
	}
	order = mine->term ? record_compare(r, mine) : RECORD_NEWER;
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
		s->warm = nodes_has(&r->holders, &s->self);
	terms_follow(s);
}

/* A new worker there: what the fencing history says up to now is past. */
static void note_member(struct syncd *s, struct member *m)
{
	char key[NODE_NAME_MAX + 8], id[ID_TEXT];

	m->fence_due = true;
	m->session = false;
	m->clean_since_ms = 0;
	id_text(&m->hello.node, id);
	snprintf(key, sizeof(key), "peer.%s", m->name);
	ledger_note_put(s->ledger, key, id, NULL);
	pacemaker_look(s->pacemaker);
}

/* A peer has another record of our term.  One of a term that never began
 * yields to the other; between two such ones the larger id stays. */
static void on_hello_fork(
    struct syncd *s, struct member *from, const struct hello *h)
{
	enum record_order order = fork_judge(s, from, &h->record);

	if (order == RECORD_NEWER && fork_minted_for_nothing(s) &&
	    fork_never_begun(from, &h->record) &&
	    memcmp(&s->record.term_id, &h->record.term_id, ID_LEN) > 0)
		return;
	if (order == RECORD_NEWER && adopt_record(s, &h->record))
		terms_hello(s);
	if (order == RECORD_FORK)
		fork_note(s, from, &h->record);
}

/* A source sends its record when it changes and to a new worker.  Who could
 * not store it then takes it from the source's HELLO. */
static void take_up_record(struct syncd *s)
{
	int i;

	if (s->role != ROLE_UNPROMOTED || s->restarting ||
	    s->record.term == 0 ||
	    clock_monotonic_ms() - s->taken_up_ms < RESEND_MS)
		return;
	s->taken_up_ms = clock_monotonic_ms();
	for (i = 0; i < s->members; i++) {
		struct member *m = &s->member[i];

		if (m->left == LEFT_NOT && m->has_hello && m->hello.source &&
		    record_compare(&m->hello.record, &s->record) ==
		        RECORD_NEWER)
			on_record(s, m, &m->hello.record);
	}
}

/* What a peer knows is a fact for us too. */
static void on_hello_record(
    struct syncd *s, struct member *from, const struct hello *h)
{
	enum record_order order = RECORD_NEWER;

	if (!h->has_record || h->record.term == 0 ||
	    s->role != ROLE_UNPROMOTED || s->state == STATE_UNKNOWN ||
	    record_is_foreign(s, &h->record))
		return;
	if (s->record.term > 0)
		order = record_compare(&h->record, &s->record);
	if (order == RECORD_FORK) {
		on_hello_fork(s, from, h);
	} else if (order == RECORD_NEWER && !h->source) {
		adopt_record(s, &h->record);
		terms_hello(s);
	}
}

static void on_hello(
    struct syncd *s, struct member *from, const struct hello *h)
{
	bool new_worker =
	    !from->has_hello || !id_equal(&from->hello.worker, &h->worker);

	if (from->nodeid != s->nodeid && id_equal(&h->node, &s->self)) {
		log_crit("%s has the same node id as this node: one of them "
		         "is a copy; remove its state_dir",
		    from->name);
		exit(3);
	}
	from->hello = *h;
	from->has_hello = from->known = true;
	if (from->nodeid == s->nodeid)
		return;
	terms_sessions(s);
	if (new_worker) {
		note_member(s, from);
		if (s->role == ROLE_SOURCE || s->role == ROLE_MINTING) {
			send_record(
			    s, s->proposing ? &s->proposal : &s->record);
			terms_send_key(s);
		}
	}
	on_hello_record(s, from, h);
	terms_follow(s);
}

static void on_init(struct syncd *s, const struct id *source)
{
	if (id_equal(source, &s->self)) {
		s->init_here = true;
		s->fork = false;
		log_notice("init: this node was chosen as source");
	} else if (s->state == STATE_UNKNOWN) {
		s->state = STATE_EMPTY;
		ledger_note_put(s->ledger, "state", "seeding", NULL);
		log_notice("init: the state here will be set aside");
	}
	s->fork = false;
}

void terms_receive(
    struct syncd *s, struct member *from, const struct control *c)
{
	switch (c->type) {
	case CONTROL_HELLO:
		on_hello(s, from, &c->hello);
		break;
	case CONTROL_RECORD:
		on_record(s, from, &c->record);
		break;
	case CONTROL_ACK:
		from->ack_term = c->term_id;
		from->ack_revision = c->revision;
		break;
	case CONTROL_KEY:
		if (from->nodeid == s->nodeid || s->role != ROLE_UNPROMOTED)
			break;
		memcpy(s->psk, c->psk, sizeof(s->psk));
		s->psk_term = c->term_id;
		terms_follow(s);
		break;
	case CONTROL_INIT:
		on_init(s, &c->node);
		break;
	}
	facts_judge(s);
}

void terms_member_joined(struct syncd *s, struct member *m)
{
	log_notice("%s is in the group", m->name);
	m->session = false;
	m->has_hello = false;
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

	log_notice("%s has left the group: %s", m->name, how[m->left]);
	m->session = false;
	m->clean_since_ms = 0;
	terms_sessions(s);
	if (m->known && id_equal(&m->hello.node, &s->record.source) &&
	    s->role == ROLE_UNPROMOTED && s->engine) {
		engine_freeze(s->engine);
		s->frozen = true;
		s->replicating = s->connected = false;
	}
	pacemaker_reassert(s->pacemaker);
}

/* ---- the source's record ---------------------------------------------- */

static bool stored_by(const struct member *m, const struct record *r)
{
	return id_equal(&m->ack_term, &r->term_id) &&
	       m->ack_revision >= r->revision;
}

static void holder_facts(
    const struct syncd *s, const struct member *m, struct holder_facts *f)
{
	int64_t now = clock_monotonic_ms();

	f->left = m->left;
	f->fencing = facts_fencing(s);
	f->fenced = facts_fenced(m);
	f->lag_ms = m->lag_since_ms ? now - m->lag_since_ms + 1 : 0;
	f->clean_ms = m->clean_since_ms ? now - m->clean_since_ms + 1 : 0;
	f->removed = m->removed;
}

/* A node that the proposal drops and that has not agreed: its absence alone
 * proves nothing, it may be cut off and about to promote. */
static bool may_still_promote(const struct syncd *s, const struct member *m)
{
	struct holder_facts f;

	bool named = nodes_has(&s->proposal.holders, &m->hello.node);

	/* With two voters no majority keeps it from minting that number. */
	if (s->proposal.voters <= 2 &&
	    !id_equal(&s->proposal.term_id, &s->record.term_id))
		named = false;
	if (!m->known || named ||
	    !nodes_has(&s->record.holders, &m->hello.node))
		return false;
	holder_facts(s, m, &f);
	return holder_judge(&f, s->opt.barrier_timeout_ms) != HOLDER_DROP;
}

bool terms_in_force(const struct syncd *s)
{
	int i, stored = 1;
	bool all = true;

	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->nodeid == s->nodeid)
			continue;
		if (stored_by(m, &s->proposal))
			stored++;
		else if (m->left == LEFT_NOT || may_still_promote(s, m))
			all = false;
	}
	return record_in_force(s->proposal.voters, stored, all);
}

static bool shrinks(const struct record *old, const struct record *r)
{
	int i;

	for (i = 0; i < old->holders.count; i++)
		if (!nodes_has(&r->holders, &old->holders.id[i]))
			return id_equal(&old->term_id, &r->term_id);
	return false;
}

/* A record that names more nodes is ours before anybody hears of it; one that
 * names fewer only once it is in force: after a crash in between we still
 * wait for the node that has not agreed. */
int terms_propose(struct syncd *s, const struct record *r, struct why *why)
{
	int rc =
	    shrinks(&s->record, r) ? 0 : ledger_record_put(s->ledger, r, why);

	if (rc < 0)
		return rc;
	s->proposal = *r;
	s->proposing = true;
	s->proposing_since_ms = clock_monotonic_ms();
	send_record(s, r);
	return 0;
}

static void hold(struct syncd *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void hold(struct syncd *s, const char *fmt, ...)
{
	va_list ap;

	if (!s->held_since_ms)
		s->held_since_ms = clock_monotonic_ms();
	va_start(ap, fmt);
	vsnprintf(s->held_why, sizeof(s->held_why), fmt, ap);
	va_end(ap);
}

static bool unseen_holder(struct syncd *s)
{
	int i;

	for (i = 0; i < s->record.holders.count; i++) {
		const struct id *id = &s->record.holders.id[i];

		if (!id_equal(id, &s->self) && !member_by_id(s, id))
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
		switch (holder_judge(&f, s->opt.barrier_timeout_ms)) {
		case HOLDER_KEEP:
			break;
		case HOLDER_WAIT_FENCE:
			hold(s,
			    "fencing of %s, or pcs stonith confirm %s once it "
			    "is surely off",
			    m->name, m->name);
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
	if (unseen_holder(s)) {
		hold(s, "a holder that this daemon has not seen yet: start it");
		held = true;
	}
	if (!held && s->quorate)
		s->held_since_ms = 0;
	return false;
}

/* Corosync may drop a message of ours, a peer may not have been able to store
 * it. */
static void resend(struct syncd *s)
{
	if (clock_monotonic_ms() - s->proposing_since_ms <= RESEND_MS)
		return;
	s->proposing_since_ms = clock_monotonic_ms();
	send_record(s, &s->proposal);
	terms_send_key(s);
}

static void proposal_tick(struct syncd *s)
{
	struct why why;

	if (terms_in_force(s)) {
		if (ledger_record_put(s->ledger, &s->proposal, &why) < 0) {
			log_err("%s", why.text);
			return;
		}
		s->record = s->proposal;
		s->proposing = false;
		terms_hello(s);
		return;
	}
	resend(s);
}

void terms_tick(struct syncd *s)
{
	struct record next;
	struct why why;
	int64_t now_s;

	group_flush(s);
	if (s->role != ROLE_SOURCE) {
		if (s->proposing)
			resend(s);
		take_up_record(s);
		terms_follow(s);
		return;
	}
	if (s->proposing) {
		proposal_tick(s);
		return;
	}
	next = s->record;
	if (!next_record(s, &next))
		return;
	next.revision++;
	now_s = (int64_t)time(NULL);
	if (next.holders.count > 1)
		s->degraded_since_s = 0;
	else if (!s->degraded_since_s)
		s->degraded_since_s = now_s;
	if (terms_propose(s, &next, &why) < 0)
		log_err("cannot change the record: %s", why.text);
}
