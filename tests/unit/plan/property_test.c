/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "facts.h"

/* AM4: the cluster property is a copy of the record and a witness. */

static void property_of(struct plan_facts *f, const struct record *r)
{
	f->witness.cluster = r->cluster;
	f->witness.term = r->term;
	f->witness.term_id = r->term_id;
	f->witness.revision = r->revision;
	snprintf(f->witness.source, sizeof(f->witness.source), "other");
}

/* The only holder, at a cold start: what the property says decides. */
static struct plan_facts cold(void)
{
	struct plan_facts f = after_a_kill();

	f.self.record.cluster = id_of('c');
	f.self.record.holders.count = 0;
	nodes_add(&f.self.record.holders, &f.self.id);
	f.warm = false;
	return f;
}

static void property_missing(void **state)
{
	struct plan_facts f = cold();

	(void)state;
	assert_true(f.asked);
	assert_int_equal(f.witness.term, 0);
	expect(&f, PLAN_GO);
}

static void property_older(void **state)
{
	struct plan_facts f = cold();
	struct record r = f.self.record;

	(void)state;
	property_of(&f, &r); /* the same */
	expect(&f, PLAN_GO);
	r.revision--;
	property_of(&f, &r);
	expect(&f, PLAN_GO);
	r.term--;
	r.revision += 10;
	id_random(&r.term_id);
	property_of(&f, &r);
	expect(&f, PLAN_GO);
}

/* Somebody has gone on, and no ledger here knows it. */
static void property_newer(void **state)
{
	struct plan_facts f = after_a_kill();
	struct record r = f.self.record;

	(void)state;
	r.revision++;
	property_of(&f, &r);
	expect_why(&f, PLAN_REFUSE, "term 4 of other: start it");
	r.revision--;
	r.term++;
	property_of(&f, &r);
	expect_why(&f, PLAN_REFUSE, "term 5 of other");
	f.warm = false;
	expect(&f, PLAN_REFUSE);
	r.term--;
	r.term_id = id_of('z'); /* a fork of ours */
	property_of(&f, &r);
	expect(&f, PLAN_REFUSE);
	f.init_here = true;
	expect(&f, PLAN_GO);
}

/* A ledger that is here knows it: this node catches up from there. */
static void newer_than_ours_only(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.peer[0].present = f.peer[0].has_record = true;
	f.peer[0].unpromoted = f.peer[0].daemons_dead = true;
	f.peer[0].record = f.self.record;
	f.peer[0].record.revision++;
	property_of(&f, &f.peer[0].record);
	expect_why(&f, PLAN_NOT_YET, "peer knows a newer term");
}

/* Another history: a human decides, but what this node has acked to a source
 * in unbroken sight of it is not put in doubt. */
static void other_history(void **state)
{
	struct plan_facts f = after_a_kill();
	struct record r = f.self.record;

	(void)state;
	r.cluster = id_of('c');
	property_of(&f, &r);
	expect(&f, PLAN_GO);
	f.warm = false;
	expect(&f, PLAN_REFUSE);
}

/* No ledger anywhere, but the cluster remembers a term. */
static void left_over(void **state)
{
	struct plan_facts f = after_a_kill();
	struct record r = f.self.record;

	(void)state;
	f.self.has_record = false;
	f.self.state = STATE_EMPTY;
	memset(&f.self.record, 0, sizeof(f.self.record));
	f.peer[0].present = f.peer[0].unpromoted = true;
	expect(&f, PLAN_GO);
	property_of(&f, &r);
	expect_why(&f, PLAN_REFUSE, "ods-cluster init --source here");
	f.init_here = true;
	expect(&f, PLAN_GO);
}

/* Before it has been read a cold start waits; a takeover does not. */
static void not_read_yet(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.asked = false;
	expect(&f, PLAN_GO);
	f.warm = false;
	f.self.record.holders.count = 0;
	nodes_add(&f.self.record.holders, &f.self.id);
	expect_why(&f, PLAN_NOT_YET, "waiting for Pacemaker");
	f.self.has_record = false;
	f.self.state = STATE_EMPTY;
	f.configured = 1;
	expect_why(&f, PLAN_NOT_YET, "waiting for Pacemaker");
}

static void sentence_fits(void **state)
{
	struct plan_facts f = after_a_kill();
	struct record r = f.self.record;

	(void)state;
	r.term = 4294967295;
	property_of(&f, &r);
	snprintf(f.witness.source, sizeof(f.witness.source), "%s",
	    "node-1234567890-abcd");
	snprintf(
	    f.self.name, sizeof(f.self.name), "%s", "node-1234567890-abcd");
	expect(&f, PLAN_REFUSE);
	assert_in_range(strlen(plan_promote(&f).why), 1, 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(property_missing),
	    cmocka_unit_test(property_older),
	    cmocka_unit_test(property_newer),
	    cmocka_unit_test(newer_than_ours_only),
	    cmocka_unit_test(other_history),
	    cmocka_unit_test(left_over),
	    cmocka_unit_test(not_read_yet),
	    cmocka_unit_test(sentence_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
