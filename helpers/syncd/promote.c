/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attendant.h"
#include "content.h"
#include "dbnote.h"
#include "deadline.h"
#include "intent.h"
#include "log.h"
#include "publisher.h"
#include "serials.h"

/*
 *  UNPROMOTED --promote: plan GO, log drained--> MINTING
 *  MINTING    --record stored by the voters----> SOURCE
 *  MINTING    --deadline, demote---------------> UNPROMOTED
 *  SOURCE     --nothing on its way out (resume.c): promote is answered
 *  SOURCE     --demote, stop-------------------> DEMOTING
 *  SOURCE     --a newer record-----------------> UNPROMOTED (superseded)
 *  DEMOTING   --record closed, acked or late---> UNPROMOTED
 *
 * promote, demote and stop come one at a time: a second promote while one is
 * under way is refused, a demote cancels a promote.
 */

#define DRAIN_STEP_MS 2000
#define APPLIED_MS 100
#define CLOSE_MARGIN_MS 1500
#define COURTESY_MS 3000 /* for a node that is no holder yet */

void promote_answer(struct syncd *s, int rc, const char *why)
{
	struct promote_job *job = s->promoting;

	s->promoting = NULL;
	if (!job)
		return;
	if (job->conn)
		ctl_reply(s, job->conn, rc, why, NULL);
	free(job);
}

void promote_begin(
    struct syncd *s, struct ctl_conn *conn, struct deadline deadline)
{
	if (s->role == ROLE_SOURCE && !s->resuming) {
		ctl_reply(s, conn, 0, NULL, NULL);
		return;
	}
	if (s->promoting || s->demoting || s->stopping) {
		ctl_reply(s, conn, -EBUSY,
		    "another promote or demote is under way", NULL);
		return;
	}
	s->promoting = calloc(1, sizeof(*s->promoting));
	if (!s->promoting) {
		ctl_reply(s, conn, -ENOMEM, "out of memory", NULL);
		return;
	}
	s->promoting->conn = conn;
	s->promoting->deadline = deadline;
	promote_tick(s);
}

/* The agent went away: a promote that has not minted is cancelled. */
void promote_conn_closed(struct syncd *s, struct ctl_conn *conn)
{
	if (s->promoting && s->promoting->conn == conn) {
		s->promoting->conn = NULL;
		if (s->role == ROLE_UNPROMOTED && !s->restarting)
			promote_answer(s, -ECANCELED, NULL);
	}
	if (s->demoting && s->demoting->conn == conn)
		s->demoting->conn = NULL;
}

bool promote_without(const struct syncd *s, const struct id *id)
{
	int i;

	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (!m->known || !id_equal(&m->hello.node, id))
			continue;
		if (m->left == LEFT_LEAVE || m->left == LEFT_PROCDOWN)
			return true;
		return facts_fenced(m) || nodes_has(&s->forgotten, id);
	}
	return nodes_has(&s->forgotten, id);
}

static uint64_t next_number(const struct syncd *s)
{
	uint64_t used = s->minted > s->heard ? s->minted : s->heard;

	if (id_equal(&s->witness.cluster, &s->record.cluster) &&
	    s->witness.term > used)
		used = s->witness.term;
	return (used > s->record.term ? used : s->record.term) + 1;
}

static void mint_record(struct syncd *s, bool first, struct record *r)
{
	int i;

	memset(r, 0, sizeof(*r));
	if (first && s->record.term == 0)
		id_random(&r->cluster);
	else
		r->cluster = s->record.cluster;
	r->term = next_number(s);
	if (first && s->record.term)
		r->term += RECORD_INIT_STEP;
	id_random(&r->term_id);
	r->revision = MINT_REVISION;
	r->source = s->self;
	r->voters = s->configured;
	r->fencing = facts_fencing(s);
	/* What went out unacknowledged in the last term is not on each of its
	 * holders before they have a generation of this one. */
	r->solo = s->opt.barrier == BARRIER_OFF || (!first && s->record.solo);
	r->open = true;
	nodes_add(&r->holders, &s->self);
	for (i = 0; !first && i < s->record.holders.count; i++)
		if (!promote_without(s, &s->record.holders.id[i]))
			nodes_add(&r->holders, &s->record.holders.id[i]);
}

/* The term was minted and never begun: it leaves no trace but its number,
 * which others may have stored. */
static void mint_abort(struct syncd *s)
{
	s->role = ROLE_UNPROMOTED;
	s->proposing = false;
	s->held_since_ms = 0;
	terms_hello(s);
}

