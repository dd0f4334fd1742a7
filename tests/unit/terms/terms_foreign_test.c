/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* Somebody starts a daemon of OpenDNSSEC on a standby: DESIGN 3. */

static const char *why_of(int i)
{
	return world.node[i].s.plan.why;
}

static void stranger_is_not_promoted(void **state)
{
	(void)state;
	world.node[1].stranger = true;
	run_ms(3000);
	assert_int_equal(world.node[1].s.plan.verdict, PLAN_REFUSE);
	assert_non_null(strstr(why_of(1), "(pid 4711) runs on this standby"));
	assert_true(world.node[0].s.member[1].hello.foreign);
	assert_int_equal(world.node[0].s.foreign.state, FOREIGN_NONE);
	fence(0);
	run_ms(1000);
	promote(1, 5000);
	run_ms(1000);
	assert_false(is_source(1));
	assert_int_equal(world.node[1].conn.rc, -EPERM);
}

/* Once it is gone, everything is compared, and all is well again. */
static void compared_afterwards(void **state)
{
	(void)state;
	world.node[1].stranger = true;
	run_ms(3000);
	world.node[1].slow = true;
	world.node[1].stranger = false;
	run_ms(3000);
	assert_int_equal(world.node[1].s.plan.verdict, PLAN_NOT_YET);
	assert_non_null(strstr(why_of(1), "compared with n1"));
	world.node[1].slow = false;
	run_ms(1000);
	assert_int_equal(world.node[1].s.foreign.state, FOREIGN_NONE);
	assert_int_equal(world.node[1].s.plan.verdict, PLAN_GO);
	assert_false(world.node[0].s.member[1].hello.foreign);
	fence(0);
	run_ms(1000);
	promote(1, 5000);
	run_ms(1000);
	assert_promoted(1);
}

/* Not what was on its way before, nor a new daemon of ours. */
static void not_before_that(void **state)
{
	(void)state;
	world.node[1].stranger = true;
	run_ms(3000);
	engine_cut(world.node[0].s.engine); /* it takes and applies this */
	run_ms(1000);
	assert_int_equal(world.node[1].s.foreign.state, FOREIGN_DAEMON);
	world.node[1].slow = true;
	world.node[1].stranger = false;
	run_ms(3000);
	worker_end(1, LEFT_PROCDOWN);
	worker_start(1, false);
	run_ms(3000);
	assert_int_equal(world.node[1].s.foreign.state, FOREIGN_COMPARE);
	fence(0);
	run_ms(1000);
	promote(1, 5000);
	run_ms(1000);
	assert_false(is_source(1));
	assert_non_null(
	    strstr(world.node[1].conn.why, "ods-cluster init --source n2"));
}

/* They run where the role was a moment ago: gate 1 has to do with that. */
static void own_daemons_of_a_former_source(void **state)
{
	(void)state;
	demote(0, 10000, false);
	run_ms(3000);
	assert_int_equal(world.node[0].s.role, ROLE_UNPROMOTED);
	run_ms(3000);
	assert_int_equal(world.node[0].s.foreign.state, FOREIGN_NONE);
	assert_true(world.node[0].signer);
}

/* A database is not locked under an enforcer that still runs, nor is a
 * signer's list moved: that comes with its end. */
static void not_under_daemons_that_live(void **state)
{
	struct vnode *n = &world.node[0];

	(void)state;
	n->signer = true;
	demote(0, 10000, false);
	run_ms(6000);
	assert_int_equal(n->s.role, ROLE_UNPROMOTED);
	assert_false(n->locked);
	assert_false(n->disk.aside);
	n->signer = false;
	run_ms(3000);
	assert_true(n->locked);
	assert_true(n->disk.aside);
	promote(0, 10000);
	run_ms(3000);
	assert_promoted(0);
	assert_false(n->disk.aside);
}

/* An admin who starts OpenDNSSEC on the last source has its zones, on another
 * node none. */
static void zones_after_a_stop(void **state)
{
	(void)state;
	world.node[0].signer = false;
	demote(0, 10000, true);
	run_ms(6000);
	assert_true(world.node[0].disk.aside);
	assert_true(world.node[1].disk.aside);
	world.node[0].s.state = STATE_SEEDING; /* restored from a snapshot */
	foreign_stop(&as(0)->s);
	assert_true(world.node[0].disk.aside);
	world.node[0].s.state = STATE_LEDGER;
	foreign_stop(&as(0)->s);
	foreign_stop(&as(1)->s);
	assert_false(world.node[0].disk.aside);
	assert_true(world.node[1].disk.aside);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        stranger_is_not_promoted, cluster2, end),
	    cmocka_unit_test_setup_teardown(compared_afterwards, cluster2, end),
	    cmocka_unit_test_setup_teardown(not_before_that, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        own_daemons_of_a_former_source, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        not_under_daemons_that_live, cluster2, end),
	    cmocka_unit_test_setup_teardown(zones_after_a_stop, cluster2, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
