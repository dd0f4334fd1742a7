/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* What may be published, and who has to have it: DESIGN 4.  The world of
 * cluster.h fails a test in which a node becomes source without what was
 * published. */

static void every_holder_has_it_first(void **state)
{
	int version;

	(void)state;
	world.node[1].slow = true;
	version = publish(0);
	run_ms(3000);
	assert_int_equal(world.published, version - 1);
	world.node[1].slow = false;
	run_ms(300);
	assert_int_equal(world.published, version);
}

/* A3: one of two standbys has it; both count. */
static void ack_one_of_two(void **state)
{
	int version;

	(void)state;
	world.node[2].slow = true;
	version = publish(0);
	run_ms(3000);
	assert_int_equal(world.published, version - 1);
	fence(0);
	run_ms(1000);
	promote(2, 20000);
	run_ms(3000);
	assert_promoted(2);
}

static void late_holder_agrees_and_is_dropped(void **state)
{
	int version;

	(void)state;
	world.node[1].slow = true;
	version = publish(0);
	run_ms(6000);
	assert_int_equal(world.published, version);
	assert_false(holder(0, 1));
	world.node[1].slow = false;
	run_ms(20000);
	assert_false(holder(0, 1)); /* 30 s without lag */
	run_ms(15000);
	assert_true(holder(0, 1));
}

/* A stopped standby holds up publishing until its own node ends it. */
static void sigstop_standby(void **state)
{
	int version;

	(void)state;
	world.node[1].paused = true;
	version = publish(0);
	run_ms(25000);
	assert_int_equal(world.published, version - 1);
	assert_true(world.node[0].s.held_since_ms > 0);
	assert_non_null(strstr(world.node[0].s.held_why, "does not answer"));
	worker_end(1, LEFT_PROCDOWN);
	run_ms(500);
	assert_int_equal(world.published, version);
	assert_int_equal(world.node[0].s.held_since_ms, 0);
	assert_false(holder(0, 1));
}

/* A2: the standby is cut off; nothing is published before it is fenced. */
static void publish_before_fenced(void **state)
{
	int version;

	(void)state;
	partition(1, 1);
	version = publish(0);
	run_ms(60000);
	assert_int_equal(world.published, version - 1);
	assert_true(world.node[0].s.held_since_ms > 0);
	fence(1);
	run_ms(2000);
	assert_int_equal(world.published, version);
	assert_false(holder(0, 1));
	assert_int_equal(world.node[0].s.held_since_ms, 0);
}

/* The same while the source is already asking the standby to step back: what
 * it has not agreed to does not come into force by its absence. */
static void late_then_cut_off(void **state)
{
	int version;

	(void)state;
	world.node[1].slow = world.node[1].paused = true;
	version = publish(0);
	run_ms(6000); /* the smaller record is on its way */
	world.node[1].paused = false;
	world.node[1].items = 0; /* and lost with the link */
	partition(1, 1);
	run_ms(1000);
	assert_int_equal(world.published, version - 1);
	fence(0); /* it wins the race */
	run_ms(1000);
	promote(1, 20000);
	run_ms(3000);
	assert_promoted(1);
}

/* The standby is cut off while it is asked to step back, and fenced: the
 * source looks for that, says what it waits for, and goes on. */
static void late_then_fenced(void **state)
{
	int version;

	(void)state;
	world.node[1].slow = world.node[1].paused = true;
	version = publish(0);
	run_ms(5500);
	assert_true(world.node[0].s.proposing);
	power_off(1);
	run_ms(11000);
	assert_int_equal(world.published, version - 1);
	assert_non_null(strstr(world.node[0].s.held_why, "fencing of n2"));
	world.fenced[1]++;
	run_ms(1000);
	assert_int_equal(world.published, version);
	assert_false(holder(0, 1));
	assert_int_equal(world.node[0].s.held_since_ms, 0);
}

/* The same worker is back for a moment, and nothing could be read meanwhile:
 * the fencing that follows is its own. */
static void fenced_after_a_short_return(void **state)
{
	int version;

	(void)state;
	partition(1, 1);
	run_ms(2000);
	world.node[0].blind = true;
	partition(1, 0);
	run_ms(1000);
	version = publish(0);
	run_ms(500);
	assert_int_equal(world.published, version);
	fence(1);
	version = publish(0);
	run_ms(11000);
	assert_int_equal(world.published, version - 1);
	world.node[0].blind = false;
	run_ms(1000);
	assert_int_equal(world.published, version);
	assert_false(holder(0, 1));
}

