/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* Which success of Pacemaker's fencing history is the one that is waited for:
 * its nodes tell each other late. */

/* N2 is cut off: may the source go on without it? */
static bool counts_as_fenced(void)
{
	int version;

	partition(1, 1);
	version = publish(0);
	run_ms(20000);
	return world.published == version;
}

static void back_after_a_fencing(int64_t ms)
{
	fence(1);
	run_ms(31000);
	assert_false(holder(0, 1));
	world.fenced[1]--; /* Pacemaker here has been restarted */
	run_ms(31000);
	worker_start(1, false);
	run_ms(ms);
	world.fenced[1]++;
	run_ms(40000);
	assert_true(holder(0, 1));
}

static void told_late(void **state)
{
	(void)state;
	back_after_a_fencing(3000);
	assert_false(counts_as_fenced());
}

/* Told by a node that came later still. */
static void told_very_late(void **state)
{
	(void)state;
	back_after_a_fencing(40000);
	assert_false(counts_as_fenced());
}

/* A node that is cut off in the time in which its history settles. */
static void cut_off_soon(void **state)
{
	int version;

	(void)state;
	worker_end(1, LEFT_PROCDOWN);
	run_ms(500);
	worker_start(1, false);
	run_ms(3000);
	if (!holder(0, 1))
		run_ms(30000);
	partition(1, 1);
	version = publish(0);
	run_ms(1000);
	assert_true(world.published < version);
	fence(1);
	run_ms(1000);
	assert_int_equal(world.published, version);
}

#define ON2(t) cmocka_unit_test_setup_teardown(t, cluster2, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON2(told_late),
	    ON2(told_very_late),
	    ON2(cut_off_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
