/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dbnote.h"
#include "deadline.h"
#include "hsmagent.h"
#include "log.h"
#include "pacemaker.h"
#include "proc.h"
#include "statefile.h"

#define FENCE_UNREAD "?"
#define SETTLE_MS 10000 /* fenced tells its peers within five seconds */

/* Signer and enforcer proven dead by /proc: pid files can lie. */
bool facts_daemons_dead(void)
{
	return proc_find("ods-signerd", NULL, 0) == 0 &&
	       proc_find("ods-enforcerd", NULL, 0) == 0;
}

bool facts_fence_seen(const struct member *m)
{
	return fencings_beyond(&m->fence_last, &m->fence_before);
}

/* It is out of the group, and a success that was not there when its worker
 * said HELLO is in Pacemaker's history. */
bool facts_fenced(const struct member *m)
{
	return m->left != LEFT_NOT && facts_fence_seen(m);
}

static void peer_facts(
    const struct syncd *s, const struct member *m, struct plan_node *p)
{
	p->id = m->hello.node;
	snprintf(p->name, sizeof(p->name), "%s", m->name);
	p->present = m->left == LEFT_NOT && m->has_hello;
	p->unpromoted = !m->hello.source;
	p->daemons_dead = m->hello.daemons_dead;
	p->foreign = m->hello.foreign;
	p->gone = m->left == LEFT_LEAVE || m->left == LEFT_PROCDOWN;
	p->listed = m->listed;
	p->fenced = facts_fenced(m);
	p->has_record =
	    m->has_hello && m->hello.has_record &&
	    (s->record.term == 0 ||
	        id_equal(&m->hello.record.cluster, &s->record.cluster));
	p->record = m->hello.record;
	p->tip = m->hello.tip;
	p->state = m->outdated ? STATE_SEEDING : m->hello.state;
	p->zones = m->hello.zones;
	p->keys = m->hello.keys;
}

/* The source that came back without its ledger: what is proven of that machine
 * is proven of who it was. */
static void former_source(
    const struct syncd *s, const struct member *m, struct plan_facts *f)
{
	struct plan_node *p = &f->peer[f->peers];

	if (!m->was_off || !id_equal(&m->was, &s->record.source) ||
	    member_by_id((struct syncd *)(uintptr_t)s, &m->was))
		return;
	peer_facts(s, m, p);
	p->id = m->was;
	p->fenced = m->was_shot;
	p->has_record = false;
	p->gone = true;
	p->zones = 0;
	f->peers++;
}

static void self_facts(const struct syncd *s, struct plan_node *self)
{
	self->id = s->self;
	snprintf(self->name, sizeof(self->name), "%s", s->name);
	self->present = true;
	self->unpromoted = s->role != ROLE_SOURCE;
	/* /proc is read only where it matters: gate 1 of a former source. */
	self->daemons_dead = s->role == ROLE_SOURCE ||
	                     !id_equal(&s->record.source, &s->self) ||
	                     facts_daemons_dead();
	self->foreign = s->foreign.state != FOREIGN_NONE;
	self->has_record = s->record.term > 0;
	self->record = s->record;
	self->tip = s->tip;
	self->state = s->state;
	self->zones = s->zones;
	self->keys = s->keys;
}

/* The hsm agent leaves its verdict beside ours. */
static bool hsm_lost(struct syncd *s)
{
	struct hsmagent agent;

	hsmagent_read(&agent, s->conf.path);
	s->capacity_warn = agent.capacity_warn;
	return strcmp(agent.attr, "lost") == 0;
}

/* Until Pacemaker has told, its default counts. */
bool facts_fencing(const struct syncd *s)
{
	return s->fencing || !s->pacemaker_known;
}

/* While it is a source the engine asks. */
const char *facts_missing(struct syncd *s)
{
	const char *database = s->conf.database;

	if (s->role != ROLE_UNPROMOTED || !database[0] ||
	    access(database, F_OK) == 0 ||
	    (errno != ENOENT && errno != ENOTDIR))
		return NULL;
	return dbnote_has(s->ledger) ? database : NULL;
}

static void collect(struct syncd *s, bool in_promote, struct plan_facts *f)
{
	int i;

	memset(f, 0, sizeof(*f));
	warm_look(s);
	self_facts(s, &f->self);
	f->low_id = true;
	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->nodeid == s->nodeid)
			continue;
		if (m->left == LEFT_NOT && m->nodeid < s->nodeid)
			f->low_id = false;
		if (m->known)
			peer_facts(s, m, &f->peer[f->peers++]);
		else if (m->left != LEFT_NOT && m->listed && !facts_fenced(m))
			f->unseen = m->name;
	}
	for (i = 0; i < s->members && f->peers < NODES_MAX; i++)
		former_source(s, &s->member[i], f);
	f->configured = s->configured;
	f->quorate = s->quorate;
	f->fencing = facts_fencing(s);
	/* Who inherits it has not seen the property before. */
	f->warm = s->warm && (s->witness_read || !s->warmth.inherited);
	/* No session is no reason: what was acked is here. */
	f->drained = s->frozen || !s->engine || !engine_apply_fails(s->engine);
	f->in_promote = in_promote;
	if (s->foreign.state == FOREIGN_DAEMON)
		f->stranger = s->foreign.daemon;
	f->missing = facts_missing(s);
	f->fork = s->fork;
	f->init_here = s->init_here;
	f->accept_here = s->accept_here;
	f->asked = s->witness_read;
	f->witness = s->witness;
	f->hsm_lost = hsm_lost(s);
	f->clock = s->clocks.doubt;
	keys_facts(s, f);
}

