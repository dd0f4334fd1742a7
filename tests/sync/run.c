/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

/* A run from begin to end. */

#define CONVERGE_MS 400000
#define CONVERGED_MS 1000

bool sim_run(void (*body)(uint64_t seed), uint64_t seed)
{
	sim_why[0] = '\0';
	if (setjmp(sim_failed) == 0)
		body(seed);
	current = NULL;
	world_end();
	return !sim_why[0];
}

void run_until(bool (*reached)(void), int64_t ms, const char *what)
{
	int64_t end = world->now + ms;

	while (!reached()) {
		world_step();
		if (world->now > end)
			sim_fail("never: %s", what);
	}
}

/* And the service goes on. */
void run_until_converged(const char *after)
{
	int64_t end = world->now + CONVERGE_MS;
	int published = world->publications, ms = 0;
	char why[400];

	while (ms < CONVERGED_MS) {
		world_step();
		ms = converged() && world->publications > published
		         ? ms + STEP_MS
		         : 0;
		if (world->now < end)
			continue;
		why_not_converged(why, sizeof(why));
		sim_fail("no convergence after %s: %s", after, why);
	}
}
