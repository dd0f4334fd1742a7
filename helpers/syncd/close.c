/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "close.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/poll.h>

#include "claimfile.h"
#include "deadline.h"
#include "log.h"
#include "standby.h"

#define CLOSE_MS 10000
#define HELLO_MS 2000
#define TICK_NS (50 * QB_TIME_NS_IN_MSEC)

static struct {
	struct deadline hello, deadline;
	bool unstored; /* the closed record is not on our disk */
	bool closed;
} job;

static bool mine(const struct record *r, const struct id *self)
{
	return r->open && id_equal(&r->source, self);
}

static bool in_group(const struct syncd *s, bool others)
{
	int i;

	for (i = 0; i < s->members; i++)
		if (s->member[i].left == LEFT_NOT &&
		    (s->member[i].nodeid != s->nodeid) == others)
			return true;
	return false;
}

/* With a disk that is full we may have heard of a later term and could not
 * store that. */
static bool succeeded(struct syncd *s)
{
	int i;

	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->left == LEFT_NOT && m->has_hello &&
		    m->hello.has_record &&
		    m->hello.record.term > s->record.term &&
		    !history_foreign(&s->record, m) &&
		    fork_order(s, m, &m->hello.record) == RECORD_NEWER)
			return true;
	}
	return false;
}

/* ... or of a later revision: who has one must not take ours for the same. */
static struct record newest(const struct syncd *s)
{
	struct record r = s->record;
	int i;

	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->left == LEFT_NOT && m->has_hello &&
		    m->hello.has_record &&
		    id_equal(&m->hello.record.term_id, &r.term_id) &&
		    m->hello.record.revision > r.revision)
			r = m->hello.record;
	}
	return r;
}

/* The others can store that the record is closed when this disk cannot: it is
 * their word that lets somebody take over.  No majority is needed for that: to
 * close takes nothing from anybody, what is closed stays true when it is
 * forgotten, and one that is open only keeps the others waiting.  But who is
 * here and may take over must know, or nobody can without a fencing. */
static bool others_have_it(const struct syncd *s)
{
	int i, stored = 0;

	for (i = 0; i < s->members; i++) {
		const struct member *m = &s->member[i];

		if (m->nodeid == s->nodeid || m->left != LEFT_NOT)
			continue;
		if (terms_stored_by(m, &s->proposal))
			stored++;
		else if (!m->known ||
		         nodes_has(&s->record.holders, &m->hello.node))
			return false;
	}
	return stored > 0;
}

static void propose(struct syncd *s)
{
	struct record r = newest(s);
	struct why why;

	r.open = false;
	r.revision++;
	r.last_seq = s->tip.seq;
	job.unstored = terms_propose(s, &r, &why) < 0;
	if (!job.unstored)
		return;
	log_warn(
	    "%s: the others are asked to store the closed record", why.text);
	terms_ask(s, &r);
}

bool close_step(struct syncd *s, bool waited)
{
	if (!mine(&s->record, &s->self) || succeeded(s))
		return true; /* somebody knows more: nothing to close */
	if (!in_group(s, false))
		return false;
	if (!s->proposing && (promote_peers_known(s) || waited))
		propose(s);
	if (!s->proposing)
		return false;
	if (waited && !in_group(s, true))
		return true;
	return job.unstored ? others_have_it(s) : terms_in_force(s);
}

static void on_tick(void *data)
{
	struct syncd *s = data;
	qb_loop_timer_handle handle;

	group_flush(s);
	job.closed = close_step(s, deadline_passed(job.hello));
	if (job.closed || deadline_passed(job.deadline))
		qb_loop_stop(s->loop);
	else
		qb_loop_timer_add(
		    s->loop, QB_LOOP_MED, TICK_NS, s, on_tick, &handle);
}

static int load(struct syncd *s, struct why *why)
{
	struct position applied;
	bool fresh;
	int rc = ledger_open(s->opt.state_dir, &s->ledger, why);

	if (rc == 0)
		rc = ledger_node_id(s->ledger, &s->self, &fresh, why);
	if (rc == 0)
		rc = ledger_position_get(s->ledger, &s->tip, &applied, why);
	if (rc == 0)
		rc = terms_load(s, why);
	s->state = STATE_LEDGER;
	id_random(&s->worker);
	return rc;
}

static int fail(const char *text)
{
	fprintf(stderr, "%s\n", text);
	log_err("%s", text);
	return EXIT_FAILURE;
}

/* A worker that was killed after its demote has left zones.xml aside, which
 * the last source gets back at a stop (foreign_stop()).  No failure of the
 * stop: conf.xml may be what is wrong. */
static void zones_back(const struct syncd *s)
{
	struct standby *standby = NULL;
	struct why why = {0};
	struct conf conf;
	char state[32] = "";
	int rc;

	ledger_note_get(s->ledger, "state", state, sizeof(state));
	if (!id_equal(&s->record.source, &s->self) ||
	    strcmp(state, "ledger") != 0 || !facts_daemons_dead())
		return;
	rc = conf_load(s->opt.conf, &conf, &why);
	if (rc == 0) {
		rc = standby_open(&conf, NULL, &standby, &why);
		if (rc == 0)
			rc = standby_give_back(standby, &why);
		standby_close(standby);
		conf_free(&conf);
	}
	if (rc < 0)
		log_warn("%s", why.text);
}

int close_run(const struct options *opt)
{
	static struct syncd syncd;
	struct syncd *s = &syncd;
	qb_loop_timer_handle handle;
	struct why why = {0};
	int rc;

	s->opt = *opt;
	claimfile_remove(opt->res); /* the daemon is stopped */
	rc = load(s, &why);
	if (rc == -ENOENT)
		return EXIT_SUCCESS;
	if (rc < 0)
		return fail(why.text);
	zones_back(s);
	if (!mine(&s->record, &s->self))
		return EXIT_SUCCESS;
	if (!facts_daemons_dead())
		return fail("ods-signerd or ods-enforcerd still runs here");
	s->loop = qb_loop_create();
	job.hello = deadline_in_ms(HELLO_MS);
	job.deadline = deadline_in_ms(CLOSE_MS);
	if (group_join(s, &why) < 0)
		return fail(why.text);
	qb_loop_timer_add(s->loop, QB_LOOP_MED, TICK_NS, s, on_tick, &handle);
	qb_loop_run(s->loop);
	group_leave(s);
	if (!job.closed)
		return fail("no node confirmed that this one is no source");
	log_notice("the record of term %llu is closed%s",
	    (unsigned long long)s->record.term,
	    !job.unstored       ? ""
	    : others_have_it(s) ? " on the other nodes"
	                        : " nowhere: no other node is here to tell");
	return EXIT_SUCCESS;
}
