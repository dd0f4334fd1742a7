/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* Random faults under a Pacemaker that fences, promotes and restarts.  The
 * world fails the walk when something published is lost or an old term
 * publishes (I6, I2); at its end the faults stop, and one source and holders
 * everywhere are left without a human (I10).
 *
 * WALK=SEED repeats one walk, ODS_LOG_STDERR=1 shows it. */

#define WALKS 60
#define WALKS_OTHER 20 /* barrier=require, off */
#define STEPS 120

static uint64_t dice;

static int roll(int sides)
{
	dice = dice * UINT64_C(6364136223846793005) + 1;
	return (int)((dice >> 33) % (uint64_t)sides);
}

/* When Pacemaker or a human gets round to it, by the clock; 0 = nothing. */
static struct todo {
	int64_t fence, boot, resume, restart;
	bool was_source;
} todo[WORLD_MAX];

static int64_t soon(int max_ms)
{
	return world.now_ms + 100 + roll(max_ms);
}

static bool due(int64_t *at)
{
	if (!*at || world.now_ms < *at)
		return false;
	*at = 0;
	return true;
}

static bool role_is_there(void)
{
	int i;

	for (i = 0; i < world.nodes; i++) {
		const struct syncd *s = &world.node[i].s;

		if (world.node[i].up && world.node[i].power &&
		    (s->role != ROLE_UNPROMOTED || s->restarting ||
		        s->promoting))
			return true;
		if (todo[i].restart && todo[i].was_source)
			return true;
	}
	return false;
}

static void pacemaker_promotes(void)
{
	int i = roll(world.nodes);
	struct vnode *n = &world.node[i];

	if (role_is_there() || !n->up || n->paused || n->s.stopping ||
	    !n->s.quorate || n->s.plan.verdict != PLAN_GO)
		return;
	promote(i, 20000);
}

static void pacemaker_acts(int i)
{
	struct vnode *n = &world.node[i];

	if (due(&todo[i].fence)) {
		fence(i);
		n->side = 0;
		n->paused = n->slow = false;
		todo[i] = (struct todo){.boot = soon(60000)};
	}
	if (due(&todo[i].boot))
		worker_start(i, false);
	if (due(&todo[i].restart) && n->power)
		worker_start(i, todo[i].was_source);
	if (due(&todo[i].resume))
		n->paused = n->slow = false;
	/* Signer and enforcer run where the role is, and nowhere else. */
	n->signer = n->power && (n->s.restarting || is_source(i) ||
	                            (todo[i].restart && todo[i].was_source));
}

static void run_with_pacemaker(int64_t ms)
{
	int64_t end = world.now_ms + ms;
	int i;

	while (world.now_ms < end) {
		tick();
		for (i = 0; i < world.nodes; i++)
			pacemaker_acts(i);
		if (roll(10) == 0)
			pacemaker_promotes();
	}
}

static void break_link(int i)
{
	int loser = i, j;

	if (world.nodes == 2 && roll(2))
		loser = 1 - i;
	for (j = 0; j < world.nodes; j++)
		if (todo[j].fence || !world.node[j].up)
			return; /* one fault of this kind at a time */
	partition(i, 1);
	todo[loser].fence = soon(15000);
	if (loser != i)
		world.node[loser].side = 0;
}

static void kill_worker(int i)
{
	struct vnode *n = &world.node[i];

	todo[i].was_source = is_source(i) || n->s.restarting;
	worker_end(i, LEFT_PROCDOWN);
	todo[i].restart = soon(2000);
	n->paused = false;
	todo[i].resume = 0;
}

static void one_fault(void)
{
	int i = roll(world.nodes);
	struct vnode *n = &world.node[i];

	if (!n->up || todo[i].fence)
		return;
	switch (roll(8)) {
	case 0:
		power_off(i);
		todo[i] = (struct todo){.fence = soon(10000)};
		break;
	case 1:
		break_link(i);
		break;
	case 2:
		kill_worker(i);
		break;
	case 3:
		n->paused = true;
		todo[i].resume = soon(30000);
		break;
	case 4:
		n->slow = true;
		todo[i].resume = soon(30000);
		break;
	case 5:
		if (is_source(i) && !n->paused)
			demote(i, 10000, false);
		break;
	default:
		break;
	}
}

static void mend_all(void)
{
	int i;

	for (i = 0; i < world.nodes; i++) {
		struct vnode *n = &world.node[i];

		if (todo[i].fence)
			todo[i].fence = world.now_ms;
		n->paused = n->slow = false;
	}
	run_with_pacemaker(61000);
	for (i = 0; i < world.nodes; i++)
		partition(i, 0);
	run_with_pacemaker(120000);
}

static void assert_mended(uint64_t seed)
{
	int i, j, source = -1;

	for (i = 0; i < world.nodes; i++)
		if (is_source(i))
			source = i;
	if (sources() != 1)
		fail_msg("walk %d: %d sources; n1: %s; n2: %s", (int)seed,
		    sources(), world.node[0].s.plan.why,
		    world.node[1].s.plan.why);
	for (j = 0; j < world.nodes; j++)
		if (!holder(source, j))
			fail_msg("walk %d: n%d is no holder: %s", (int)seed,
			    j + 1, world.node[j].s.plan.why);
	i = publish(source);
	run_with_pacemaker(2000);
	if (i == 0 || world.published < i)
		fail_msg("walk %d: nothing is published", (int)seed);
}

static void walk(int nodes, uint64_t seed)
{
	int i, step;

	dice = seed * 7919 + 13;
	memset(todo, 0, sizeof(todo));
	cluster_begin(nodes);
	for (step = 0; step < STEPS; step++) {
		for (i = 0; i < nodes; i++)
			if (roll(3))
				publish(i);
		if (roll(4) == 0)
			one_fault();
		run_with_pacemaker(100 + roll(roll(4) ? 1500 : 12000));
		assert_true(sources() <= 2); /* the other one is cut off */
	}
	mend_all();
	assert_mended(seed);
	world_end();
}

static void walks(int nodes, int count)
{
	const char *one = getenv("WALK");
	uint64_t seed;

	for (seed = 1; seed <= (uint64_t)count; seed++)
		if (!one || strtoull(one, NULL, 10) == seed)
			walk(nodes, seed);
}

static void two_nodes(void **state)
{
	(void)state;
	walks(2, WALKS);
}

static void three_nodes(void **state)
{
	(void)state;
	walks(3, WALKS);
}

static void require(void **state)
{
	(void)state;
	begin_barrier = BARRIER_REQUIRE;
	walks(2, WALKS_OTHER);
	walks(3, WALKS_OTHER);
}

/* Versions may be lost; what an old term publishes, and a cluster that does
 * not mend itself, are failures all the same. */
static void off(void **state)
{
	(void)state;
	begin_barrier = BARRIER_OFF;
	walks(2, WALKS_OTHER);
	walks(3, WALKS_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(two_nodes, end),
	    cmocka_unit_test_teardown(three_nodes, end),
	    cmocka_unit_test_teardown(require, end),
	    cmocka_unit_test_teardown(off, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