int promote_mint(struct syncd *s, bool first, struct why *why)
{
	struct record r;
	int rc;

	mint_record(s, first, &r);
	rc = descent_mint(s, first, &r, why);
	if (rc < 0)
		return rc;
	s->role = ROLE_MINTING;
	rc = terms_psk(s, &r.term_id, why);
	if (rc == 0 && first) {
		/* What is here is the history that begins, and all of it. */
		s->state = STATE_LEDGER;
		ledger_note_put(s->ledger, "state", "ledger", NULL);
		dbnote_forget(s->ledger, NULL);
	}
	if (rc == 0)
		rc = terms_propose(s, &r, why);
	if (rc < 0)
		s->role = ROLE_UNPROMOTED;
	else
		log_notice("minting term %llu with %d holders",
		    (unsigned long long)r.term, r.holders.count);
	return rc;
}

static void on_barrier(void *owner, void *arg)
{
	(void)arg;
	barrier_request(owner);
}

static void on_resumed(void *owner, void *arg)
{
	(void)arg;
	resume_end(owner);
}

static void on_publisher_news(void *owner, void *arg)
{
	struct syncd *s = owner;

	s->published = *(struct publisher_news *)arg;
	free(arg);
	report_update(s);
}

static void on_enforce(void *owner, void *arg)
{
	struct syncd *s = owner;

	if (s->role == ROLE_SOURCE) {
		s->enforcing = *(struct enforce_verdict *)arg;
		s->enforce = s->enforcing.allow;
	}
	free(arg);
	report_update(s);
}

/* A successor shall have them, whether or not anything else changes. */
static void on_clocks(void *owner, void *arg)
{
	struct syncd *s = owner;

	(void)arg;
	if (s->role == ROLE_SOURCE)
		engine_cut(s->engine);
}

static int start_threads(struct syncd *s, struct why *why)
{
	struct publisher_setup ps = {
	    .conf = &s->conf,
	    .state_dir = s->opt.state_dir,
	    .publish_command = s->opt.publish_command,
	    .need_backup2 = s->opt.signatures,
	    .mail = s->mail,
	    .on_barrier = on_barrier,
	    .on_escape = barrier_escape,
	    .on_regather = barrier_regather,
	    .on_resumed = on_resumed,
	    .on_news = on_publisher_news,
	};
	struct attendant_setup as = {
	    .conf = &s->conf,
	    .state_dir = s->opt.state_dir,
	    .mail = s->mail,
	    .on_enforce = on_enforce,
	    .on_clocks = on_clocks,
	};

	s->publisher = publisher_start(&ps, why);
	if (!s->publisher)
		return why->err;
	as.publisher = s->publisher;
	s->attendant = attendant_start(&as, why);
	return s->attendant ? 0 : why->err;
}

static void stop_threads(struct syncd *s)
{
	barrier_abort(s);
	s->resuming = false;
	publisher_halt(s->publisher); /* both may wait for a hung signer */
	attendant_stop(s->attendant);
	publisher_stop(s->publisher);
	s->attendant = NULL;
	s->publisher = NULL;
	s->enforce = false;
	memset(&s->enforcing, 0, sizeof(s->enforcing));
}

/* -EAGAIN: generations are still being applied.  Before that is over the files
 * are not given back, and the term does not begin. */
static int become_source(struct syncd *s, struct why *why)
{
	const struct tick busy = {.fn = report_busy, .arg = s};
	struct engine_term term;
	bool at_once = resume_at_once(s, &s->proposal);
	int rc;

	engine_idle(s->engine);
	rc = engine_drain(s->engine, deadline_in_ms(APPLIED_MS), why);
	if (rc == -ETIMEDOUT)
		return -EAGAIN;
	if (rc == 0)
		rc = loss_begins(s, &s->proposal, why);
	if (rc == 0)
		rc = descent_begin(s, &s->proposal, why);
	s->proposing = false;
	if (rc < 0)
		return rc;
	terms_trouble_over(s);
	s->replicating = s->connected = s->frozen = false;
	s->record = s->proposal;
	fork_passed(s);
	members_begin_term(s);
	rc = foreign_give_back(s, why);
	if (rc == 0)
		rc = resume_mark(s, why);
	if (rc == 0 && !s->restarting)
		rc = ledger_note_put(s->ledger, SERIALS_TAKEOVER, "1", why);
	if (rc == 0 && at_once)
		rc = intent_install_all(&s->conf, s->opt.state_dir, s->ledger,
		    s->opt.publish_command[0] == '\0', &busy, why);
	if (rc < 0)
		return rc;
	term.cluster = s->record.cluster;
	term.term = s->record.term;
	term.term_id = s->record.term_id;
	memcpy(term.psk, s->psk, sizeof(term.psk));
	rc = engine_source(s->engine, &term, s->opt.address, s->opt.port, why);
	explicit_bzero(&term, sizeof(term));
	if (rc < 0)
		return rc;
	s->role = ROLE_SOURCE;
	terms_sessions(s);
	if (s->restarting)
		degraded_load(s);
	else
		s->degraded_since_s = 0;
	s->init_here = s->accept_here = s->restarting = false;
	resume_begin(s);
	rc = start_threads(s, why);
	if (rc < 0) {
		stop_threads(s);
		engine_idle(s->engine);
		s->role = ROLE_UNPROMOTED;
	}
	return rc;
}

