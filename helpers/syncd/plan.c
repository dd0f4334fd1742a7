/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "plan_core.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#define SCORE_STANDBY 900
#define SCORE_STANDBY_PREFERENCE 780

struct plan plan_say(enum plan_verdict verdict, const char *fmt, ...)
{
	struct plan plan = {.verdict = verdict};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(plan.why, sizeof(plan.why), fmt, ap);
	va_end(ap);
	return plan;
}

static const struct plan_node *node_by_id(
    const struct plan_facts *f, const struct id *id)
{
	int i;

	if (id_equal(&f->self.id, id))
		return &f->self;
	for (i = 0; i < f->peers; i++)
		if (id_equal(&f->peer[i].id, id))
			return &f->peer[i];
	return NULL;
}

static const char *node_name(const struct plan_facts *f, const struct id *id)
{
	const struct plan_node *n = node_by_id(f, id);

	return n && n->name[0] ? n->name : "an unknown node";
}

static int present_count(const struct plan_facts *f)
{
	int i, count = 1;

	for (i = 0; i < f->peers; i++)
		count += f->peer[i].present;
	return count;
}

static bool any_record(const struct plan_facts *f)
{
	int i;

	for (i = 0; i < f->peers; i++)
		if (f->peer[i].present && f->peer[i].has_record)
			return true;
	return f->self.has_record;
}

/* The cluster property knows more than any ledger here. */
static bool property_is_newer(const struct plan_facts *f)
{
	int i;

	for (i = 0; i < f->peers; i++)
		if (f->peer[i].present && f->peer[i].has_record &&
		    !witness_newer(&f->witness, &f->peer[i].record))
			return false;
	return witness_newer(&f->witness, &f->self.record);
}

static struct plan refuse_for_property(const struct plan_facts *f)
{
	if (f->self.has_record &&
	    id_equal(&f->witness.cluster, &f->self.record.cluster))
		return plan_say(PLAN_REFUSE,
		    "the CIB has term %llu of %s: start it, else ods-cluster "
		    "failover --to %s --accept-loss",
		    (unsigned long long)f->witness.term, f->witness.source,
		    f->self.name);
	return plan_say(PLAN_REFUSE,
	    "the CIB knows term %llu of %s: start it; if it is lost: "
	    "ods-cluster init --source %s",
	    (unsigned long long)f->witness.term, f->witness.source,
	    f->self.name);
}

/* §4 first source: no record anywhere, and every configured node is here. */
static struct plan plan_first(const struct plan_facts *f)
{
	int i, with_zones = f->self.zones > 0;
	const struct plan_node *other = NULL;
	struct plan go = {.verdict = PLAN_GO, .preferred = true, .first = true};

	if (f->init_here) {
		snprintf(go.why, sizeof(go.why), "first source by init");
		return go;
	}
	if (!f->asked)
		return property_not_read();
	if (property_is_newer(f))
		return refuse_for_property(f);
	if (present_count(f) < f->configured)
		return plan_say(PLAN_NOT_YET,
		    "first start: waiting for all %d nodes (%d are here); or "
		    "type ods-cluster init --source NODE",
		    f->configured, present_count(f));
	for (i = 0; i < f->peers; i++)
		if (f->peer[i].present && f->peer[i].zones > 0) {
			with_zones++;
			other = &f->peer[i];
		}
	if (with_zones > 1)
		return plan_say(PLAN_REFUSE,
		    "%ld zones, %ld keys here and %ld zones, %ld keys on %s: "
		    "type ods-cluster init --source NODE",
		    f->self.zones, f->self.keys, other ? other->zones : 0,
		    other ? other->keys : 0, other ? other->name : "another");
	if (with_zones == 1 && other)
		return plan_say(PLAN_NOT_YET,
		    "first start: %s has the zones and is promoted first",
		    other->name);
	if (with_zones == 0 && !f->low_id)
		return plan_say(PLAN_NOT_YET,
		    "first start: no node has zones, the lowest node id is "
		    "promoted first");
	snprintf(go.why, sizeof(go.why), "first source");
	return go;
}

