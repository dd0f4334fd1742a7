/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "plan_core.h"

#include <stdio.h>
#include <string.h>

/* failover --accept-loss: an admin gives up what is not here.  That answers
 * "have I all that was published?", and nothing else: the newest record may be
 * lost with its source and holders, so that whoever is out of sight may be
 * either, and has to be harmless. */

struct plan property_not_read(void)
{
	return plan_say(PLAN_NOT_YET,
	    "waiting for Pacemaker to say what the property ods-record holds");
}

struct plan plan_daemons_run(const char *name)
{
	return plan_say(PLAN_NOT_YET,
	    "ods-signerd or ods-enforcerd still runs on %s: stop it", name);
}

static struct plan out_of_sight(const char *name)
{
	return plan_say(PLAN_REFUSE,
	    "accept-loss: %s is out of sight and may sign: pcs stonith confirm "
	    "%s once it is surely off",
	    name, name);
}

static bool opened(const struct record *r, const struct plan_node *n)
{
	return r->open && id_equal(&n->id, &r->source);
}

/* By our record, by its own, or by the cluster property. */
static bool was_source(const struct plan_facts *f, const struct plan_node *n)
{
	return opened(&f->self.record, n) ||
	       (n->has_record && opened(&n->record, n)) ||
	       (f->witness.term && strcmp(n->name, f->witness.source) == 0 &&
	           witness_newer(&f->witness, &f->self.record));
}

static struct plan judge_peer(
    const struct plan_facts *f, const struct plan_node *n)
{
	struct plan go = {.verdict = PLAN_GO};

	if (n->present && !n->unpromoted)
		return plan_say(PLAN_REFUSE,
		    "accept-loss: %s is still the source, demote it first",
		    n->name);
	if (n->present)
		return n->daemons_dead ? go : plan_daemons_run(n->name);
	/* Whose daemon has ended publishes nothing; a source leaves more
	 * behind. */
	if (n->fenced || (n->gone && !was_source(f, n)))
		return go;
	if (!n->listed)
		return plan_say(PLAN_REFUSE,
		    "accept-loss: %s is no node of the cluster any more and "
		    "may sign: once it is surely off: ods-cluster init "
		    "--source %s",
		    n->name, f->self.name);
	return out_of_sight(n->name);
}

struct plan plan_harmless(const struct plan_facts *f)
{
	struct plan plan = {.verdict = PLAN_GO};
	int i;

	if (!f->asked)
		return property_not_read();
	for (i = 0; i < f->peers && plan.verdict == PLAN_GO; i++)
		plan = judge_peer(f, &f->peer[i]);
	if (plan.verdict == PLAN_GO && f->unseen)
		return out_of_sight(f->unseen);
	if (plan.verdict == PLAN_GO && !f->self.daemons_dead)
		return plan_daemons_run(f->self.name);
	return plan;
}

/* Who is here and has more of one and the same history. */
static const struct plan_node *has_more(const struct plan_facts *f)
{
	const struct position *mine = &f->self.tip;
	int i;

	for (i = 0; i < f->peers; i++) {
		const struct plan_node *p = &f->peer[i];

		if (!p->present || !p->has_record || p->foreign ||
		    p->state != STATE_LEDGER)
			continue;
		if (p->tip.term > mine->term ||
		    position_in(&p->tip, &mine->term_id) > mine->seq)
			return p;
	}
	return NULL;
}

struct plan plan_loss_gate(const struct plan_facts *f)
{
	const struct plan_node *more = has_more(f);
	struct plan go = {.verdict = PLAN_GO};

	if (more)
		return plan_say(PLAN_REFUSE,
		    "accept-loss: %s has more: type it for that node",
		    more->name);
	if (!f->drained)
		return plan_say(
		    PLAN_NOT_YET, "received state is still being applied");
	return go;
}

struct plan plan_loss_go(const struct plan_facts *f)
{
	struct plan go = {.verdict = PLAN_GO, .preferred = true, .first = true};

	(void)f;
	snprintf(go.why, sizeof(go.why), "ready: a loss was accepted");
	return go;
}
