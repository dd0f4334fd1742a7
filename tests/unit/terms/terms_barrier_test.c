/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* barrier=degrade, require, off: DESIGN 6.  The world of cluster.h fails a
 * test in which a node becomes source without what was published. */

static void set_barrier(int i, enum barrier_mode mode)
{
	world.node[i].s.opt.barrier = mode;
}

/* ---- degrade ------------------------------------------------------------ */

/* It is never silent, and never arrives: 60 s late are enough. */
static void late_for_a_minute(void **state)
{
	int i, version;

	(void)state;
	world.node[1].creeps = true;
	for (i = 0; i < 200; i++) {
		engine_cut(world.node[0].s.engine);
		run_ms(500);
	}
	assert_true(holder(0, 1)); /* about 50 s late */
	version = publish(0);
	run_ms(3000);
	assert_int_equal(world.published, version - 1);
	run_ms(40000);
	assert_int_equal(world.published, version);
	assert_false(holder(0, 1));
}

/* Never more than a minute behind, however long. */
static void slow_and_steady(void **state)
{
	int i;

	(void)state;
	world.node[1].creeps = true;
	for (i = 0; i < 200; i++) {
		engine_cut(world.node[0].s.engine);
		if (i % 10 == 0)
			publish(0);
		run_ms(1200);
	}
	assert_true(holder(0, 1));
	run_ms(3000);
	assert_int_equal(world.published, world.version);
}

/* Since when, in the log soon and every hour, until somebody is back. */
static void degraded_is_told_hourly(void **state)
{
	const struct syncd *s = &world.node[0].s;
	char text[DEGRADED_MAX];

	(void)state;
	assert_string_equal(degraded_text(s, text), "");
	worker_end(1, LEFT_LEAVE);
	run_ms(2000);
	assert_non_null(strstr(degraded_text(s, text), "degraded since 20"));
	assert_int_equal(world.told_degraded, 0); /* it may be a moment */
	run_ms(10000);
	assert_int_equal(world.told_degraded, 1);
	run_ms(3500000);
	assert_int_equal(world.told_degraded, 1);
	run_ms(200000);
	assert_int_equal(world.told_degraded, 2);
	worker_start(1, false);
	run_ms(40000);
	assert_true(holder(0, 1));
	assert_string_equal(degraded_text(s, text), "");
	assert_int_equal(world.told_degraded, 2);
}

/* A source that was alone from the beginning; a worker that is started again
 * knows since when. */
static void degraded_from_the_start(void **state)
{
	struct vnode *n = &world.node[0];
	char text[DEGRADED_MAX];

	(void)state;
	world_begin(1);
	worker_start(0, false);
	run_ms(1000);
	promote(0, 5000);
	run_ms(12000);
	assert_promoted(0);
	assert_int_equal(world.told_degraded, 1);
	snprintf(n->disk.degraded, sizeof(n->disk.degraded), "1000000000");
	worker_end(0, LEFT_PROCDOWN);
	worker_start(0, true);
	run_ms(2000);
	assert_promoted(0);
	assert_string_equal(degraded_text(&n->s, text),
	    "degraded since 2001-09-09 01:46:40 UTC");
}

/* ---- a database that cannot be captured ---------------------------------- */

/* Acked by all, and no standby's database knows the keys of what is signed
 * with a newer signconf. */
static void waits_for_the_database(void **state)
{
	struct vnode *n = &world.node[0];
	int version;

	(void)state;
	n->stale = n->withheld = true;
	snprintf(n->s.fault, sizeof(n->s.fault), "kasp.db is in WAL mode");
	version = publish(0);
	run_ms(70000);
	assert_int_equal(world.published, version - 1);
	assert_true(holder(0, 1)); /* it is not at fault */
	assert_true(world.now_ms - n->s.held_since_ms > 60000);
	assert_non_null(strstr(n->s.held_why, "kasp.db is in WAL mode"));
	n->stale = false;
	engine_cut(&n->engine);
	run_ms(500);
	assert_int_equal(world.published, version);
	assert_int_equal(n->s.held_since_ms, 0);
}

static void signs_on_without_the_database(void **state)
{
	int version;

	(void)state;
	world.node[0].stale = true;
	version = publish(0);
	run_ms(500);
	assert_int_equal(world.published, version);
}