/* Fenced and back with a new worker, then cut off, and nothing could be read
 * all the time: that success was of the earlier one. */
static void fenced_before_its_return(void **state)
{
	int version;

	(void)state;
	world.node[0].blind = true;
	fence(1);
	run_ms(2000);
	worker_start(1, false);
	run_ms(2000);
	partition(1, 1);
	version = publish(0);
	run_ms(11000);
	world.node[0].blind = false;
	run_ms(30000);
	assert_int_equal(world.published, version - 1);
	fence(1);
	run_ms(1000);
	assert_int_equal(world.published, version);
}

/* The success was read, but it is of the worker before: it counts for nothing
 * while the next reading is not there. */
static void fenced_and_back_unread(void **state)
{
	int version;

	(void)state;
	fence(1);
	run_ms(31000);
	assert_false(holder(0, 1));
	world.node[0].blind = true;
	worker_start(1, false);
	run_ms(40000);
	assert_true(holder(0, 1));
	partition(1, 1);
	version = publish(0);
	run_ms(11000);
	assert_int_equal(world.published, version - 1);
	world.node[0].blind = false;
	world.fenced[1]++;
	power_off(1);
	run_ms(1000);
	assert_int_equal(world.published, version - 1);
	world.fenced[1]++; /* a human confirms */
	run_ms(1000);
	assert_int_equal(world.published, version);
}

/* A node is named in the record again only while it has everything. */
static void named_while_behind(void **state)
{
	int version;

	(void)state;
	world.node[1].slow = true;
	publish(0);
	run_ms(6000);
	assert_false(holder(0, 1));
	world.node[1].slow = false;
	run_ms(29900 - 1000);
	world.node[1].slow = true; /* behind once more, and silent */
	version = publish(0);
	run_ms(3000);
	assert_int_equal(world.published, version);
	assert_false(holder(0, 1));
	fence(0);
	run_ms(500);
	promote(1, 5000);
	run_ms(6000);
	assert_false(is_source(1));
}

/* Level, and behind again in the same millisecond: what was cut then has been
 * published when it is named. */
static void behind_in_the_same_moment(void **state)
{
	struct engine_event acked = {.type = ENGINE_ACKED};
	int version;

	(void)state;
	world_begin(2);
	worker_start(0, false);
	worker_start(1, false);
	world.node[1].slow = true;
	run_ms(1000);
	promote(0, 20000);
	run_ms(2000);
	assert_promoted(0);
	assert_false(holder(0, 1));
	acked.node = world.node[1].id;
	acked.seq = world.node[0].s.cut_seq;
	engine_tell(&world.node[0].engine, &acked);
	version = publish(0);
	run_ms(TICK_MS);
	assert_int_equal(world.published, version);
	assert_false(world.node[0].s.proposing);
	assert_false(holder(0, 1));
}

/* A standby that could not store the record of a new term takes it from the
 * source's HELLO when it can. */
static void record_stored_late(void **state)
{
	(void)state;
	world.node[2].slow = true; /* n3 agrees that it is none any more */
	publish(0);
	run_ms(7000);
	assert_false(holder(0, 2));
	world.node[2].slow = false;
	worker_end(2, LEFT_LEAVE);
	run_ms(1000);
	demote(0, 10000, false);
	run_ms(1000);
	world.node[0].signer = false;
	run_ms(1000);
	promote(1, 20000);
	run_ms(2000);
	assert_promoted(1);
	worker_start(2, false);
	world.node[2].disk.full = true;
	run_ms(10000);
	assert_int_equal(world.node[2].s.record.term, 1);
	world.node[2].disk.full = false;
	run_ms(40000);
	assert_true(holder(1, 2));
}

/* From the moment the record that names it is on its way, a node is waited
 * for: it may have it, and promote. */
