/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* A version is on its way out when its source dies: the world may have seen
 * it.  The name server of the next source starts when promote is answered. */

/* N1 is killed; what it cut last is on N2, and on N3 unless that was slow. */
static void killed_on_the_way(bool level)
{
	world.node[2].slow = !level;
	publish(0);
	run_ms(500);
	if (level)
		assert_int_equal(world.published, world.version);
	else
		assert_true(world.published < world.version);
	world.node[1].on_its_way = world.node[2].on_its_way = true;
	fence(0);
	run_ms(500);
	promote(1, 30000);
}

static void run_until_source(int i)
{
	int64_t end = world.now_ms + 10000;

	while (!is_source(i) && world.now_ms < end)
		tick();
	assert_promoted(i);
}

/* To the answer, which comes when nothing is on its way any more. */
static void run_until_answered(int i)
{
	const struct vnode *n = &world.node[i];
	int64_t end = world.now_ms + 30000;

	while (!n->conn.answered && world.now_ms < end) {
		tick();
		if (n->conn.answered && n->on_its_way)
			fail_msg("answered with a version on its way out");
	}
	assert_true(n->conn.answered);
	assert_int_equal(n->conn.rc, 0);
}

static void at_once_where_all_have_it(void **state)
{
	(void)state;
	killed_on_the_way(true);
	run_until_source(1);
	assert_true(holder(1, 2));
	assert_int_equal(world.node[1].installed, 1);
	run_until_answered(1);
}

/* The session was frozen when the last generation was on the disk and not yet
 * acked: what this node has told, and the other one has, is the one before. */
static void waits_for_one_that_lacks_what_is_not_told(void **state)
{
	struct vnode *n = &world.node[1];

	(void)state;
	world.node[2].slow = true;
	publish(0);
	run_ms(500);
	n->on_its_way = world.node[2].on_its_way = true;
	fence(0);
	run_ms(200);
	n->s.tip = world.node[2].disk.tip;
	as(1);
	terms_hello(&n->s);
	run_ms(300);
	promote(1, 30000);
	run_until_source(1);
	assert_true(holder(1, 2));
	assert_int_equal(n->installed, 0);
	assert_true(n->on_its_way);
}

static void not_at_once_with_a_broken_ledger(void **state)
{
	struct vnode *n = &world.node[1];
	struct record next;

	(void)state;
	publish(0);
	run_ms(500);
	fence(0);
	run_ms(500);
	next = n->s.record;
	nodes_remove(&next.holders, &world.node[0].id);
	as(1);
	assert_true(resume_at_once(&n->s, &next));
	n->disk.broken = true;
	assert_false(resume_at_once(&n->s, &next));
}

static void waits_for_one_that_lacks_it(void **state)
{
	(void)state;
	killed_on_the_way(false);
	run_until_source(1);
	assert_true(holder(1, 2));
	run_ms(1000);
	assert_int_equal(world.node[1].installed, 0);
	assert_false(world.node[1].conn.answered);
	world.node[2].slow = false;
	run_until_answered(1);
	assert_int_equal(world.node[1].installed, 0);
	assert_int_equal(world.published, world.version);
	assert_int_equal(world.node[2].disk.version, world.version);
	assert_true(holder(1, 2));
}

/* One that stays slow is dropped first. */
static void waits_for_the_removal(void **state)
{
	(void)state;
	killed_on_the_way(false);
	run_until_answered(1);
	assert_false(holder(1, 2));
	assert_int_equal(world.published, world.version);
}

/* What lies here may be newer than the last generation: nobody else has it. */
static void restarted_source_waits(void **state)
{
	struct vnode *n = &world.node[0];

	(void)state;
	worker_end(0, LEFT_PROCDOWN);
	n->on_its_way = true;
	worker_start(0, true);
	run_ms(2000);
	assert_promoted(0);
	assert_true(holder(0, 1));
	assert_false(n->on_its_way);
	assert_int_equal(n->installed, 0);
}

static void only_holder(void **state)
{
	(void)state;
	fence(0);
	world.node[1].on_its_way = true;
	run_ms(500);
	promote(1, 30000);
	run_until_source(1);
	assert_int_equal(world.node[1].installed, 1);
	run_until_answered(1);
}

/* Its worker dies while promote waits: Pacemaker asks again. */
static void promote_of_a_restarted_source(void **state)
{
	(void)state;
	killed_on_the_way(false);
	run_until_source(1);
	worker_end(1, LEFT_PROCDOWN);
	worker_start(1, true);
	run_until_source(1);
	promote(1, 30000);
	assert_false(world.node[1].conn.answered);
	run_until_answered(1);
}

/* No quorum, no barrier: the name server starts all the same. */
static void not_for_ever(void **state)
{
	struct vnode *n = &world.node[1];
	int64_t begun;

	(void)state;
	killed_on_the_way(false);
	run_until_source(1);
	begun = world.now_ms;
	power_off(2);
	run_ms(6000);
	assert_false(n->conn.answered);
	run_ms(4000);
	assert_true(n->conn.answered);
	assert_int_equal(n->conn.rc, 0);
	assert_true(n->on_its_way && n->s.resuming);
	assert_int_equal(world.now_ms - begun, 10000);
	promote(1, 30000);
	run_ms(200);
	assert_true(n->conn.answered);
	world.fenced[2]++;
	world.node[2].slow = false;
	worker_start(2, false);
	run_ms(5000);
	assert_false(n->on_its_way || n->s.resuming);
}

static void demote_ends_the_wait(void **state)
{
	struct vnode *n = &world.node[1];

	(void)state;
	killed_on_the_way(false);
	run_until_source(1);
	demote(1, 20000, false);
	assert_null(n->s.promoting);
	run_ms(20000);
	assert_int_equal(n->s.role, ROLE_UNPROMOTED);
	assert_false(n->s.resuming);
}

#define ON2(test) cmocka_unit_test_setup_teardown(test, cluster2, end)
#define ON3(test) cmocka_unit_test_setup_teardown(test, cluster3, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON3(at_once_where_all_have_it),
	    ON3(waits_for_one_that_lacks_what_is_not_told),
	    ON3(not_at_once_with_a_broken_ledger),
	    ON3(waits_for_one_that_lacks_it),
	    ON3(waits_for_the_removal),
	    ON2(restarted_source_waits),
	    ON2(only_holder),
	    ON3(promote_of_a_restarted_source),
	    ON3(not_for_ever),
	    ON3(demote_ends_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
