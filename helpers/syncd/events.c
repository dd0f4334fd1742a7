/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <stdio.h>
#include <string.h>

#include "deadline.h"
#include "log.h"

/* A cut starts the clock of each holder that has not acked it yet. */
static void on_cut(struct syncd *s, const struct engine_event *ev)
{
	int64_t now = clock_monotonic_ms();
	int i;

	s->cut_seq = ev->seq;
	s->tip = (struct position){.term_id = s->record.term_id,
	    .term = s->record.term,
	    .seq = ev->seq};
	barrier_cut(s, ev);
	if (s->demoting && !s->demoting->seq &&
	    ev->request >= s->demoting->request) {
		s->demoting->seq = ev->seq;
		if (ev->stale)
			log_warn("demote: the last generation lacks what the "
			         "enforcer has written since kasp.db could be "
			         "captured");
	}
	for (i = 0; i < s->members; i++) {
		struct member *m = &s->member[i];

		if (m->acked_seq < ev->seq && !m->lag_since_ms)
			m->lag_since_ms = now;
		if (m->acked_seq < ev->seq && !m->late_since_ms) {
			m->late_seq = ev->seq;
			m->late_since_ms = now;
		}
	}
}

/* How late it is: one generation that it lacks is remembered with the time of
 * its cut.  When it has that one, the next to be remembered is what publishing
 * waits for, else the newest. */
static void note_late(struct syncd *s, struct member *m, int64_t now)
{
	if (m->acked_seq < m->late_seq && m->late_since_ms)
		return;
	m->late_since_ms = 0;
	if (m->acked_seq >= s->cut_seq)
		return;
	m->late_seq = s->cut_seq;
	m->late_since_ms = now;
	if (s->barrier.active && s->barrier.seq > m->acked_seq) {
		m->late_seq = s->barrier.seq;
		m->late_since_ms = s->barrier.cut_ms;
	}
}

/* Progress restarts the clock; being level stops it.  A lag of barrier_timeout
 * ends the time that the node has kept up. */
static void on_acked(struct syncd *s, struct member *m, uint64_t seq)
{
	int64_t now = clock_monotonic_ms();

	if (seq > s->cut_seq)
		return; /* of an earlier term */
	if (m->lag_since_ms &&
	    now - m->lag_since_ms > s->opt.barrier_timeout_ms)
		m->clean_since_ms = 0;
	m->acked_seq = seq;
	m->ancestry = ANCESTRY_BEHIND;
	note_late(s, m, now);
	repeats_forget(&s->said, m->name);
	if (seq >= s->cut_seq) {
		m->lag_since_ms = 0;
		if (!m->clean_since_ms)
			m->clean_since_ms = now;
	} else {
		m->lag_since_ms = now;
	}
}

/* Whose data connection it is, in the log. */
static const char *peer_name(const struct member *m)
{
	return m ? m->name : "source";
}

/* The first generation is whole: once it is durable here nothing is missing
 * that a promote cannot apply. */
static void on_received(struct syncd *s, uint64_t seq)
{
	s->tip = (struct position){
	    .term_id = s->record.term_id, .term = s->record.term, .seq = seq};
	if (!s->compared) {
		s->compared = true;
		history_counts_on(s);
		terms_hello(s);
	}
	if (s->frozen)
		terms_hello(s); /* the others compare it with theirs */
	repeats_forget(&s->said, peer_name(member_by_id(s, &s->record.source)));
	if (s->state == STATE_LEDGER)
		return;
	s->state = STATE_LEDGER;
	ledger_note_put(s->ledger, "state", "ledger", NULL);
	log_notice("first copy of the state is complete");
	terms_hello(s);
}

static void on_lost(
    struct syncd *s, struct member *m, const struct engine_event *ev)
{
	const char *who = peer_name(m);
	char line[WHY_MAX];

	if (strcmp(ev->text, s->fault) != 0 &&
	    repeats_due(&s->said, who, ev->text, clock_monotonic_ms(), line))
		log_notice("data connection with %s ended: %s", who, line);
	if (m) {
		m->session = false;
		m->clean_since_ms = 0;
	}
	if (s->role == ROLE_UNPROMOTED) {
		s->connected = false;
		foreign_lost(s);
	}
}

static void on_fault(struct syncd *s, const char *text)
{
	char line[WHY_MAX];

	if (repeats_due(&s->said, "", text, clock_monotonic_ms(), line))
		log_err("%s", line);
	snprintf(s->fault, sizeof(s->fault), "%s", text);
}

static void on_event(struct syncd *s, const struct engine_event *ev)
{
	struct member *m = member_by_id(s, &ev->node);

	switch (ev->type) {
	case ENGINE_CUT:
		on_cut(s, ev);
		break;
	case ENGINE_JOINED:
		if (m)
			m->session = true;
		break;
	case ENGINE_ACKED:
		if (m)
			on_acked(s, m, ev->seq);
		break;
	case ENGINE_LOST:
		on_lost(s, m, ev);
		break;
	case ENGINE_CONNECTED:
		s->connected = true;
		s->compared = false;
		foreign_connected(s);
		break;
	case ENGINE_RECEIVED:
		on_received(s, ev->seq);
		break;
	case ENGINE_JUDGED:
		descent_judged(s, m, ev);
		break;
	case ENGINE_APPLIED:
		foreign_applied(s);
		descent_applied(s);
		break;
	case ENGINE_FAULT:
		on_fault(s, ev->text);
		break;
	case ENGINE_FAULT_OVER:
		s->fault[0] = '\0';
		repeats_forget(&s->said, "");
		break;
	}
}

void events_run(struct syncd *s)
{
	struct engine_event ev;

	while (engine_next_event(s->engine, &ev))
		on_event(s, &ev);
	barrier_tick(s);
	promote_tick(s);
	facts_judge(s);
}