/* Gate 1: the former source is harmless.  With fencing this is judged inside
 * promote only, since Pacemaker fences before it promotes: a standby beside a
 * healthy source has its score all the time. */
static struct plan gate_former_source(const struct plan_facts *f)
{
	const struct record *r = &f->self.record;
	const struct plan_node *source = node_by_id(f, &r->source);
	const char *name = node_name(f, &r->source);
	bool present = source && source->present;
	struct plan go = {.verdict = PLAN_GO};

	if (!r->open || (source && source->fenced))
		return go;
	if (present && source->unpromoted && source->daemons_dead)
		return go;
	if (r->fencing && f->fencing && !f->in_promote)
		return go;
	if (present && source->unpromoted)
		return plan_daemons_run(name);
	if (present)
		return plan_say(PLAN_NOT_YET, "%s is the source", name);
	if (!r->fencing || !f->fencing)
		return plan_say(PLAN_REFUSE,
		    "%s left undemoted, fencing is off: start it; if surely "
		    "off: ods-cluster init --source %s",
		    name, f->self.name);
	if (!source)
		return plan_say(PLAN_REFUSE,
		    "the source of term %llu has lost its ledger, or was never "
		    "seen here: once it is surely off: ods-cluster init "
		    "--source %s",
		    (unsigned long long)r->term, f->self.name);
	return plan_say(PLAN_NOT_YET,
	    "waiting for the fencing of %s, or pcs stonith confirm %s once it "
	    "is off",
	    name, name);
}

static bool newer_elsewhere(
    const struct plan_facts *f, const struct plan_node **who)
{
	int i;

	for (i = 0; i < f->peers; i++) {
		const struct plan_node *p = &f->peer[i];

		if (p->present && p->has_record &&
		    record_compare(&p->record, &f->self.record) ==
		        RECORD_NEWER) {
			*who = p;
			return true;
		}
	}
	return false;
}

/* Else what it may have published is not on its disk: that went back in time,
 * or has no whole copy. */
static bool has_its_state(const struct plan_node *n)
{
	return n && n->present && n->state == STATE_LEDGER;
}

/* Cold start: all holders of the record are here, or more than half of its
 * voters are.  A node without a record was no voter, or is none any more, and
 * one that has just been installed has its record from us. */
static bool custody_cold(const struct plan_facts *f, const char **missing)
{
	const struct record *r = &f->self.record;
	int i, voters = 1;

	*missing = NULL;
	for (i = 0; i < f->peers; i++)
		voters += f->peer[i].present && f->peer[i].has_record &&
		          f->peer[i].state == STATE_LEDGER &&
		          id_equal(&f->peer[i].record.term_id, &r->term_id);
	for (i = 0; i < r->holders.count; i++) {
		const struct plan_node *n = node_by_id(f, &r->holders.id[i]);

		if (n != &f->self && !has_its_state(n))
			*missing = node_name(f, &r->holders.id[i]);
	}
	return !*missing || 2 * voters > r->voters;
}

/* Without fencing a holder that is out of sight may promote at this very
 * moment: all must be here, or gone for sure. */
static struct plan gate_no_fencing(const struct plan_facts *f)
{
	const struct record *r = &f->self.record;
	struct plan go = {.verdict = PLAN_GO};
	int i;

	for (i = 0; i < r->holders.count && !(r->fencing && f->fencing); i++) {
		const struct plan_node *n = node_by_id(f, &r->holders.id[i]);

		if (n && (n == &f->self || n->present || n->gone))
			continue;
		return plan_say(PLAN_REFUSE,
		    "%s is out of sight and fencing is off: start it, or type "
		    "ods-cluster init --source %s",
		    node_name(f, &r->holders.id[i]), f->self.name);
	}
	return go;
}