struct plan facts_plan(struct syncd *s, bool in_promote)
{
	struct plan_facts f;

	collect(s, in_promote, &f);
	return plan_promote(&f);
}

struct plan facts_harmless(struct syncd *s)
{
	struct plan_facts f;

	collect(s, true, &f);
	return plan_harmless(&f);
}

int facts_explain(struct syncd *s, struct plan_gate list[PLAN_GATES])
{
	struct plan_facts f;

	collect(s, false, &f);
	return plan_explain(&f, list);
}

static bool waiting_for_fence(const struct syncd *s)
{
	return s->held_since_ms || s->restarting || s->promote_waits ||
	       s->role == ROLE_MINTING;
}

/* Readings are rare while nothing waits for one. */
static void look_when_settled(struct syncd *s)
{
	int64_t now = clock_monotonic_ms();
	int i;

	for (i = 0; i < s->members; i++)
		if (s->member[i].fence_due &&
		    now - s->member[i].met_ms >= SETTLE_MS) {
			pacemaker_look(s->pacemaker);
			return;
		}
}

void facts_judge(struct syncd *s)
{
	char names[NODES_MAX][NODE_NAME_MAX];
	int i;

	if (!s->ledger)
		return;
	/* What a promote still waits for is no reason for another score:
	 * Pacemaker would demote what it has just promoted. */
	s->plan = facts_plan(s, false);
	s->promote_waits =
	    s->promoting && facts_plan(s, true).verdict != PLAN_GO;
	for (i = 0; i < s->members; i++)
		snprintf(names[i], NODE_NAME_MAX, "%s", s->member[i].name);
	if (s->pacemaker)
		pacemaker_watch(s->pacemaker,
		    (const char(*)[NODE_NAME_MAX])names, s->members,
		    waiting_for_fence(s));
	look_when_settled(s);
	report_update(s);
}

static void fence_note(
    struct syncd *s, const struct member *m, const char *note)
{
	char key[64], id[ID_TEXT];

	id_text(&m->hello.node, id);
	snprintf(key, sizeof(key), FENCE_NOTE "%s", id);
	ledger_note_put(s->ledger, key, note, NULL);
}

static void fence_is_past(struct syncd *s, struct member *m)
{
	char note[FENCINGS_TEXT];

	fencings_join(&m->fence_before, &m->fence_last);
	if (m->fence_due)
		return;
	fencings_text(&m->fence_before, note);
	fence_note(s, m, note);
}

void facts_fence_due(struct syncd *s, struct member *m)
{
	if (!m->fence_due)
		fence_note(s, m, FENCE_UNREAD);
	m->fence_due = true;
	m->met_ms = clock_monotonic_ms();
}

void facts_fence_recall(struct member *m, const char *note)
{
	m->fence_due = !note || fencings_parse(note, &m->fence_before) < 0;
}

/* Out of sight, so that only a fencing tells what has become of it. */
static bool is_lost(const struct member *m)
{
	return m->left == LEFT_NODEDOWN || m->left == LEFT_UNSEEN;
}

/* What the fencing history says when a worker has said HELLO is past, and is
 * kept for the next worker of ours; a success that comes later is what a
 * promote or a held publication waits for.  It may come while the node is
 * still a member: Corosync takes a while to miss it.  Pacemaker's nodes tell
 * each other only some time after they meet: for so long what turns up is
 * past, too, and so is what the node outlives.  A node that is lost within that
 * time may have been fenced, and what comes after one reading counts; one whose
 * daemon alone has gone runs, and is still being told of. */
static void note_fencing(struct syncd *s, struct member *m)
{
	int64_t now = clock_monotonic_ms();
	bool changed = facts_fence_seen(m);

	if (m->fence_due) {
		m->fence_due = !is_lost(m) && now - m->met_ms < SETTLE_MS;
		/* Before its HELLO or after?  Only the former is safe to
		 * assume. */
		if (m->left != LEFT_NOT && changed)
			log_warn("the fencing history of %s was not read "
			         "before it left: what it holds now does not "
			         "count",
			    m->name);
		fence_is_past(s, m);
	} else if (m->left == LEFT_NOT && changed &&
	           now - m->fence_seen_ms >= SETTLE_MS) {
		fence_is_past(s, m);
	}
}

static void note_history(
    struct syncd *s, struct member *m, const struct fencings *now)
{
	if (fencings_beyond(now, &m->fence_last))
		m->fence_seen_ms = clock_monotonic_ms();
	m->fence_last = *now;
	note_fencing(s, m);
}

/* What is not ours to read is nobody's word: the next source writes it anew. */
static void hear_witness(struct syncd *s, const char *text)
{
	s->witness_read = true;
	if (!*text)
		memset(&s->witness, 0, sizeof(s->witness));
	else if (witness_parse(text, &s->witness) < 0)
		log_warn("the cluster property of the record is not "
		         "readable: it does not count");
}

void facts_pacemaker(void *owner, void *arg)
{
	struct syncd *s = owner;
	struct pacemaker_news *news = arg;
	int i, j;

	s->fencing = news->fencing;
	if (news->record_read)
		hear_witness(s, news->record);
	s->pacemaker_known = true;
	for (i = 0; i < news->nodes; i++)
		for (j = 0; j < s->members; j++) {
			struct member *m = &s->member[j];

			if (strcmp(m->name, news->node[i].name) == 0)
				note_history(s, m, &news->node[i].fenced);
		}
	free(news);
	promote_tick(s);
	facts_judge(s);
}
