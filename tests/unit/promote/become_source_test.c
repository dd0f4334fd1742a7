/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* What was received is still being applied when the new term is stored by
 * all: neither is the promote lost, nor are the files given back. */
static void applied_before_the_term_begins(void **state)
{
	struct vnode *n = &world.node[1];

	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	run_ms(1000);
	world.node[0].paused = true;
	promote(1, 60000);
	run_ms(500);
	assert_int_equal(n->s.role, ROLE_MINTING);
	n->engine.applying = true;
	world.node[0].paused = false;
	run_ms(5000);
	assert_int_equal(n->s.role, ROLE_MINTING);
	assert_int_equal(n->disk.record.term, 1);
	n->engine.applying = false;
	run_ms(500);
	assert_promoted(1);
	assert_int_equal(n->conn.rc, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        applied_before_the_term_begins, cluster2, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
