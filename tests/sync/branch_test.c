/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sim.h"

#include <cmocka.h>

/* A human chooses a node that was away: the other one has diverged when it is
 * back, until its copy is there.  lineage.c judges each join. */

static bool published_more;

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

/* N2 is off, N1 goes on alone, and falls. */
static void publish_alone(void)
{
	int published = world->publications;

	switch_off(&world->node[1]);
	run_ms(90000);
	published_more = published_more || world->publications > published;
	switch_off(&world->node[0]);
}

/* The same, and begins more terms than n2 knows of: it comes back with a higher
 * number on its disk. */
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

/* N1 has gone on alone and is off; n2 is started, and chosen. */
static void choose(struct node *chosen)
{
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
}

static void behind(uint64_t seed)
{
	world_begin(seed, 2);
	run_until_converged("the start");
	publish_alone();
	choose(&world->node[1]);
	if (world->diverged == 0)
		sim_fail("nobody has diverged");
	if (world->node[0].s.ancestry != ANCESTRY_BEHIND)
		sim_fail("n1 still says that it has diverged");
}

static void lower_number(uint64_t seed)
{
	world_begin(seed, 2);
	run_until_converged("the start");
	if (!first_is_source())
		return;
	begin_alone();
	choose(&world->node[1]);
	if (!chosen_is_source())
		sim_fail("who was chosen is not source");
}

static void all_seeds(void (*body)(uint64_t seed))
{
	uint64_t seed;

	for (seed = 1; seed <= 100; seed++)
		if (!sim_run(body, seed))
			fail_msg("seed %d: %s", (int)seed, sim_why);
}

static void chosen_behind(void **state)
{
	(void)state;
	all_seeds(behind);
	assert_true(published_more);
}

static void chosen_with_a_lower_number(void **state)
{
	(void)state;
	all_seeds(lower_number);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chosen_behind),
	    cmocka_unit_test(chosen_with_a_lower_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