static void promote_finish(struct syncd *s)
{
	struct why why = {0};
	int rc = become_source(s, &why);

	if (rc == -EAGAIN)
		return; /* the next tick looks again */
	if (rc < 0) {
		s->role = ROLE_UNPROMOTED;
		log_err("promote failed: %s", why.text);
		promote_answer(s, why.err, why.text);
	} else {
		log_notice(
		    "source of term %llu", (unsigned long long)s->record.term);
		history_counts_on(s);
		terms_announce(s);
		/* The next monitor may come before our next look. */
		report_update(s); /* resume_end() answers */
	}
	terms_hello(s);
	facts_judge(s);
}

/* Everything durable is applied: 0, -EAGAIN when it takes longer. */
static int drain(struct syncd *s, struct deadline deadline, struct why *why)
{
	int rc;

	if (s->replicating || s->frozen)
		engine_freeze(s->engine);
	s->replicating = s->connected = false;
	s->frozen = true;
	rc = engine_drain(
	    s->engine, deadline_step(deadline, DRAIN_STEP_MS), why);
	return rc == -ETIMEDOUT ? -EAGAIN : rc;
}

static bool is_silent(const struct syncd *s, const struct member *m)
{
	return m->nodeid == s->nodeid
	           ? m->left != LEFT_NOT
	           : m->left == LEFT_NOT && !m->has_hello && !m->twin;
}

static const char *silent_peer(const struct syncd *s)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (is_silent(s, &s->member[i]))
			return s->member[i].name;
	return "another node";
}

static void promote_try(struct syncd *s)
{
	struct promote_job *job = s->promoting;
	struct plan plan = facts_plan(s, true);
	struct why why = {0};
	int rc;

	snprintf(job->why, sizeof(job->why), "%s", plan.why);
	if (plan.verdict == PLAN_REFUSE) {
		promote_answer(s, -EPERM, plan.why);
		return;
	}
	if (plan.verdict == PLAN_NOT_YET)
		return;
	/* Who has not said HELLO may know a newer term, or another one. */
	if (!promote_peers_known(s)) {
		snprintf(job->why, sizeof(job->why),
		    "%s is in the group and has not told what it has: is "
		    "ocf-ods the same there? See its log",
		    silent_peer(s));
		return;
	}
	rc = drain(s, job->deadline, &why);
	if (rc == -EAGAIN)
		snprintf(job->why, sizeof(job->why),
		    "received state is still being applied");
	if (rc == 0)
		rc = promote_mint(s, plan.first, &why);
	if (rc < 0 && rc != -EAGAIN)
		promote_answer(s, rc, why.text);
	else if (s->role == ROLE_MINTING && terms_in_force(s))
		promote_finish(s);
}

bool promote_peers_known(const struct syncd *s)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (is_silent(s, &s->member[i]))
			return false;
	return true;
}

static void demote_finish(struct syncd *s)
{
	struct demote_job *job = s->demoting;
	bool stop = job->stop;

	engine_idle(s->engine);
	s->role = ROLE_UNPROMOTED;
	s->proposing = false;
	s->demoting = NULL;
	log_notice(
	    "demoted: term %llu is closed", (unsigned long long)s->record.term);
	foreign_guard(s);
	terms_hello(s);
	facts_judge(s);
	if (job->conn)
		ctl_reply(s, job->conn, 0, NULL, NULL);
	free(job);
	s->stopping = stop;
}

/* Has each holder that is here got generation SEQ? */
static bool holders_have(const struct syncd *s, uint64_t seq)
{
	int i;

	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->nodeid == s->nodeid || m->left != LEFT_NOT ||
		    !m->known || !nodes_has(&s->record.holders, &m->hello.node))
			continue;
		if (m->acked_seq < seq)
			return false;
	}
	return true;
}

/* A node that has the last generation may take over from it, also one that
 * has not kept up long enough to hold up publishing. */
