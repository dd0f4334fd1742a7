/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* N3 was away when n2 became a holder again, and comes back while n2 mints: by
 * what n3 has on disk n2 may not. */
static void voter_with_an_older_revision(void **state)
{
	struct vnode *n = &world.node[1];

	(void)state;
	n->slow = true;
	publish(0);
	run_ms(7000);
	assert_false(holder(0, 1));
	worker_end(2, LEFT_LEAVE);
	n->slow = false;
	run_ms(40000);
	assert_true(holder(0, 1));
	fence(0);
	run_ms(500);
	promote(1, 60000);
	run_ms(2000);
	assert_int_equal(n->s.role, ROLE_MINTING); /* no majority yet */
	assert_false(nodes_has(&world.node[2].disk.record.holders, &n->id));
	worker_start(2, false);
	run_ms(5000);
	assert_promoted(1);
	assert_int_equal(world.node[2].disk.record.term, n->s.record.term);
}

/* The minter is the source of what is in force: who has stored its mint does
 * not take it for given up when the old record comes once more. */
static void mint_is_not_given_up(void **state)
{
	struct control c = {.type = CONTROL_RECORD};
	struct vnode *n = &world.node[2];

	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	world.node[1].paused = true;
	promote(0, 60000);
	run_ms(300);
	assert_int_equal(world.node[0].s.role, ROLE_MINTING);
	assert_int_equal(n->disk.record.term, 2);
	c.record = world.node[0].s.record;
	terms_receive(&as(2)->s, &n->s.member[0], &c);
	assert_int_equal(n->disk.record.term, 2);
}

#define ON3(t) cmocka_unit_test_setup_teardown(t, cluster3, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON3(voter_with_an_older_revision),
	    ON3(mint_is_not_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
