/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "facts.h"

/* failover --accept-loss gives up custody, and no proof that nobody else
 * signs. */

/* The only holder burnt: this node is not named any more. */
static struct plan_facts burnt(void)
{
	struct plan_facts f = after_a_kill();

	f.warm = false;
	f.self.record.holders.count = 0;
	nodes_add(&f.self.record.holders, &f.peer[0].id);
	f.peer[0].listed = true;
	f.accept_here = true;
	return f;
}

static void what_it_is_for(void **state)
{
	struct plan_facts f = burnt();
	struct plan plan = plan_promote(&f);

	(void)state;
	expect_why(&f, PLAN_GO, "a loss was accepted");
	assert_true(plan.first && plan.preferred);
	assert_int_equal(plan_score(&plan), 900);
	f.accept_here = false;
	expect_why(&f, PLAN_NOT_YET,
	    "start peer, else ods-cluster failover --to here --accept-loss");
	/* a cold start without the other holder */
	f = burnt();
	nodes_add(&f.self.record.holders, &f.self.id);
	expect(&f, PLAN_GO);
	f.accept_here = false;
	expect_why(&f, PLAN_NOT_YET, "failover --to here --accept-loss");
	/* a fork, a solo record */
	f = burnt();
	f.fork = f.self.record.solo = true;
	expect(&f, PLAN_GO);
	/* a record that nobody here has */
	f = burnt();
	f.witness = (struct witness){.term = 9,
	    .cluster = f.self.record.cluster,
	    .term_id = id_of('w'),
	    .source = "peer"};
	expect(&f, PLAN_GO);
	f.accept_here = false;
	expect_why(&f, PLAN_REFUSE,
	    "the CIB has term 9 of peer: start it, else "
	    "ods-cluster failover --to here --accept-loss");
}

/* Everybody who may be the source of a record that is lost, in each state that
 * he can be in. */
static void nobody_else_may_sign(void **state)
{
	unsigned c;

	(void)state;
	for (c = 0; c < 1U << 9; c++) {
		bool present = c & 1, unpromoted = c & 2, dead = c & 4;
		bool fenced = c & 8, gone = c & 16, open = c & 32;
		bool source = c & 64, witness = c & 128, promote = c & 256;
		struct plan_facts f = burnt();
		struct plan_node *p = &f.peer[0];
		bool was_source = (open && source) || witness;
		bool may = present ? unpromoted && dead
		                   : fenced || (gone && !was_source);

		f.in_promote = promote;
		f.self.record.open = open;
		if (!source)
			f.self.record.source = f.self.id;
		p->present = present;
		p->unpromoted = unpromoted;
		p->daemons_dead = dead;
		p->fenced = fenced;
		p->gone = gone;
		if (witness)
			f.witness = (struct witness){.term = 9,
			    .cluster = f.self.record.cluster,
			    .source = "peer"};
		if ((plan_promote(&f).verdict == PLAN_GO) != may)
			fail_msg("%x: %s", c, plan_promote(&f).why);
		f.fencing = f.self.record.fencing = false;
		if ((plan_promote(&f).verdict == PLAN_GO) != may)
			fail_msg("%x, no fencing: %s", c, plan_promote(&f).why);
	}
}

static void what_to_do_about_them(void **state)
{
	struct plan_facts f = burnt();

	(void)state;
	f.peer[0].fenced = false;
	expect_why(&f, PLAN_REFUSE,
	    "accept-loss: peer is out of sight and may sign: pcs stonith "
	    "confirm peer once it is surely off");
	f.peer[0].listed = false;
	expect_why(&f, PLAN_REFUSE,
	    "once it is surely off: ods-cluster init --source here");
	f.peer[0].present = true;
	expect_why(&f, PLAN_REFUSE, "peer is still the source, demote it");
	f.peer[0].unpromoted = true;
	expect_why(&f, PLAN_NOT_YET, "still runs on peer: stop it");
	f = burnt();
	f.self.daemons_dead = false;
	expect_why(&f, PLAN_NOT_YET, "still runs on here: stop it");
	/* the other source of a fork has left, and its daemons may run */
	f = burnt();
	f.peer[0].fenced = f.self.record.open = false;
	f.peer[0].gone = true;
	expect(&f, PLAN_GO);
	f.peer[0].has_record = true;
	f.peer[0].record = f.self.record;
	expect(&f, PLAN_GO);
	f.peer[0].record.open = true;
	expect_why(&f, PLAN_REFUSE, "pcs stonith confirm peer");
	/* a node that this one has never heard: it may have been source */
	f = burnt();
	f.unseen = "third";
	expect_why(&f, PLAN_REFUSE, "pcs stonith confirm third");
	f = burnt();
	f.asked = false;
	expect_why(&f, PLAN_NOT_YET, "waiting for Pacemaker");
}

/* Of three: the source burnt, the other one is here. */
static void a_third_node(void **state)
{
	struct plan_facts f = three();
	struct plan_node *p = &f.peer[1];

	(void)state;
	f.accept_here = true;
	f.self.record.holders.count = 0;
	p->daemons_dead = true;
	p->state = STATE_LEDGER;
	expect(&f, PLAN_GO);
	f.self.tip =
	    (struct position){.term_id = id_of('t'), .term = 4, .seq = 7};
	p->tip = f.self.tip;
	expect(&f, PLAN_GO);
	p->tip.seq = 8;
	expect_why(&f, PLAN_REFUSE, "third has more: type it for that node");
	p->foreign = true;
	expect(&f, PLAN_GO);
	p->foreign = false;
	p->state = STATE_SEEDING;
	expect(&f, PLAN_GO);
	p->state = STATE_LEDGER;
	p->tip = (struct position){.term_id = id_of('u'), .term = 4, .seq = 99};
	expect(&f, PLAN_GO); /* a fork: the admin decides */
	p->tip.term = 5;
	expect(&f, PLAN_REFUSE);
}

static void what_else_stays(void **state)
{
	struct plan_facts f = burnt();

	(void)state;
	f.quorate = false;
	expect_why(&f, PLAN_NOT_YET, "quorum");
	f = burnt();
	f.drained = false;
	expect_why(&f, PLAN_NOT_YET, "still being applied");
	f = burnt();
	f.self.state = STATE_SEEDING;
	expect(&f, PLAN_NOT_YET);
	f = burnt();
	f.stranger = "ods-enforcerd (pid 7)";
	expect(&f, PLAN_REFUSE);
	f = burnt();
	f.missing = "/var/opendnssec/kasp.db";
	expect(&f, PLAN_NOT_YET);
	f = burnt();
	f.twin_locator = "aa";
	f.twin_repository = "r";
	expect(&f, PLAN_REFUSE);
}

static void gate_by_gate(void **state)
{
	struct plan_facts f = burnt();
	struct plan_gate list[PLAN_GATES];
	int count = plan_explain(&f, list);

	(void)state;
	assert_true(count > 3);
	assert_string_equal(list[count - 1].name, "accept-loss");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_it_is_for),
	    cmocka_unit_test(nobody_else_may_sign),
	    cmocka_unit_test(what_to_do_about_them),
	    cmocka_unit_test(a_third_node),
	    cmocka_unit_test(what_else_stays),
	    cmocka_unit_test(gate_by_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
