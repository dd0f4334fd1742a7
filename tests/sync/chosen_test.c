/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <cmocka.h>

/* A human chooses a node that was away, while the other one began more terms
 * than it knows of: that one comes back with a higher number on its disk. */

static bool first_is_source(void)
{
	return is_source(&world->node[0]);
}

static bool chosen_runs(void)
{
	return world->node[1].proc == PROC_WORKER;
}

static bool chosen_is_up(void)
{
	return world->node[1].power && world->node[1].online;
}

static bool chosen_is_source(void)
{
	return is_source(&world->node[1]);
}

static void switch_off(struct node *n)
{
	power_off(n);
	n->boot_at = INT64_MAX;
}

/* pcs stonith confirm: it is off, and stays so. */
static void confirm(struct node *n, struct node *by)
{
	crm_fenced(index_of(n));
	n->boot_at = INT64_MAX;
	by->history[index_of(n)] = world->fenced[index_of(n)];
}

/* N2 is off, N1 goes on alone, begins two more terms, and falls. */
static void begin_alone(void)
{
	int i;

	switch_off(&world->node[1]);
	run_ms(90000);
	for (i = 0; i < 3; i++) {
		worker_kill(&world->node[0], LEFT_PROCDOWN);
		run_ms(30000);
		run_until(first_is_source, 60000, "n1 goes on");
		run_ms(20000);
	}
	switch_off(&world->node[0]);
}

static void body(uint64_t seed)
{
	struct node *chosen;

	world_begin(seed, 2);
	run_until_converged("the start");
	chosen = &world->node[1];
	if (!is_source(&world->node[0]))
		return;
	begin_alone();
	chosen->boot_at = world->now + 1;
	run_until(chosen_is_up, 60000, "n2 is up");
	chosen->wfa = chosen->quorate = true; /* pcs quorum unblock */
	chosen->quorum_at = world->now;
	confirm(&world->node[0], chosen);
	run_until(chosen_runs, 60000, "n2's daemon runs");
	run_ms(20000);
	confirm(&world->node[0], chosen);
	run_ms(5000);
	fault_init(chosen);
	run_until(chosen_is_source, 120000, "n2 is source");
	run_ms(20000);
	world->node[0].boot_at = world->now + 1;
	run_until_converged("init");
	if (!is_source(&world->node[1]))
		sim_fail("who was chosen is not source");
}

static void chosen_with_a_lower_number(void **state)
{
	uint64_t seed;

	(void)state;
	sim_trace = getenv("SYNC_SEED") != NULL;
	for (seed = 1; seed <= 100; seed++)
		if (!sim_run(body, seed))
			fail_msg("seed %d: %s", (int)seed, sim_why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chosen_with_a_lower_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
