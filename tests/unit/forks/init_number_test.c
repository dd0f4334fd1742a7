/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* Init on a node that does not know how many terms the other one has begun
 * without it. */

static void init_and_promote(int chosen)
{
	struct control c = {
	    .type = CONTROL_INIT, .node = world.node[chosen].id};

	world.may_lose = true;
	group_send(&as(chosen)->s, &c);
	run_ms(500);
	promote(chosen, 20000);
	run_ms(2000);
	assert_promoted(chosen);
}

/* N1 goes on without n2, in two more terms. */
static void n1_goes_on_alone(void)
{
	struct node_list *holders = &world.node[0].disk.record.holders;
	int i;

	partition(0, 1);
	run_ms(500);
	for (i = 0; i < 2; i++) {
		worker_end(0, LEFT_PROCDOWN);
		holders->count = 0;
		nodes_add(holders, &world.node[0].id);
		worker_start(0, true);
		run_ms(1000);
		assert_true(is_source(0));
	}
	assert_int_equal(world.node[0].s.record.term, 3);
}

static void n1_is_back(void)
{
	partition(0, 0);
	worker_start(0, false);
	run_ms(60000);
	assert_true(is_source(1));
	assert_int_equal(world.node[1].s.record.term, 2 + RECORD_INIT_STEP);
	assert_true(holder(1, 0));
	assert_true(id_equal(&world.node[0].disk.record.term_id,
	    &world.node[1].disk.record.term_id));
}

static void former_source_returns(void **state)
{
	(void)state;
	n1_goes_on_alone();
	fence(0);
	run_ms(500);
	init_and_promote(1);
	n1_is_back();
}

/* Its last term began and never had anything in it. */
static void former_source_returns_with_an_empty_term(void **state)
{
	struct ledger *l = &world.node[0].disk;

	(void)state;
	n1_goes_on_alone();
	fence(0);
	l->before = l->record;
	l->record.term++;
	id_random(&l->record.term_id);
	run_ms(500);
	init_and_promote(1);
	n1_is_back();
}

/* An admin was wrong: n1 has never ceased to be source. */
static void source_that_runs_stays(void **state)
{
	(void)state;
	n1_goes_on_alone();
	world.fenced[0]++; /* pcs stonith confirm */
	init_and_promote(1);
	assert_int_equal(world.node[1].s.record.term, 2 + RECORD_INIT_STEP);
	world.node[1].signer = false;
	partition(0, 0);
	run_ms(1000);
	assert_true(is_source(0));
	assert_false(is_source(1));
	run_ms(60000);
	assert_int_equal(world.node[0].s.record.term, 3);
	assert_int_equal(world.node[1].s.record.term, 3);
	assert_true(holder(0, 1));
}

#define ON2(t) cmocka_unit_test_setup_teardown(t, cluster2, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON2(former_source_returns),
	    ON2(former_source_returns_with_an_empty_term),
	    ON2(source_that_runs_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
