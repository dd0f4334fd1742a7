/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* promote and demote, with what goes wrong in between: DESIGN 5. */

static void kill_active(void **state)
{
	(void)state;
	fence(0);
	run_ms(500);
	promote(1, 20000);
	run_ms(1000);
	assert_promoted(1);
	publish(1);
	run_ms(1000);
	assert_int_equal(world.published, world.version);
}

static void killed_node_returns_as_holder(void **state)
{
	kill_active(state);
	worker_start(0, false);
	run_ms(35000);
	assert_true(holder(1, 0));
	assert_false(is_source(0));
	demote(1, 20000, false);
	run_ms(1000);
	assert_int_equal(world.node[1].s.role, ROLE_UNPROMOTED);
	promote(0, 20000);
	run_ms(1000);
	assert_promoted(0);
}

/* A node that came back a moment ago has everything, and is named when the
 * source goes: a planned move back must not wait until it is a holder. */
static void demote_names_a_level_node(void **state)
{
	kill_active(state);
	worker_start(0, false);
	run_ms(5000);
	assert_false(holder(1, 0));
	demote(1, 20000, true);
	run_ms(2000);
	worker_end(1, LEFT_LEAVE);
	promote(0, 20000);
	run_ms(1000);
	assert_promoted(0);
	assert_int_equal(world.published, world.version);
}

/* But not when the source cannot store that: once it has restarted it is its
 * only holder, and needs nobody. */
static void level_node_on_a_full_disk(void **state)
{
	kill_active(state);
	worker_start(0, false);
	run_ms(5000);
	assert_false(holder(1, 0));
	world.node[1].disk.full = true;
	demote(1, 20000, true);
	run_ms(2000);
	worker_end(1, LEFT_LEAVE);
	assert_false(
	    nodes_has(&world.node[0].disk.record.holders, &world.node[0].id));
	promote(0, 20000);
	run_ms(1000);
	assert_false(is_source(0));
}

/* The agent asks before Pacemaker's fencing is through. */
static void in_promote_waits_for_fence(void **state)
{
	(void)state;
	power_off(0);
	run_ms(500);
	promote(1, 60000);
	run_ms(20000);
	assert_false(is_source(1));
	/* Its score does not say so, else Pacemaker demotes it afterwards. */
	assert_int_equal(world.node[1].s.plan.verdict, PLAN_GO);
	world.fenced[0]++;
	run_ms(2000);
	assert_promoted(1);
}

/* Pacemaker has fenced, Corosync has not missed the node yet. */
static void fenced_while_still_a_member(void **state)
{
	(void)state;
	world.node[0].paused = true;
	world.fenced[0]++;
	promote(1, 60000);
	run_ms(1500);
	assert_false(is_source(1));
	power_off(0);
	run_ms(2000);
	assert_promoted(1);
}

/* A success of last week does not count for the node that came back, also
 * not for the next worker here. */
static void fence_of_last_week(void **state)
{
	(void)state;
	killed_node_returns_as_holder(state);
	run_ms(40000);
	assert_true(holder(0, 1));
	world.node[1].signer = false;
	world.node[0].signer = true;
	demote(0, 20000, false); /* n2 signs, n1 was fenced once */
	run_ms(1000);
	world.node[0].signer = false;
	promote(1, 20000);
	run_ms(40000);
	assert_promoted(1);
	world.node[1].signer = true;
	partition(0, 1);
	worker_end(1, LEFT_PROCDOWN);
	worker_start(1, true);
	run_ms(30000);
	assert_false(is_source(1)); /* n1 is cut off, not fenced */
	fence(0);
	run_ms(2000);
	assert_promoted(1);
}

/* A5 (iii): it left in order and its daemons may still run. */
static void leave_without_demote(void **state)
{
	(void)state;
	worker_end(0, LEFT_LEAVE);
	run_ms(1000);
	promote(1, 10000);
	run_ms(11000);
	assert_false(is_source(1));
	worker_start(0, false); /* signer runs there */
	run_ms(1000);
	promote(1, 10000);
	run_ms(11000);
	assert_false(is_source(1));
	assert_non_null(strstr(world.node[1].conn.why, "still runs on n1"));
	world.node[0].signer = false;
	run_ms(3000);
	promote(1, 10000);
	run_ms(1000);
	assert_promoted(1);
}

