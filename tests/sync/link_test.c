/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <cmocka.h>

/* Corosync is cut and the data link is not: attack B12.  What a node acks
 * that has left the group counts for nothing: it may be about to promote. */

static bool left(void)
{
	const struct node *n = &world->node[0];
	int i;

	for (i = 1; i < world->nodes; i++)
		if (n->s.member[i].left == LEFT_NOT)
			return false;
	return true;
}

static void body(uint64_t seed)
{
	int i, j, published;

	world_begin(seed, 2 + (int)(seed % 2));
	run_until_converged("the start");
	if (!is_source(&world->node[0]))
		return;
	for (i = 0; i < world->nodes; i++) {
		world->node[i].side = i > 0;
		for (j = 0; j < world->nodes; j++) /* does not work */
			world->node[i].fence_at[j] = INT64_MAX;
	}
	world->freeze = true;
	run_until(left, 10000, "the other side is missed");
	published = world->publications;
	run_ms(60000);
	if (world->publications > published + 1) /* one was through already */
		sim_fail("n1 publishes what a node acked that is cut off");
	for (i = 0; i < world->nodes; i++)
		world->node[i].side = 0;
	run_until_converged("the cut");
}

static void cpg_down_tcp_up(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 40; seed++)
		if (!sim_run(body, seed))
			fail_msg("seed %d: %s", (int)seed, sim_why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cpg_down_tcp_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