static void waited_for_since_proposed(void **state)
{
	const struct syncd *s = &world.node[0].s;
	int version, ticks;

	(void)state;
	world.node[1].slow = true;
	publish(0);
	run_ms(6000);
	assert_false(holder(0, 1));
	world.node[1].slow = false;
	run_ms(29000);
	world.node[1].paused = true;
	for (ticks = 0; ticks < 50 && !s->proposing; ticks++)
		run_ms(100);
	assert_true(nodes_has(&s->proposal.holders, &world.node[1].id));
	world.node[1].slow = true;
	version = publish(0);
	run_ms(500);
	assert_int_equal(world.published, version - 1);
	world.node[1].paused = false;
	run_ms(500);
	assert_int_equal(world.published, version - 1);
	fence(0);
	run_ms(500);
	promote(1, 20000);
	run_ms(2000);
	assert_promoted(1);
}

/* A1: the source goes on alone, dies; the node that slept does not take
 * over. */
static void alone_then_dead(void **state)
{
	(void)state;
	worker_end(1, LEFT_LEAVE);
	run_ms(1000);
	assert_false(holder(0, 1));
	publish(0);
	run_ms(500);
	assert_int_equal(world.published, world.version);
	fence(0);
	worker_start(1, false);
	run_ms(3000);
	promote(1, 5000);
	run_ms(6000);
	assert_false(is_source(1));
	assert_non_null(strstr(world.node[1].s.plan.why, "n1 also held"));
}

/* A holder that this worker has not seen counts, too. */
static void holder_not_seen_yet(void **state)
{
	int version;

	(void)state;
	power_off(2);
	worker_end(0, LEFT_PROCDOWN);
	world.node[0].disk.knows[2] = false;
	worker_start(0, true);
	run_ms(4000);
	version = publish(0);
	run_ms(60000);
	assert_true(world.published < version || version == 0);
	assert_false(is_source(0)); /* it mints nothing, either */
}

/* The holder has it and votequorum says no: the wait is told as what it is,
 * and its clock does not begin anew. */
static void no_quorum_no_publication(void **state)
{
	int version;

	(void)state;
	world.node[0].s.quorate = false;
	version = publish(0);
	run_ms(70000);
	assert_int_equal(world.node[1].disk.version, version);
	assert_int_equal(world.published, version - 1);
	assert_true(world.node[0].s.held_since_ms > 0);
	assert_true(world.now_ms - world.node[0].s.held_since_ms > 60000);
	world.node[0].s.quorate = true;
	run_ms(1000);
	assert_int_equal(world.published, version);
	assert_int_equal(world.node[0].s.held_since_ms, 0);
}

/* Nobody takes over, and nothing goes out, in a minority. */
static void minority(void **state)
{
	int version;

	(void)state;
	partition(0, 1);
	version = publish(0);
	world.fenced[1]++;
	world.fenced[2]++;
	run_ms(70000);
	assert_int_equal(world.published, version - 1);
}

/* A standby whose disk is full can neither ack nor agree to go: its worker
 * leaves the group, and its successor waits for space
 * (load_state_when_space()). Then it catches up and may take over, and nobody
 * has typed anything. */
static void disk_full_then_freed(void **state)
{
	int version;

	(void)state;
	world.node[1].slow = world.node[1].disk.full = true;
	version = publish(0);
	run_ms(20000);
	assert_int_equal(world.published, version);
	assert_false(holder(0, 1));
	assert_false(world.node[1].up);
	world.node[1].slow = world.node[1].disk.full = false;
	worker_start(1, false);
	run_ms(40000);
	assert_true(holder(0, 1));
	assert_int_equal(world.node[1].s.plan.verdict, PLAN_GO);
	fence(0);
	run_ms(1000);
	promote(1, 10000);
	run_ms(2000);
	assert_promoted(1);
}

/* Fencing off: a holder that is gone without a trace is dropped at once, and
 * cannot promote for that very reason. */
static void fencing_off(void **state)
{
	int version;

	(void)state;
	world.fencing = false;
	run_ms(31000);
	partition(1, 1);
	version = publish(0);
	run_ms(1000);
	assert_int_equal(world.published, version);
	promote(1, 5000);
	run_ms(6000);
	assert_int_equal(world.node[1].conn.rc, -EPERM);
}

static bool fencing_is(int i, bool on)
{
	return world.node[i].s.record.fencing == on &&
	       world.node[i].disk.record.fencing == on;
}