/* A5 (i) */
static void power_cut_both(void **state)
{
	int order = *(int *)*state;

	cluster_begin(2);
	power_off(0);
	power_off(1);
	run_ms(5000);
	worker_start(order, false);
	run_ms(5000);
	promote(order, 5000);
	run_ms(6000);
	assert_false(is_source(order)); /* alone it cannot know */
	worker_start(1 - order, false);
	run_ms(3000);
	promote(order, 20000);
	run_ms(3000);
	assert_promoted(order);
	world_end();
}

/* A4: a node that boots is a holder by its own word only. */
static void reboot_is_not_synced(void **state)
{
	(void)state;
	partition(0, 1); /* the source is cut off, not dead */
	power_off(1);
	run_ms(1000);
	worker_start(1, false);
	run_ms(3000);
	promote(1, 5000);
	run_ms(6000);
	assert_false(is_source(1));
}

static void last_holder_restarts_alone(void **state)
{
	(void)state;
	fence(1);
	run_ms(2000);
	assert_false(holder(0, 1));
	power_off(0);
	worker_start(0, false);
	run_ms(2000);
	promote(0, 20000);
	run_ms(2000);
	assert_promoted(0);
}

static void cold_start_2of3(void **state)
{
	(void)state;
	power_off(0);
	power_off(1);
	power_off(2);
	world.fenced[0]++;
	run_ms(1000);
	worker_start(1, false);
	worker_start(2, false);
	run_ms(2000);
	promote(2, 20000);
	run_ms(3000);
	assert_promoted(2);
}

/* B8: the agent went away; a promote that has not minted is no more. */
static void agent_killed_mid_promote(void **state)
{
	(void)state;
	power_off(0);
	run_ms(500);
	promote(1, 60000);
	run_ms(500);
	promote_conn_closed(&as(1)->s, &world.node[1].conn);
	assert_null(world.node[1].s.promoting);
	world.fenced[0]++;
	run_ms(5000);
	assert_false(is_source(1));
}

/* A member that does not store the new term: promote fails in time; the next
 * try is not taken for a fork. */
static void mint_again_after_deadline(void **state)
{
	(void)state;
	run_ms(1000);
	fence(0);
	world.node[2].disk.full = true;
	run_ms(500);
	promote(1, 5000);
	run_ms(6000);
	assert_int_equal(world.node[1].conn.rc, -ETIMEDOUT);
	assert_false(is_source(1));
	world.node[2].disk.full = false;
	run_ms(1000);
	promote(1, 20000);
	run_ms(4000);
	assert_promoted(1);
	assert_false(world.node[2].s.fork);
	assert_true(holder(1, 2));
}

/* One member has stored it, another has not. */
static void mint_again_half_stored(void **state)
{
	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	run_ms(1000);
	world.node[2].disk.full = true;
	promote(1, 5000);
	run_ms(3000);
	assert_int_equal(world.node[0].disk.record.term, 2);
	run_ms(3000);
	assert_int_equal(world.node[1].conn.rc, -ETIMEDOUT);
	world.node[2].disk.full = false;
	promote(1, 20000);
	run_ms(4000);
	assert_promoted(1);
	assert_int_equal(world.node[1].s.record.term, 3);
}

static void demote_cancels_minting(void **state)
{
	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	world.node[1].paused = true;
	promote(0, 20000);
	run_ms(1000);
	assert_int_equal(world.node[0].s.role, ROLE_MINTING);
	demote(0, 20000, false);
	world.node[1].paused = false;
	run_ms(1000);
	assert_int_equal(sources(), 0);
	promote(1, 20000);
	run_ms(1000);
	assert_promoted(1);
	assert_false(world.node[0].s.fork);
}

/* A6: both have a term of the same number, one of them with nothing in it. */
static void empty_term(void **state)
{
	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	world.node[1].paused = true;
	promote(0, 20000);
	run_ms(200);
	world.node[1].items = 0; /* n1 dies in the moment of minting */
	world.node[1].paused = false;
	fence(0);
	run_ms(500);
	promote(1, 20000);
	run_ms(1000);
	assert_promoted(1);
	assert_int_equal(
	    world.node[0].disk.minted, world.node[1].disk.record.term);
	publish(1);
	run_ms(1000);
	worker_start(0, false);
	run_ms(40000);
	assert_false(world.node[0].s.fork || world.node[1].s.fork);
	assert_true(holder(1, 0));
}