static void name_level_nodes(
    const struct syncd *s, uint64_t seq, struct record *r)
{
	int i;

	for (i = 0; seq && i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->left == LEFT_NOT && m->known && m->acked_seq >= seq)
			nodes_add(&r->holders, &m->hello.node);
	}
}

/* Has each node that keeps up got generation SEQ? */
static bool level_nodes_have(const struct syncd *s, uint64_t seq)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (s->member[i].left == LEFT_NOT &&
		    s->member[i].clean_since_ms && s->member[i].acked_seq < seq)
			return false;
	return true;
}

static void demote_close(struct syncd *s)
{
	struct demote_job *job = s->demoting;
	struct record r = s->record;
	struct why why;

	if (!holders_have(s, job->seq ? job->seq : 1))
		log_warn("demote: a holder lacks the last generation; what it "
		         "lacks %s",
		    r.solo ? "may be published and lost (barrier=off)"
		           : "was never published");
	r.open = false;
	r.revision = s->proposal.revision > r.revision
	                 ? s->proposal.revision + 1
	                 : r.revision + 1;
	r.last_seq = job->seq;
	name_level_nodes(s, job->seq, &r);
	if (terms_propose(s, &r, &why) < 0) {
		log_err("cannot close the record: %s", why.text);
		/* After a restart we do not know of whom we name only now. */
		r.holders = s->record.holders;
	}
	s->record = r;
	job->closed = true;
}

static void demote_tick(struct syncd *s)
{
	struct demote_job *job = s->demoting;
	int left = deadline_left_ms(job->deadline);

	if (!job->closed) {
		bool holders = job->seq && holders_have(s, job->seq);

		if ((holders && level_nodes_have(s, job->seq)) ||
		    (holders && deadline_passed(job->courtesy)) ||
		    left < CLOSE_MARGIN_MS)
			demote_close(s);
		return;
	}
	if (terms_in_force(s) || left < CLOSE_MARGIN_MS / 3)
		demote_finish(s);
}

void demote_begin(
    struct syncd *s, struct ctl_conn *conn, struct deadline deadline, bool stop)
{
	if (s->promoting)
		promote_answer(s, -ECANCELED, "cancelled by demote");
	s->restarting = false;
	if (s->role == ROLE_MINTING)
		mint_abort(s);
	if (s->role == ROLE_UNPROMOTED) {
		s->held_since_ms = 0;
		ctl_reply(s, conn, 0, NULL, NULL);
		s->stopping = s->stopping || stop;
		return;
	}
	if (s->demoting) {
		s->demoting->stop = s->demoting->stop || stop;
		ctl_reply(s, conn, -EBUSY, "a demote is under way", NULL);
		return;
	}
	s->demoting = calloc(1, sizeof(*s->demoting));
	if (!s->demoting) {
		ctl_reply(s, conn, -ENOMEM, "out of memory", NULL);
		return;
	}
	s->demoting->conn = conn;
	s->demoting->deadline = deadline;
	s->demoting->courtesy = deadline_in_ms(COURTESY_MS);
	s->demoting->stop = stop;
	s->role = ROLE_DEMOTING;
	stop_threads(s);
	s->demoting->request = engine_cut_last(s->engine);
	report_update(s);
}

void promote_superseded(struct syncd *s, const char *by)
{
	struct demote_job *job = s->demoting;

	log_crit("%s has a newer term: this node is no source any more", by);
	stop_threads(s);
	s->demoting = NULL;
	if (job) {
		if (job->conn)
			ctl_reply(s, job->conn, 0, NULL, NULL);
		s->stopping = s->stopping || job->stop;
		free(job);
	}
	engine_idle(s->engine);
	s->role = ROLE_UNPROMOTED;
	s->proposing = s->restarting = false;
	s->held_since_ms = 0;
	promote_answer(s, -ESTALE, "another node has a newer term");
}

void promote_tick(struct syncd *s)
{
	restart_tick(s);
	if (s->role == ROLE_MINTING && terms_in_force(s))
		promote_finish(s);
	else if (s->promoting && s->role == ROLE_UNPROMOTED)
		promote_try(s);
	if (s->demoting)
		demote_tick(s);
	resume_tick(s);
	if (s->promoting && deadline_passed(s->promoting->deadline)) {
		if (s->role == ROLE_MINTING) {
			mint_abort(s);
			snprintf(s->promoting->why, WHY_MAX,
			    "a node neither stores the new term nor is "
			    "surely off: see its log");
		}
		promote_answer(s, -ETIMEDOUT, s->promoting->why);
	}
}