/* Switched on and off under a source: the record follows. */
static void fencing_switched(void **state)
{
	(void)state;
	world.fencing = false;
	run_ms(31000);
	assert_true(fencing_is(0, false) && fencing_is(1, false));
	world.fencing = true;
	run_ms(31000);
	assert_true(fencing_is(0, true) && fencing_is(1, true));
	fence(0);
	run_ms(1000);
	promote(1, 20000);
	run_ms(2000);
	assert_promoted(1);
}

/* A holder that has not heard of it goes by the rule for on, also when it is
 * gone: it may fence and promote. */
static void fencing_off_unheard(void **state)
{
	int version;

	(void)state;
	partition(1, 1);
	world.fencing = false;
	run_ms(31000);
	version = publish(0);
	run_ms(5000);
	assert_true(fencing_is(0, true));
	assert_int_equal(world.published, version - 1);
	fence(1);
	run_ms(3000);
	assert_int_equal(world.published, version);
	assert_false(holder(0, 1));
	assert_true(fencing_is(0, false));
}

/* One of two does not hear of it; the other one goes and comes meanwhile. */
static void fencing_on_half_heard(void **state)
{
	(void)state;
	world.fencing = false;
	run_ms(31000);
	assert_true(fencing_is(0, false));
	world.node[2].paused = true;
	world.fencing = true;
	run_ms(31000);
	assert_true(world.node[0].s.proposing);
	assert_true(fencing_is(0, false) && fencing_is(1, true));
	worker_end(1, LEFT_LEAVE);
	run_ms(1000);
	assert_false(
	    nodes_has(&world.node[0].s.proposal.holders, &world.node[1].id));
	world.node[2].paused = false;
	run_ms(5000);
	assert_true(fencing_is(0, true) && fencing_is(2, true));
	assert_false(holder(0, 1));
}

/* The others of three were stopped in order: their word is missing for a
 * smaller record, and that is said. */
static void alone_of_three(void **state)
{
	struct syncd *s = &world.node[0].s;
	int version;

	(void)state;
	worker_end(1, LEFT_LEAVE);
	run_ms(2000);
	version = publish(0);
	run_ms(1000);
	assert_int_equal(world.published, version);
	assert_int_equal(s->held_since_ms, 0);
	worker_end(2, LEFT_LEAVE);
	run_ms(1000);
	publish(0);
	run_ms(2000);
	assert_int_equal(world.published, version);
	assert_true(s->held_since_ms > 0);
	assert_non_null(strstr(s->held_why, "most of the 3 nodes"));
	worker_start(1, false);
	run_ms(2000);
	assert_int_equal(world.published, version + 1);
	assert_int_equal(s->held_since_ms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        every_holder_has_it_first, cluster2, end),
	    cmocka_unit_test_setup_teardown(ack_one_of_two, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        late_holder_agrees_and_is_dropped, cluster2, end),
	    cmocka_unit_test_setup_teardown(sigstop_standby, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        publish_before_fenced, cluster2, end),
	    cmocka_unit_test_setup_teardown(late_then_cut_off, cluster2, end),
	    cmocka_unit_test_setup_teardown(late_then_fenced, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        fenced_after_a_short_return, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        fenced_before_its_return, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        fenced_and_back_unread, cluster2, end),
	    cmocka_unit_test_setup_teardown(named_while_behind, cluster2, end),
	    cmocka_unit_test_teardown(behind_in_the_same_moment, end),
	    cmocka_unit_test_setup_teardown(record_stored_late, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        waited_for_since_proposed, cluster2, end),
	    cmocka_unit_test_setup_teardown(alone_then_dead, cluster2, end),
	    cmocka_unit_test_setup_teardown(holder_not_seen_yet, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        no_quorum_no_publication, cluster2, end),
	    cmocka_unit_test_setup_teardown(minority, cluster3, end),
	    cmocka_unit_test_setup_teardown(alone_of_three, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        disk_full_then_freed, cluster2, end),
	    cmocka_unit_test_setup_teardown(fencing_off, cluster2, end),
	    cmocka_unit_test_setup_teardown(fencing_switched, cluster2, end),
	    cmocka_unit_test_setup_teardown(fencing_off_unheard, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        fencing_on_half_heard, cluster3, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
