/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* N1 is the source, n2 warm.  Rings are told by hand. */

static void ring(int i, uint64_t seq, bool alone)
{
	warm_ring(&as(i)->s, &(struct ring_id){1, seq}, alone);
	facts_judge(&as(i)->s);
}

static bool warm(int i)
{
	return world.node[i].s.warm;
}

static bool claimed(int i)
{
	return world.node[i].claim[0] != '\0';
}

/* The source leaves, n2 is alone. */
static void n1_is_gone(void)
{
	ring(1, 3, false);
	assert_true(warm(1));
	assert_false(claimed(1));
	power_off(0);
	run_ms(500);
	ring(1, 4, true);
	assert_true(claimed(1));
}

static void n2_dies(void)
{
	worker_end(1, LEFT_PROCDOWN);
	run_ms(500);
	assert_true(claimed(1));
}

static void n2_is_back(uint64_t seq, bool alone)
{
	worker_start(1, false);
	run_ms(500);
	assert_false(warm(1));
	ring(1, seq, alone);
}

static void claim_is_inherited(void **state)
{
	(void)state;
	n1_is_gone();
	n2_dies();
	n2_is_back(4, true);
	assert_true(warm(1));
	fence(0);
	run_ms(500);
	promote(1, 20000);
	run_ms(2000);
	assert_promoted(1);
	run_ms(500);
	assert_false(claimed(1));
}

/* The property may know of a term that began meanwhile. */
static void property_is_read_first(void **state)
{
	(void)state;
	n1_is_gone();
	n2_dies();
	world.node[1].blind = true;
	n2_is_back(4, true);
	assert_true(warm(1));
	assert_int_equal(world.node[1].s.plan.verdict, PLAN_NOT_YET);
	assert_non_null(strstr(world.node[1].s.plan.why, "property"));
	world.node[1].blind = false;
	run_ms(1000);
	assert_int_equal(world.node[1].s.plan.verdict, PLAN_GO);
}

/* It waits for its ring, and then for the group. */
static void nothing_before_the_group(void **state)
{
	(void)state;
	n1_is_gone();
	n2_dies();
	worker_start(1, false);
	ring(1, 4, true); /* its own joining is not here yet */
	assert_false(warm(1));
	assert_true(claimed(1));
	run_ms(500);
	assert_true(warm(1));
}

static void ring_that_ends_before_the_group(void **state)
{
	(void)state;
	n1_is_gone();
	n2_dies();
	worker_start(1, false);
	ring(1, 4, true);
	ring(1, 5, true);
	run_ms(500);
	assert_false(warm(1));
	assert_false(claimed(1));
}

static void another_ring(void **state)
{
	(void)state;
	n1_is_gone();
	n2_dies();
	n2_is_back(5, true);
	assert_false(warm(1));
	assert_false(claimed(1));
	promote(1, 20000);
	run_ms(500);
	assert_false(is_source(1));
}

/* What is in the ring could have minted without us. */
static void not_alone(void **state)
{
	(void)state;
	n1_is_gone();
	ring(1, 5, false);
	assert_true(warm(1));
	assert_false(claimed(1));
	ring(1, 6, true);
	n2_dies();
	n2_is_back(6, false);
	assert_false(warm(1));
}

static void another_boot(void **state)
{
	(void)state;
	n1_is_gone();
	n2_dies();
	world.node[1].boots++;
	n2_is_back(4, true);
	assert_false(warm(1));
}

static void no_claim_that_can_be_read(void **state)
{
	(void)state;
	n1_is_gone();
	n2_dies();
	world.node[1].claim[0] = 'x';
	n2_is_back(4, true);
	assert_false(warm(1));
	assert_false(claimed(1));
}

static void seed_has_no_custody(void **state)
{
	(void)state;
	n1_is_gone();
	n2_dies();
	strcpy(world.node[1].disk.state, "seeding");
	n2_is_back(4, true);
	assert_false(warm(1));
}

static void stopped(void **state)
{
	(void)state;
	n1_is_gone();
	warm_stop(&as(1)->s);
	assert_false(claimed(1));
}

/* A source that was demoted acked nothing to anybody. */
static void own_term(void **state)
{
	(void)state;
	ring(0, 3, false);
	demote(0, 20000, false);
	run_ms(1000);
	power_off(1);
	run_ms(500);
	world.node[0].s.warm = true;
	ring(0, 4, true);
	assert_false(claimed(0));
}

static void stand_still(int64_t ms)
{
	world.now_ms += ms;
}

static void short_stall(void **state)
{
	(void)state;
	n1_is_gone();
	stand_still(59000);
	warm_look(&as(1)->s);
	assert_true(warm(1));
}

static void long_stall(void **state)
{
	(void)state;
	n1_is_gone();
	stand_still(61000);
	facts_plan(&as(1)->s, false);
	assert_false(warm(1));
	run_ms(100);
	assert_false(claimed(1));
	assert_true(world.node[1].up);
}

static void clock_jumps(void **state)
{
	(void)state;
	n1_is_gone();
	world.node[1].day_s = 59;
	run_ms(100);
	assert_true(warm(1));
	world.node[1].day_s = -2;
	run_ms(100);
	assert_false(warm(1));
	assert_false(claimed(1));
}

/* The source says its record to a new worker only. */
static void stall_beside_the_source(void **state)
{
	(void)state;
	world.node[1].day_s = 61;
	run_ms(100);
	assert_false(world.node[1].up);
	worker_start(1, false);
	run_ms(1000);
	assert_true(warm(1));
}

#define ON2(t) cmocka_unit_test_setup_teardown(t, cluster2, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON2(claim_is_inherited),
	    ON2(property_is_read_first),
	    ON2(nothing_before_the_group),
	    ON2(ring_that_ends_before_the_group),
	    ON2(another_ring),
	    ON2(not_alone),
	    ON2(another_boot),
	    ON2(no_claim_that_can_be_read),
	    ON2(seed_has_no_custody),
	    ON2(stopped),
	    ON2(own_term),
	    ON2(short_stall),
	    ON2(long_stall),
	    ON2(clock_jumps),
	    ON2(stall_beside_the_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