/* The source of a term has less of it than a node that got it from there: it
 * lost what it had on its disk. */
static bool source_went_back(
    const struct plan_facts *f, const struct plan_node **who)
{
	const struct record *r = &f->self.record;
	int i;

	for (i = 0; id_equal(&r->source, &f->self.id) && i < f->peers; i++) {
		const struct plan_node *p = &f->peer[i];

		*who = p;
		if (p->present && nodes_has(&r->holders, &p->id) &&
		    position_in(&p->tip, &r->term_id) >
		        position_in(&f->self.tip, &r->term_id))
			return true;
	}
	return false;
}

/* Another node that may be promoted and has more of the last term. */
static const struct plan_node *higher_tip(const struct plan_facts *f)
{
	int i;

	for (i = 0; i < f->peers; i++) {
		const struct plan_node *p = &f->peer[i];

		if (p->present && p->has_record && p->state == STATE_LEDGER &&
		    !p->foreign && nodes_has(&f->self.record.holders, &p->id) &&
		    (p->tip.term > f->self.tip.term ||
		        (p->tip.term == f->self.tip.term &&
		            p->tip.seq > f->self.tip.seq)))
			return p;
	}
	return NULL;
}

static struct plan say_no_holder(const struct plan_facts *f)
{
	const struct record *r = &f->self.record;
	const struct plan_node *source = node_by_id(f, &r->source);

	if (source && source->present && source->state != STATE_LEDGER)
		return plan_say(PLAN_REFUSE,
		    "not a holder of term %llu, and %s has lost its copy: "
		    "ods-cluster failover --to %s --accept-loss",
		    (unsigned long long)r->term, source->name, f->self.name);
	if (source && source->present)
		return plan_say(PLAN_NOT_YET,
		    "not a holder of term %llu: waiting for %s to bring this "
		    "node up to date",
		    (unsigned long long)r->term, source->name);
	return plan_say(PLAN_NOT_YET,
	    "not a holder of term %llu: start %s, else "
	    "ods-cluster failover --to %s --accept-loss",
	    (unsigned long long)r->term, node_name(f, &r->source),
	    f->self.name);
}

/* Gate 2: custody of everything that was published. */
static struct plan gate_custody(const struct plan_facts *f)
{
	const struct record *r = &f->self.record;
	const struct plan_node *who;
	const char *missing;
	struct plan go = {.verdict = PLAN_GO};

	if (f->fork)
		return plan_say(PLAN_REFUSE,
		    "two histories of term %llu exist: decide with "
		    "ods-cluster init --source NODE",
		    (unsigned long long)r->term);
	if (newer_elsewhere(f, &who))
		return plan_say(PLAN_NOT_YET,
		    "%s knows a newer term; this node catches up from it",
		    who->name);
	if (property_is_newer(f) &&
	    (!f->warm || id_equal(&f->witness.cluster, &r->cluster)))
		return refuse_for_property(f);
	if (!nodes_has(&r->holders, &f->self.id))
		return say_no_holder(f);
	if (!f->warm && source_went_back(f, &who))
		return plan_say(PLAN_NOT_YET,
		    "%s has more of term %llu than this node, its source: the "
		    "disk here went back in time; promote %s",
		    who->name, (unsigned long long)r->term, who->name);
	if (!f->drained)
		return plan_say(
		    PLAN_NOT_YET, "received state is still being applied");
	/* What a holder lacks is unpublished, but for a record that says that
	 * holders were not waited for. */
	who = higher_tip(f);
	if (r->solo && who)
		return plan_say(PLAN_NOT_YET,
		    "%s has more of what term %llu published unacknowledged "
		    "and is promoted first",
		    who->name, (unsigned long long)r->term);
	if (f->warm)
		return go;
	if (!f->asked)
		return property_not_read();
	if (r->holders.count == 1)
		return go;
	if (custody_cold(f, &missing))
		return go;
	return plan_say(PLAN_NOT_YET,
	    "cold start: %s also held this: start it, else "
	    "ods-cluster failover --to %s --accept-loss",
	    missing, f->self.name);
}

