/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* The disk of a source goes back while it is one: its virtual machine does.
 * The engine finds that n2 has more of n1's term than n1. */

static void go_back(enum barrier_mode mode)
{
	struct engine_event ev = {
	    .ancestry = ANCESTRY_WENT_BACK, .text = "it has more"};
	struct vnode *n = as(0);

	world.node[1].slow = true; /* it is served nothing */
	n->s.opt.barrier = mode;
	n->s.record.solo = mode == BARRIER_OFF;
	descent_judged(&n->s, &n->s.member[1], &ev);
	world.node[1].s.ancestry = ANCESTRY_WENT_BACK;
}

static void assert_held(int version)
{
	const struct syncd *s = &world.node[0].s;

	assert_true(world.published < version);
	assert_true(world.now_ms - s->held_since_ms > 60000);
	if (!strstr(s->held_why, "n2 has more of term 1 than n1, whose"))
		fail_msg("held for %s", s->held_why);
	assert_true(holder(0, 1));
}

static void nothing_is_published(void **state)
{
	int version;

	(void)state;
	go_back(BARRIER_DEGRADE);
	version = publish(0);
	run_ms(70000);
	assert_held(version);
	/* Its daemon's end changes nothing. */
	worker_end(1, LEFT_PROCDOWN);
	run_ms(2000);
	assert_held(version);
}

static void not_even_with_barrier_off(void **state)
{
	int version;

	(void)state;
	go_back(BARRIER_OFF);
	version = publish(0);
	run_ms(70000);
	assert_held(version);
}

/* pcs node standby n1 */
static void who_has_more_takes_over(void **state)
{
	(void)state;
	go_back(BARRIER_DEGRADE);
	run_ms(1000);
	demote(0, 20000, false);
	run_ms(21000);
	world.node[0].signer = world.node[1].slow = false;
	run_ms(500);
	promote(1, 20000);
	run_ms(2000);
	assert_promoted(1);
}

static void init_decides(bool gone)
{
	struct control c = {.type = CONTROL_INIT, .node = world.node[0].id};
	int version;

	go_back(BARRIER_DEGRADE);
	version = publish(0);
	if (gone)
		fence(1);
	run_ms(70000);
	assert_held(version);
	world.node[1].slow = false;
	group_send(&as(0)->s, &c);
	run_ms(5000);
	assert_int_equal(world.published, version);
	assert_int_equal(world.node[0].s.held_since_ms, 0);
}

static void init_sets_it_aside(void **state)
{
	(void)state;
	init_decides(false);
	assert_true(holder(0, 1));
}

static void init_without_it(void **state)
{
	(void)state;
	init_decides(true);
	assert_false(holder(0, 1));
}

#define ON2(test) cmocka_unit_test_setup_teardown(test, cluster2, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON2(nothing_is_published),
	    ON2(not_even_with_barrier_off),
	    ON2(who_has_more_takes_over),
	    ON2(init_sets_it_aside),
	    ON2(init_without_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
