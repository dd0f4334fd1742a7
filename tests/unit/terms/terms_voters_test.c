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

/* It was removed and added again, with another Corosync id. */
static void same_node_in_another_place(void **state)
{
	struct syncd *s = &world.node[0].s;
	struct member *old = &s->member[2];
	struct control c = {.type = CONTROL_HELLO};

	(void)state;
	worker_end(2, LEFT_LEAVE);
	worker_end(1, LEFT_LEAVE);
	run_ms(1000);
	fencings_add(&old->fence_last, 1);
	as(0);
	s->member[1].left = LEFT_NOT;
	c.hello = old->hello;
	c.hello.starts++;
	id_random(&c.hello.worker);
	terms_receive(s, &s->member[1], &c);
	assert_false(old->known);
	assert_false(facts_fenced(old));
	assert_ptr_equal(member_by_id(s, &world.node[2].id), &s->member[1]);
}

/* A number that somebody has minted is used, also when nothing came of it. */
static void number_is_used(void **state)
{
	struct vnode *n = &world.node[2];
	struct control c = {.type = CONTROL_RECORD};

	(void)state;
	c.record = n->s.record;
	c.record.term += 5;
	c.record.source = world.node[1].id;
	id_random(&c.record.term_id);
	terms_receive(&as(2)->s, &n->s.member[1], &c);
	assert_int_equal(n->disk.record.term, c.record.term);
	assert_int_equal(n->disk.heard, c.record.term);
}

/* No session with a source that is none any more is no fault of what is
 * here. */
static void no_link_is_no_reason(void **state)
{
	struct syncd *s = &world.node[1].s;

	(void)state;
	snprintf(s->fault, sizeof(s->fault), "cannot connect");
	as(1);
	assert_int_equal(facts_plan(s, false).verdict, PLAN_GO);
	world.node[1].engine.apply_fails = true;
	assert_int_equal(facts_plan(s, false).verdict, PLAN_NOT_YET);
}

/* What is past is read before it can be fenced. */
static void history_is_read_when_it_leaves(void **state)
{
	struct vnode *n = &world.node[0];

	(void)state;
	n->s.member[1].fence_due = true;
	n->look = false;
	n->s.member[1].left = LEFT_NODEDOWN;
	terms_member_left(&as(0)->s, &n->s.member[1]);
	assert_true(n->look);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(third_node_added, end),
	    cmocka_unit_test_setup_teardown(
	        removed_without_the_others, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        same_node_in_another_place, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        history_is_read_when_it_leaves, cluster2, end),
	    cmocka_unit_test_setup_teardown(number_is_used, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        no_link_is_no_reason, cluster2, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
