/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* The worker of a source was restarted, and cannot go on as one: what is
 * waited for is told, and what lifts it has an effect. */

static void assert_held(int i, const char *why)
{
	const struct syncd *s = &world.node[i].s;

	assert_false(is_source(i));
	assert_true(s->held_since_ms > 0);
	if (!strstr(s->held_why, why))
		fail_msg("held for %s", s->held_why);
}

static void restart(int i)
{
	worker_end(i, LEFT_PROCDOWN);
	worker_start(i, true);
}

/* n2 was dropped as late, and its disk is full: it stays in the group, and has
 * no part in anything but the storing of a new term. */
static void drop_n2_with_a_full_disk(void)
{
	world.node[1].slow = true;
	publish(0);
	run_ms(20000);
	assert_false(holder(0, 1));
	world.node[1].disk.full = true;
	run_ms(1000);
}

static void who_does_not_store_is_named(void **state)
{
	struct syncd *s = &world.node[0].s;

	(void)state;
	drop_n2_with_a_full_disk();
	restart(0);
	run_ms(1500);
	assert_int_equal(s->role, ROLE_MINTING);
	assert_int_equal(s->held_since_ms, 0);
	run_ms(5000);
	assert_held(0, "n2, which neither stores term 2 nor leaves");
	run_ms(60000);
	assert_true(world.now_ms - s->held_since_ms > 60000);
	worker_end(1, LEFT_LEAVE);
	run_ms(3000);
	assert_promoted(0);
	assert_int_equal(s->held_since_ms, 0);
}

/* A promote says it, too, and a demote ends it. */
static void mint_of_a_promote(void **state)
{
	struct syncd *s = &world.node[2].s;

	(void)state;
	drop_n2_with_a_full_disk();
	demote(0, 20000, false);
	run_ms(5000);
	world.node[0].signer = false;
	run_ms(500);
	promote(2, 20000);
	run_ms(5000);
	assert_held(2, "n2, which neither stores term 2 nor leaves");
	demote(2, 20000, false);
	run_ms(500);
	assert_int_equal(s->held_since_ms, 0);
	promote(2, 5000);
	run_ms(4000);
	assert_held(2, "n2, which neither stores term 3 nor leaves");
	run_ms(2000);
	assert_int_equal(s->held_since_ms, 0);
}

/* n2 is gone with its node, and nobody fences it. */
static void lose_n2(void)
{
	power_off(1);
	run_ms(3000);
	restart(0);
}

static void fencing_is_asked_for(void **state)
{
	(void)state;
	lose_n2();
	run_ms(60000);
	assert_held(0, "fencing of n2, or pcs stonith confirm n2");
	world.fenced[1]++;
	run_ms(2000);
	assert_promoted(0);
	assert_int_equal(world.node[0].s.held_since_ms, 0);
}

static void init(int source)
{
	struct control c = {.type = CONTROL_INIT};

	world.may_lose = true;
	c.node = world.node[source].id;
	group_send(&as(source)->s, &c);
}

/* An admin says that what is here counts: that is not for a promote alone. */
static void init_goes_on(void **state)
{
	(void)state;
	lose_n2();
	world.node[0].s.member[1].known = false;
	run_ms(60000);
	assert_held(0, "a holder that this daemon has not seen yet");
	init(0);
	run_ms(2000);
	assert_promoted(0);
	assert_false(holder(0, 1));
	assert_false(world.node[0].s.init_here);
	run_ms(40000);
	assert_true(holder(0, 2));
}

/* The other node may be about to promote: no init rules that out. */
static void init_is_no_fencing(void **state)
{
	(void)state;
	lose_n2();
	init(0);
	run_ms(10000);
	assert_held(0, "fencing of n2, or pcs stonith confirm n2");
	world.fenced[1]++;
	run_ms(2000);
	assert_promoted(0);
}

static void quorum_is_asked_for(void **state)
{
	(void)state;
	partition(0, 1);
	restart(0);
	run_ms(2000);
	assert_held(0, "quorum");
	partition(0, 0);
	run_ms(2000);
	assert_promoted(0);
}

static void others_went_on(void **state)
{
	(void)state;
	partition(0, 1);
	restart(0);
	run_ms(2000);
	assert_held(0, "quorum");
	world.fenced[0]++;
	world.node[0].signer = false;
	run_ms(500);
	promote(1, 20000);
	run_ms(2000);
	assert_promoted(1);
	partition(0, 0);
	run_ms(2000);
	assert_false(world.node[0].s.restarting);
	assert_int_equal(world.node[0].s.held_since_ms, 0);
}

/* The disk went back in time while the worker ran: n2 has more of its term, and
 * that may have been published. */
static void disk_went_back(void **state)
{
	struct vnode *n = &world.node[0];

	(void)state;
	publish(0);
	run_ms(500);
	worker_end(0, LEFT_PROCDOWN);
	n->disk.tip.seq--;
	worker_start(0, true);
	run_ms(3000);
	assert_false(n->s.restarting);
	assert_int_equal(sources(), 0);
}

/* pcs cluster node remove n2 */
static void remove_n2(void)
{
	struct syncd *s = &world.node[0].s;

	s->member[1].listed = false;
	s->configured = 1;
}

static void removed_holder_is_forgotten(void **state)
{
	struct why why = {0};

	(void)state;
	lose_n2();
	remove_n2();
	run_ms(2000);
	assert_held(0, "ods-cluster forget n2");
	assert_int_equal(forget_typed(&as(0)->s, "n2", &why), 0);
	run_ms(2000);
	assert_promoted(0);
	assert_false(holder(0, 1));
}

static void unseen_holder_is_forgotten(void **state)
{
	(void)state;
	lose_n2();
	remove_n2();
	world.node[0].s.member[1].known = false;
	run_ms(2000);
	assert_held(0, "a holder that this daemon has not seen yet");
	forget_heard(&as(0)->s, &world.node[1].id);
	run_ms(2000);
	assert_promoted(0);
	assert_false(holder(0, 1));
}

#define ON2(test) cmocka_unit_test_setup_teardown(test, cluster2, end)
#define ON3(test) cmocka_unit_test_setup_teardown(test, cluster3, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON3(who_does_not_store_is_named),
	    ON3(mint_of_a_promote),
	    ON2(fencing_is_asked_for),
	    ON3(init_goes_on),
	    ON2(init_is_no_fencing),
	    ON3(quorum_is_asked_for),
	    ON3(others_went_on),
	    ON2(disk_went_back),
	    ON2(removed_holder_is_forgotten),
	    ON2(unseen_holder_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
