/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <cmocka.h>

/* One node dies at its Nth durable step, for every N, in a service that is
 * otherwise well: while it begins, publishes, moves and goes on.  The daemon
 * dies, or the whole machine. */

#define STEPS 200

static int nodes, victim;
static enum death death;

static bool moved(void)
{
	return converged() && !world->node[0].standby && world->top_term > 1;
}

static void body(uint64_t step)
{
	world_begin(step * 64 + (uint64_t)(nodes * 8 + victim * 2) +
	                (death == DEATH_POWER),
	    nodes);
	world->node[victim].fuse = (int)step;
	world->node[victim].fuse_point = TALLY_END;
	world->node[victim].fuse_death = death;
	world->node[victim].fuse_keeps = true;
	run_until_converged("the start");
	run_ms(3000);
	world->node[0].standby = true;
	world->node[0].standby_until = world->now + 5000;
	world->node[0].todo |= TODO_DEMOTE | TODO_STOP;
	run_ms(6000);
	run_until(moved, 400000, "the move");
	run_until_converged("the move");
}

static void every_step(void **state)
{
	uint64_t step;
	int fired = 0;

	(void)state;
	for (step = 1; step <= STEPS; step++) {
		long before = tally_points();

		if (!sim_run(body, step))
			fail_msg("n%d of %d, %s at step %d: %s", victim + 1,
			    nodes, death == DEATH_POWER ? "power" : "daemon",
			    (int)step, sim_why);
		fired += tally_points() > before;
	}
	assert_true(fired > STEPS / 2);
}

#define CASE(name, n, v, d)            \
	static void name(void **state) \
	{                              \
		nodes = n;             \
		victim = v;            \
		death = d;             \
		every_step(state);     \
	}

CASE(first_of_two, 2, 0, DEATH_PROC)
CASE(first_of_two_power, 2, 0, DEATH_POWER)
CASE(second_of_two, 2, 1, DEATH_PROC)
CASE(second_of_two_power, 2, 1, DEATH_POWER)
CASE(first_of_three, 3, 0, DEATH_PROC)
CASE(first_of_three_power, 3, 0, DEATH_POWER)
CASE(second_of_three, 3, 1, DEATH_PROC)
CASE(second_of_three_power, 3, 1, DEATH_POWER)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_of_two),
	    cmocka_unit_test(first_of_two_power),
	    cmocka_unit_test(second_of_two),
	    cmocka_unit_test(second_of_two_power),
	    cmocka_unit_test(first_of_three),
	    cmocka_unit_test(first_of_three_power),
	    cmocka_unit_test(second_of_three),
	    cmocka_unit_test(second_of_three_power),
	};

	tally_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