static void demote_tells_of_the_database(void **state)
{
	(void)state;
	demote(0, 20000, false);
	run_ms(2000);
	assert_null(strstr(logged.warned, "kasp.db"));
	promote(0, 20000);
	run_ms(5000);
	assert_promoted(0);
	world.node[0].stale = true;
	demote(0, 20000, false);
	run_ms(2000);
	assert_int_equal(world.node[0].s.role, ROLE_UNPROMOTED);
	assert_non_null(strstr(logged.warned, "kasp.db"));
}

/* ---- require ------------------------------------------------------------ */

static void require_needs_a_second_holder(void **state)
{
	const struct syncd *s = &world.node[0].s;
	int version;

	(void)state;
	set_barrier(0, BARRIER_REQUIRE);
	version = publish(0);
	run_ms(500);
	assert_int_equal(world.published, version); /* there is one */
	worker_end(1, LEFT_LEAVE);
	run_ms(500);
	version = publish(0);
	run_ms(70000);
	assert_false(holder(0, 1)); /* by the same rule */
	assert_int_equal(world.published, version - 1);
	assert_true(world.now_ms - s->held_since_ms > 60000);
	assert_non_null(strstr(s->held_why, "a second holder"));
	worker_start(1, false);
	run_ms(40000);
	assert_true(holder(0, 1));
	assert_int_equal(world.published, version);
	assert_int_equal(s->held_since_ms, 0);
}

static void require_with_a_silent_one(void **state)
{
	int version;

	(void)state;
	set_barrier(0, BARRIER_REQUIRE);
	world.node[1].slow = true;
	version = publish(0);
	run_ms(20000);
	assert_false(holder(0, 1));
	assert_int_equal(world.published, version - 1);
	set_barrier(0, BARRIER_DEGRADE); /* by a reload */
	run_ms(500);
	assert_int_equal(world.published, version);
	assert_int_equal(world.node[0].s.held_since_ms, 0);
}

static void require_with_one_of_two(void **state)
{
	int version;

	(void)state;
	set_barrier(0, BARRIER_REQUIRE);
	world.node[1].slow = true;
	version = publish(0);
	run_ms(8000);
	assert_false(holder(0, 1));
	assert_true(holder(0, 2));
	assert_int_equal(world.published, version);
}

/* ---- off ---------------------------------------------------------------- */

static void off_waits_for_nobody(void **state)
{
	int version;

	(void)state;
	set_barrier(0, BARRIER_OFF);
	run_ms(1000);
	assert_true(world.node[0].s.record.solo);
	assert_true(world.node[1].disk.record.solo);
	world.node[1].slow = true;
	version = publish(0);
	run_ms(300);
	assert_int_equal(world.published, version);
	assert_true(holder(0, 1));
	world.may_lose = true;
	fence(0);
	run_ms(1000);
	promote(1, 20000);
	run_ms(2000);
	assert_promoted(1);
}

/* Not even for a fence: its own quorum is all that it needs. */
static void off_while_one_is_cut_off(void **state)
{
	int version;

	(void)state;
	set_barrier(0, BARRIER_OFF);
	run_ms(1000);
	partition(1, 1);
	version = publish(0);
	run_ms(2000);
	assert_int_equal(world.published, version);
	assert_int_equal(world.node[0].s.held_since_ms, 0);
	world.node[0].s.quorate = false;
	version = publish(0);
	run_ms(2000);
	assert_int_equal(world.published, version - 1);
}

/* It was asked to step back, and is gone without an answer: nothing waits for
 * that answer. */
static void off_while_one_steps_back(void **state)
{
	const struct syncd *s = &world.node[0].s;
	int version;

	(void)state;
	set_barrier(0, BARRIER_OFF);
	run_ms(1000);
	world.node[1].paused = true;
	publish(0);
	run_ms(7000);
	assert_true(s->proposing);
	partition(1, 1);
	version = publish(0);
	run_ms(2000);
	assert_true(s->proposing);
	assert_int_equal(world.published, version);
	assert_int_equal(s->held_since_ms, 0);
}

/* Both changes of the record wait for everybody, and both come. */
static void off_while_fencing_is_switched(void **state)
{
	const struct syncd *s = &world.node[0].s;

	(void)state;
	world.node[1].paused = true;
	world.fencing = false;
	run_ms(40000);
	assert_true(s->proposing);
	set_barrier(0, BARRIER_OFF);
	run_ms(300);
	assert_false(s->record.solo);
	world.node[1].paused = false;
	run_ms(30000);
	assert_true(s->record.solo);
	assert_false(s->record.fencing);
	assert_true(world.node[1].disk.record.solo);
	assert_false(world.node[1].disk.record.fencing);
}

/* A holder that has not heard of it would take what it lacks for
 * unpublished. */
