/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* What a node had is gone: its ledger, or what Pacemaker knew of it. */

static void lose_ledger(int i)
{
	struct vnode *n = &world.node[i];

	worker_end(i, LEFT_PROCDOWN);
	memset(&n->disk, 0, sizeof(n->disk));
	id_random(&n->id);
	n->starts = 0;
	worker_start(i, false);
	n->s.state = STATE_UNKNOWN; /* load_state(): zones and keys are there */
	n->s.zones = 1;
	n->s.keys = 2;
}

/* B7: it is another node now, of no known history: the one that it was is not
 * waited for; what it has is not overwritten unasked, and not promoted. */
static void ledger_lost(void **state)
{
	struct syncd *s = &world.node[1].s;
	struct control c = {.type = CONTROL_INIT};
	int version;

	(void)state;
	lose_ledger(1);
	run_ms(40000);
	version = publish(0);
	run_ms(1000);
	assert_int_equal(world.published, version);
	assert_false(holder(0, 1));
	assert_int_equal(s->state, STATE_UNKNOWN);
	assert_false(s->replicating);
	assert_int_equal(s->plan.verdict, PLAN_REFUSE);
	assert_non_null(strstr(s->plan.why,
	    "1 zones, 2 keys here are of no known history: ods-cluster init"));
	promote(1, 5000);
	run_ms(1000);
	assert_false(is_source(1));
	assert_int_equal(world.node[1].conn.rc, -EPERM);
	c.node = world.node[0].id; /* asked */
	group_send(&as(0)->s, &c);
	run_ms(40000);
	assert_true(holder(0, 1));
	assert_int_equal(s->state, STATE_LEDGER);
	assert_int_equal(s->plan.verdict, PLAN_GO);
	fence(0);
	run_ms(1000);
	promote(1, 10000);
	run_ms(2000);
	assert_promoted(1);
}

/* B2: score and attributes of a node go when it is seen to leave, and do not
 * come back with it: whoever is still there writes its own anew. */
static void attrd_forgets(void **state)
{
	int before = world.node[1].reasserted;

	(void)state;
	partition(1, 1);
	run_ms(1000);
	assert_true(world.node[1].reasserted > before);
	before = world.node[1].reasserted;
	partition(1, 0);
	run_ms(1000);
	assert_true(world.node[1].reasserted > before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(ledger_lost, cluster2, end),
	    cmocka_unit_test_setup_teardown(attrd_forgets, cluster3, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