const struct plan_node *plan_present_source(const struct plan_facts *f)
{
	int i;

	for (i = 0; i < f->peers; i++)
		if (f->peer[i].present && !f->peer[i].unpromoted)
			return &f->peer[i];
	return NULL;
}

/* What somebody else did here is no part of any history. */
static struct plan gate_foreign(const struct plan_facts *f)
{
	const struct plan_node *source = plan_present_source(f);
	struct plan go = {.verdict = PLAN_GO};

	if (f->stranger)
		return plan_say(PLAN_REFUSE, "%s runs on this standby: stop it",
		    f->stranger);
	if (!f->self.foreign)
		return go;
	if (source)
		return plan_say(PLAN_NOT_YET,
		    "somebody changed files here: they are compared with %s",
		    source->name);
	return plan_say(PLAN_REFUSE,
	    "somebody changed files here: start the other node, or type "
	    "ods-cluster init --source %s",
	    f->self.name);
}

/* A file system that is not mounted is no deletion: what is not here would be
 * taken from the others. */
static struct plan gate_files(const struct plan_facts *f)
{
	struct plan go = {.verdict = PLAN_GO};

	if (!f->missing)
		return go;
	return plan_say(PLAN_NOT_YET,
	    "%.60s is missing here: mount its file system; if lost: "
	    "ods-cluster init --source %s",
	    f->missing, f->self.name);
}

/* What such a key signs is bogus under the DNSKEY that is served.  Only what
 * was seen refuses: a key that is missing or unproven never does. */
static struct plan gate_keys(const struct plan_facts *f)
{
	struct plan go = {.verdict = PLAN_GO};

	if (!f->twin_locator && f->pin_refused)
		return plan_say(PLAN_REFUSE,
		    "the HSM of %s refuses its PIN here: set <PIN> in "
		    "conf.xml, or pcs resource refresh of the hsm resource",
		    f->pin_refused);
	if (!f->twin_locator)
		return go;
	if (f->twin_two)
		return plan_say(PLAN_REFUSE,
		    "key %s of %s is two different keys here: delete the one "
		    "that does not sign for the DNSKEY that is served",
		    f->twin_locator, f->twin_repository);
	return plan_say(PLAN_REFUSE,
	    "key %s of %s is another key here than on the source: give this "
	    "node the keys of the source before it may sign",
	    f->twin_locator, f->twin_repository);
}

/* Somebody who is here can be, or become, the source of a copy. */
static bool copy_may_come(const struct plan_facts *f)
{
	int i;

	for (i = 0; i < f->peers; i++)
		if (has_its_state(&f->peer[i]) && f->peer[i].has_record)
			return true;
	return plan_present_source(f);
}

/* Another node that had all of the record: its source, or one that held it. */
static const char *who_had_it(const struct plan_facts *f)
{
	const struct record *r = &f->self.record;
	int i = 0;

	if (!id_equal(&r->source, &f->self.id))
		return node_name(f, &r->source);
	while (i < r->holders.count && id_equal(&r->holders.id[i], &f->self.id))
		i++;
	return i < r->holders.count ? node_name(f, &r->holders.id[i])
	                            : "another";
}

/* What is here is no whole copy of any history that is known. */
static struct plan say_no_copy(const struct plan_facts *f)
{
	if (f->self.state == STATE_UNKNOWN)
		return plan_say(PLAN_REFUSE,
		    "%ld zones, %ld keys here are of no known history: "
		    "ods-cluster init --source NODE sets them aside",
		    f->self.zones, f->self.keys);
	if (!f->self.has_record || copy_may_come(f))
		return plan_say(
		    PLAN_NOT_YET, "waiting for the first copy of the state");
	return plan_say(PLAN_NOT_YET,
	    "no whole copy of term %llu here: start %s; if lost for ever: "
	    "ods-cluster init --source %s",
	    (unsigned long long)f->self.record.term, who_had_it(f),
	    f->self.name);
}