static void off_is_known_first(void **state)
{
	int version;

	(void)state;
	partition(1, 1);
	run_ms(500);
	set_barrier(0, BARRIER_OFF);
	version = publish(0);
	run_ms(60000);
	assert_int_equal(world.published, version - 1);
	fence(1);
	run_ms(2000);
	assert_int_equal(world.published, version);
}

/* The flag stays until everybody has what went out. */
static void off_no_more(void **state)
{
	const struct syncd *s = &world.node[0].s;

	(void)state;
	set_barrier(0, BARRIER_OFF);
	run_ms(1000);
	world.node[1].slow = true;
	publish(0);
	run_ms(500);
	assert_int_equal(world.published, world.version);
	set_barrier(0, BARRIER_DEGRADE);
	run_ms(3000);
	assert_true(s->record.solo);
	world.node[1].slow = false;
	run_ms(1000);
	assert_false(s->record.solo);
	assert_false(world.node[1].disk.record.solo);
	assert_true(holder(0, 1));
}

/* Off again while the record that says otherwise is on its way: whoever
 * stores that one is waited for. */
static void off_and_on_and_off(void **state)
{
	int version;

	(void)state;
	set_barrier(0, BARRIER_OFF);
	run_ms(1000);
	world.node[1].paused = true;
	set_barrier(0, BARRIER_DEGRADE);
	run_ms(300);
	assert_true(world.node[0].s.proposing);
	assert_false(world.node[0].s.proposal.solo);
	set_barrier(0, BARRIER_OFF);
	version = publish(0);
	run_ms(500);
	assert_int_equal(world.published, version - 1);
	world.node[1].paused = false;
	run_ms(1000);
	assert_int_equal(world.published, version);
	assert_true(world.node[0].s.record.solo);
}

/* The worker dies meanwhile: its next term does not say that all is
 * everywhere. */
static void solo_outlives_the_term(void **state)
{
	const struct syncd *s = &world.node[0].s;

	(void)state;
	set_barrier(0, BARRIER_OFF);
	run_ms(1000);
	world.node[1].slow = true;
	publish(0);
	run_ms(500);
	worker_end(0, LEFT_PROCDOWN);
	worker_start(0, true); /* barrier=degrade by now */
	run_ms(3000);
	assert_promoted(0);
	assert_true(s->record.solo);
	world.node[1].slow = false;
	run_ms(2000);
	assert_false(s->record.solo);
}

/* Of several, the one that has most: what the other lacks is published. */
static void off_the_one_with_more_takes_over(void **state)
{
	(void)state;
	set_barrier(0, BARRIER_OFF);
	run_ms(1000);
	world.node[1].slow = true;
	publish(0);
	run_ms(500);
	assert_int_equal(world.published, world.version);
	fence(0);
	run_ms(1000);
	promote(1, 3000);
	run_ms(5000);
	assert_false(is_source(1));
	assert_non_null(strstr(world.node[1].conn.why, "n3 has more"));
	promote(2, 20000);
	run_ms(3000);
	assert_promoted(2);
}

static void mode_names(void **state)
{
	enum barrier_mode mode;

	(void)state;
	for (mode = BARRIER_DEGRADE; mode <= BARRIER_OFF; mode++) {
		enum barrier_mode read = BARRIER_DEGRADE;

		assert_int_equal(
		    barrier_mode_parse(barrier_mode_name(mode), &read), 0);
		assert_int_equal(read, mode);
	}
	assert_int_equal(barrier_mode_parse("Off", &mode), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(late_for_a_minute, cluster2, end),
	    cmocka_unit_test_setup_teardown(slow_and_steady, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        degraded_is_told_hourly, cluster2, end),
	    cmocka_unit_test_teardown(degraded_from_the_start, end),
	    cmocka_unit_test_setup_teardown(
	        waits_for_the_database, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        signs_on_without_the_database, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        demote_tells_of_the_database, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        require_needs_a_second_holder, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        require_with_a_silent_one, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        require_with_one_of_two, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        off_waits_for_nobody, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        off_while_one_is_cut_off, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        off_while_one_steps_back, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        off_while_fencing_is_switched, cluster2, end),
	    cmocka_unit_test_setup_teardown(off_is_known_first, cluster2, end),
	    cmocka_unit_test_setup_teardown(off_no_more, cluster2, end),
	    cmocka_unit_test_setup_teardown(off_and_on_and_off, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        solo_outlives_the_term, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        off_the_one_with_more_takes_over, cluster3, end),
	    cmocka_unit_test(mode_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