/* The same, and by then the other one is no source any more. */
static void empty_term_closed(void **state)
{
	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	world.node[1].paused = true;
	promote(0, 20000);
	run_ms(200);
	world.node[1].items = 0;
	world.node[1].paused = false;
	fence(0);
	run_ms(500);
	promote(1, 20000);
	run_ms(1000);
	publish(1);
	run_ms(1000);
	assert_int_equal(world.published, world.version);
	demote(1, 20000, true);
	run_ms(2000);
	worker_start(0, false);
	run_ms(2000);
	promote(0, 5000); /* lacks what n2 published */
	run_ms(6000);
	assert_false(is_source(0));
	promote(1, 20000);
	run_ms(2000);
	assert_false(is_source(1)); /* it is on its way out */
}

static void fork_both_minted(void **state)
{
	(void)state;
	world.node[0].disk.record.term = 7;
	world.node[1].disk.record.term = 7;
	id_random(&world.node[0].disk.record.term_id);
	id_random(&world.node[1].disk.record.term_id);
	world.node[0].disk.tip.term_id = world.node[0].disk.record.term_id;
	world.node[1].disk.tip.term_id = world.node[1].disk.record.term_id;
	power_off(0);
	power_off(1);
	worker_start(0, false);
	worker_start(1, false);
	run_ms(2000);
	promote(0, 5000);
	promote(1, 5000);
	run_ms(6000);
	assert_int_equal(sources(), 0);
	assert_int_equal(world.node[0].conn.rc, -EPERM);
}

/* The first mint was interrupted: no human is needed for the second. */
static void first_mint_interrupted(void **state)
{
	(void)state;
	world_begin(2);
	worker_start(0, false);
	worker_start(1, false);
	run_ms(1000);
	world.node[1].disk.full = true;
	promote(0, 3000);
	run_ms(4000);
	assert_int_equal(world.node[0].conn.rc, -ETIMEDOUT);
	world.node[1].disk.full = false;
	run_ms(1000);
	promote(0, 20000);
	run_ms(5000);
	assert_promoted(0);
	assert_true(holder(0, 1));
}

/* The worker of the source dies and is started again by its parent. */
static void worker_restarts(void **state)
{
	uint64_t term = world.node[0].s.record.term;

	(void)state;
	worker_end(0, LEFT_PROCDOWN);
	run_ms(200);
	worker_start(0, true);
	run_ms(2000);
	assert_promoted(0);
	assert_int_equal(world.node[0].s.record.term, term + 1);
	assert_true(holder(0, 1));
	publish(0);
	run_ms(1000);
	assert_int_equal(world.published, world.version);
}

/* It does, while the standby is cut off and takes over. */
static void worker_restarts_in_a_partition(void **state)
{
	(void)state;
	partition(1, 1);
	worker_end(0, LEFT_PROCDOWN);
	worker_start(0, true);
	run_ms(5000);
	assert_false(is_source(0));
	fence(0);
	run_ms(500);
	promote(1, 20000);
	run_ms(2000);
	assert_promoted(1);
	world.node[0].side = 1;
	worker_start(0, false);
	run_ms(35000);
	assert_true(holder(1, 0));
	assert_false(world.node[0].s.fork);
}

/* Its first tick comes before the first word of Corosync; without fencing no
 * holder is waited for. */
static void worker_restarts_unseen(void **state)
{
	uint64_t term = world.node[0].s.record.term;

	(void)state;
	worker_end(0, LEFT_PROCDOWN);
	run_ms(200);
	worker_start(0, true);
	as(0)->s.pacemaker_known = true;
	promote_tick(&world.node[0].s);
	promote_tick(&world.node[0].s);
	assert_int_equal(world.node[0].s.role, ROLE_UNPROMOTED);
	assert_int_equal(world.node[0].disk.record.term, term);
	run_ms(2000);
	assert_promoted(0);
}

static void worker_restarts_before_pacemaker_answers(void **state)
{
	(void)state;
	world.node[0].blind = true;
	worker_end(0, LEFT_PROCDOWN);
	worker_start(0, true);
	run_ms(2000);
	assert_promoted(0);
	assert_true(world.node[0].s.record.fencing);
}