static struct plan gate_quorum(const struct plan_facts *f)
{
	struct plan go = {.verdict = PLAN_GO};

	return f->quorate
	           ? go
	           : plan_say(PLAN_NOT_YET, "this partition has no quorum");
}

static struct plan gate_init(const struct plan_facts *f)
{
	const struct plan_node *source = plan_present_source(f);
	struct plan go = {.verdict = PLAN_GO};

	if (!f->init_here || !source)
		return go;
	return plan_say(PLAN_REFUSE,
	    "init: %s is still the source, demote it first", source->name);
}

static struct plan gate_copy(const struct plan_facts *f)
{
	struct plan go = {.verdict = PLAN_GO};

	return f->self.has_record && f->self.state == STATE_LEDGER
	           ? go
	           : say_no_copy(f);
}

/* Lowers the score, and refuses nothing. */
static struct plan preferences(const struct plan_facts *f)
{
	struct plan go = {.verdict = PLAN_GO};
	char clock[160];

	clock_doubt_text(&f->clock, clock, sizeof(clock));
	if (f->hsm_lost)
		snprintf(go.why, sizeof(go.why),
		    "ready, but its HSM does not answer");
	else if (clock[0])
		snprintf(go.why, sizeof(go.why),
		    "ready, but %s: set both right", clock);
	else if (higher_tip(f))
		snprintf(
		    go.why, sizeof(go.why), "ready, but another node has more");
	else
		go.preferred = true;
	if (go.preferred)
		snprintf(go.why, sizeof(go.why), "ready to take over");
	return go;
}

struct gate {
	const char *name;
	struct plan (*judge)(const struct plan_facts *f);
};

/* The last one of a list is what stands where all say go. */
static const struct gate first_gates[] = {
    {"quorum", gate_quorum},
    {"init", gate_init},
    {"first source", plan_first},
    {NULL, NULL},
};
static const struct gate gates[] = {
    {"quorum", gate_quorum},
    {"init", gate_init},
    {"copy of the state", gate_copy},
    {"foreign writes", gate_foreign},
    {"file systems", gate_files},
    {"keys and PIN", gate_keys},
    {"custody", gate_custody},
    {"former source", gate_former_source},
    {"no fencing", gate_no_fencing},
    {"preferences", preferences},
    {NULL, NULL},
};

static const struct gate loss_gates[] = {
    {"quorum", gate_quorum},
    {"copy of the state", gate_copy},
    {"foreign writes", gate_foreign},
    {"file systems", gate_files},
    {"keys and PIN", gate_keys},
    {"custody", plan_loss_gate},
    {"former source", plan_harmless},
    {"accept-loss", plan_loss_go},
    {NULL, NULL},
};

static const struct gate *gates_for(const struct plan_facts *f)
{
	if (!any_record(f) || f->init_here)
		return first_gates;
	return f->accept_here ? loss_gates : gates;
}

struct plan plan_promote(const struct plan_facts *f)
{
	const struct gate *gate = gates_for(f);
	struct plan plan = {.verdict = PLAN_NOT_YET};

	for (; gate->name; gate++) {
		plan = gate->judge(f);
		if (plan.verdict != PLAN_GO)
			break;
	}
	return plan;
}

int plan_explain(const struct plan_facts *f, struct plan_gate list[PLAN_GATES])
{
	const struct gate *gate = gates_for(f);
	int count = 0;

	for (; gate->name && count < PLAN_GATES; gate++) {
		list[count].name = gate->name;
		list[count++].plan = gate->judge(f);
	}
	return count;
}

int plan_score(const struct plan *plan)
{
	if (plan->verdict != PLAN_GO)
		return INT_MIN;
	return plan->preferred ? SCORE_STANDBY : SCORE_STANDBY_PREFERENCE;
}
