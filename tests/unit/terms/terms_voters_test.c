/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* Corosync's node list changes while a source runs. */

static void list(int nodes)
{
	int i, j;

	for (i = 0; i < world.nodes; i++) {
		struct syncd *s = &world.node[i].s;

		s->configured = nodes;
		for (j = 0; j < world.nodes; j++)
			s->member[j].listed = j < nodes;
	}
}

/* n1 and n2 run, n3 is added and gets a copy. */
static void third_node_added(void **state)
{
	(void)state;
	world_begin(3);
	worker_start(0, false);
	worker_start(1, false);
	list(2);
	run_ms(1000);
	promote(0, 20000);
	run_ms(2000);
	assert_promoted(0);
	assert_int_equal(world.node[0].s.record.voters, 2);
	assert_true(holder(0, 1));
	worker_start(2, false);
	list(3);
	run_ms(40000);
	assert_int_equal(world.node[0].s.record.voters, 3);
	assert_int_equal(world.node[1].disk.record.voters, 3);
	assert_true(holder(0, 2));
	assert_int_equal(world.node[2].disk.record.voters, 3);
}

/* A node that is away may have the old list: less than half of it has agreed,
 * and the new one does not count. */
static void removed_without_the_others(void **state)
{
	struct syncd *s = &world.node[0].s;

	(void)state;
	assert_int_equal(s->record.voters, 3);
	worker_end(1, LEFT_LEAVE);
	worker_end(2, LEFT_LEAVE);
	run_ms(1000);
	list(1);
	run_ms(10000);
	assert_int_equal(s->record.voters, 3);
	/* Holders come back all the same. */
	worker_start(1, false);
	list(2);
	run_ms(60000);
	assert_int_equal(s->record.voters, 2);
	assert_true(holder(0, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(third_node_added, end),
	    cmocka_unit_test_setup_teardown(
	        removed_without_the_others, cluster3, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