/* A source that was cut off, and is in the middle of a demote when it sees
 * its successor, touches nothing of the new term. */
static void superseded_in_demote(void **state)
{
	(void)state;
	partition(0, 1);
	run_ms(500);
	world.fenced[0]++; /* a human confirmed what was not so */
	run_ms(1000);
	promote(1, 20000);
	run_ms(1000);
	assert_promoted(1);
	demote(0, 20000, false);
	partition(0, 0);
	run_ms(30000);
	assert_true(world.node[1].s.record.open);
	assert_int_equal(world.node[0].s.role, ROLE_UNPROMOTED);
	assert_true(world.node[0].conn.answered);
	assert_promoted(1);
}

/* B9: nobody takes the last generation; demote ends all the same. */
static void standby_stopped_in_demote(void **state)
{
	int64_t begun = world.now_ms;

	(void)state;
	world.node[1].paused = true;
	demote(0, 10000, false);
	while (!world.node[0].conn.answered && world.now_ms < begun + 20000)
		run_ms(100);
	assert_true(world.node[0].conn.answered);
	assert_true(world.now_ms - begun <= 10000);
	assert_int_equal(world.node[0].conn.rc, 0);
	assert_false(world.node[0].disk.record.open);
}

static void demote_then_repromote(void **state)
{
	(void)state;
	demote(0, 20000, false);
	run_ms(1000);
	assert_int_equal(world.node[0].conn.rc, 0);
	assert_false(world.node[1].s.record.open);
	promote(0, 20000);
	run_ms(1000);
	assert_promoted(0); /* its own daemons run: no matter, closed */
	publish(0);
	run_ms(1000);
	assert_int_equal(world.published, world.version);
	power_off(0);
	run_ms(500);
	promote(1, 5000);
	run_ms(6000);
	assert_false(is_source(1)); /* the old DEMOTE is void */
}

/* Fencing off and the link is cut between demote and promote: both could. */
static void fencing_off_closed_record(void **state)
{
	(void)state;
	world.fencing = false;
	run_ms(31000);
	demote(0, 20000, false);
	run_ms(1000);
	world.node[0].signer = false;
	partition(1, 1);
	run_ms(1000);
	promote(0, 5000);
	promote(1, 5000);
	run_ms(6000);
	assert_int_equal(sources(), 0);
}

static void promote_is_idempotent(void **state)
{
	(void)state;
	promote(0, 1000);
	assert_true(world.node[0].conn.answered);
	assert_int_equal(world.node[0].conn.rc, 0);
	demote(1, 1000, false);
	assert_true(world.node[1].conn.answered);
	assert_int_equal(world.node[1].conn.rc, 0);
}

#define ON2(t) cmocka_unit_test_setup_teardown(t, cluster2, end)
#define ON3(t) cmocka_unit_test_setup_teardown(t, cluster3, end)

int main(void)
{
	static int first = 0, second = 1;
	const struct CMUnitTest tests[] = {
	    ON2(kill_active),
	    ON2(killed_node_returns_as_holder),
	    ON2(demote_names_a_level_node),
	    ON2(level_node_on_a_full_disk),
	    ON2(in_promote_waits_for_fence),
	    ON2(fenced_while_still_a_member),
	    ON2(fence_of_last_week),
	    ON2(leave_without_demote),
	    cmocka_unit_test_prestate(power_cut_both, &first),
	    cmocka_unit_test_prestate(power_cut_both, &second),
	    ON2(reboot_is_not_synced),
	    ON2(last_holder_restarts_alone),
	    ON3(cold_start_2of3),
	    ON2(agent_killed_mid_promote),
	    ON3(mint_again_after_deadline),
	    ON3(mint_again_half_stored),
	    ON2(demote_cancels_minting),
	    ON2(empty_term),
	    ON2(empty_term_closed),
	    ON2(fork_both_minted),
	    cmocka_unit_test_teardown(first_mint_interrupted, end),
	    ON2(worker_restarts),
	    ON2(worker_restarts_in_a_partition),
	    ON2(worker_restarts_unseen),
	    ON2(worker_restarts_before_pacemaker_answers),
	    ON2(superseded_in_demote),
	    ON2(standby_stopped_in_demote),
	    ON2(demote_then_repromote),
	    ON2(fencing_off_closed_record),
	    ON2(promote_is_idempotent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
