/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* Two nodes with a history each, as if each had been set up alone. */

static void init(int source)
{
	struct control c = {.type = CONTROL_INIT};

	c.node = world.node[source].id;
	group_send(&as(source)->s, &c);
}

static void two_histories(void)
{
	int i;

	world.may_lose = true;
	worker_end(0, LEFT_LEAVE);
	worker_end(1, LEFT_LEAVE);
	for (i = 0; i < 2; i++) {
		struct ledger *d = &world.node[i].disk;

		d->record.term = 3 + 2 * (uint64_t)i;
		d->record.open = false;
		d->record.source = world.node[i].id;
		d->record.holders.count = 0;
		nodes_add(&d->record.holders, &world.node[i].id);
		id_random(&d->record.cluster);
		id_random(&d->record.term_id);
		d->tip = (struct position){.term_id = d->record.term_id,
		    .term = d->record.term,
		    .seq = 4};
	}
	world.node[0].signer = false;
	worker_start(0, false);
	worker_start(1, false);
	run_ms(2000);
}

/* One cluster again: n2 has what n1 has, and may take over. */
static void assert_one_history(void)
{
	assert_promoted(0);
	assert_true(id_equal(&world.node[0].disk.record.cluster,
	    &world.node[1].disk.record.cluster));
	assert_int_equal(world.node[1].s.state, STATE_LEDGER);
	assert_false(world.node[0].s.fork || world.node[1].s.fork);
	assert_true(holder(0, 1));
}

static void the_chosen_one_is_promoted(void **state)
{
	(void)state;
	two_histories();
	init(0);
	run_ms(500);
	assert_int_equal(world.node[1].disk.record.term, 0);
	assert_string_equal(world.node[1].disk.state, "seeding");
	promote(0, 20000);
	run_ms(40000);
	assert_one_history();
}

static void a_foreign_node_holds_up_no_mint(void **state)
{
	struct record before;

	(void)state;
	two_histories();
	before = world.node[1].disk.record;
	promote(0, 20000);
	run_ms(1000);
	assert_promoted(0);
	assert_false(holder(0, 1));
	assert_true(world.node[1].s.fork);
	assert_memory_equal(
	    &before.cluster, &world.node[1].disk.record.cluster, ID_LEN);
	promote(1, 5000);
	run_ms(6000);
	assert_int_equal(sources(), 1);
	/* The source is chosen: the other one begins anew. */
	init(0);
	run_ms(40000);
	assert_one_history();
	assert_false(world.node[0].s.init_here);
}

/* A source that is not chosen keeps what it has, and so does its standby. */
static void another_one_is_source(void **state)
{
	struct member *m = member_by_nodeid(&world.node[1].s, 3);

	(void)state;
	init(1);
	run_ms(2000);
	assert_promoted(0);
	id_random(&m->ack_term); /* n3 has nothing, as far as n2 knows */
	m->hello.has_record = false;
	init(2);
	run_ms(2000);
	assert_promoted(0);
	assert_int_equal(world.node[1].s.state, STATE_LEDGER);
	assert_true(world.node[1].disk.record.term > 0);
}

/* Whoever has the same history, or an older piece of it, just follows. */
static void nothing_stands_against_it(void **state)
{
	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	init(1);
	run_ms(500);
	assert_true(world.node[0].disk.record.term > 0);
	assert_int_equal(world.node[0].s.state, STATE_LEDGER);
	assert_true(world.node[1].s.init_here);
}

/* A source is not held up by a node that has another term of its number. */
static void a_forked_node_holds_up_no_removal(void **state)
{
	struct syncd *s = &world.node[0].s;
	struct member *m = member_by_nodeid(s, 3);
	int version;

	(void)state;
	worker_end(2, LEFT_LEAVE);
	run_ms(1000);
	assert_false(holder(0, 2));
	m->left = LEFT_NOT;
	m->has_hello = m->hello.has_record = true;
	m->hello.record = s->record;
	id_random(&m->hello.record.term_id);
	world.node[1].slow = true;
	version = publish(0);
	run_ms(8000);
	assert_int_equal(world.published, version);
	assert_false(holder(0, 1));
}

/* Typed beside a source it does not lie in wait for that one's fall. */
static void nothing_is_kept_beside_a_source(void **state)
{
	struct why why = {0};

	(void)state;
	assert_int_equal(history_init_typed(&as(0)->s, "n2", &why), -EBUSY);
	assert_non_null(strstr(why.text, "n1 is still the source: demote it"));
	assert_int_equal(history_init_typed(&as(1)->s, "n2", &why), -EBUSY);
	assert_int_equal(history_init_typed(&as(1)->s, "n9", &why), -EINVAL);
	assert_int_equal(history_init_typed(&as(1)->s, "n1", &why), 0);
	init(1);
	run_ms(1000);
	assert_false(world.node[1].s.init_here);
	world.node[1].slow = true;
	publish(0);
	run_ms(20000);
	assert_false(holder(0, 1));
	fence(0);
	run_ms(2000);
	assert_int_equal(world.node[1].s.plan.verdict, PLAN_NOT_YET);
	assert_int_equal(history_init_typed(&as(1)->s, "n1", &why), -EHOSTDOWN);
	assert_int_equal(history_init_typed(&as(2)->s, "n2", &why), 0);
}

static void no_source_is_left(void)
{
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	run_ms(500);
}

static void the_last_one_counts(void **state)
{
	(void)state;
	no_source_is_left();
	init(1);
	run_ms(500);
	assert_true(world.node[1].s.init_here);
	init(0);
	run_ms(500);
	assert_false(world.node[1].s.init_here);
	assert_true(world.node[0].s.init_here);
}

/* Pacemaker has promoted another node, and that is what counts. */
static void a_term_of_another_makes_it_void(void **state)
{
	(void)state;
	no_source_is_left();
	init(1);
	run_ms(500);
	promote(0, 20000);
	run_ms(2000);
	assert_promoted(0);
	assert_false(world.node[1].s.init_here);
}

static void a_mint_in_vain_does_not(void **state)
{
	(void)state;
	no_source_is_left();
	world.node[0].paused = true;
	promote(2, 20000);
	run_ms(1000);
	assert_int_equal(world.node[2].s.role, ROLE_MINTING);
	init(1);
	run_ms(500);
	assert_int_equal(world.node[1].disk.record.term, 2);
	demote(2, 20000, false);
	run_ms(1000);
	assert_int_equal(world.node[1].disk.record.term, 1);
	assert_true(world.node[1].s.init_here);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        the_chosen_one_is_promoted, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        a_foreign_node_holds_up_no_mint, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        another_one_is_source, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        nothing_is_kept_beside_a_source, cluster3, end),
	    cmocka_unit_test_setup_teardown(the_last_one_counts, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        a_term_of_another_makes_it_void, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        a_mint_in_vain_does_not, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        nothing_stands_against_it, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        a_forked_node_holds_up_no_removal, cluster3, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
