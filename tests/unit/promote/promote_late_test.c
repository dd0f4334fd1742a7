/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* The verdict is "ready": what a promote that came to nothing has waited for is
 * something else. */

static void assert_late(int i, const char *why)
{
	promote(i, 3000);
	run_ms(4000);
	assert_int_equal(world.node[i].conn.rc, -ETIMEDOUT);
	assert_string_equal(world.node[i].conn.why, why);
}

static void what_was_received_is_not_applied(void **state)
{
	(void)state;
	fence(0);
	run_ms(500);
	world.node[1].engine.applying = true;
	assert_late(1, "received state is still being applied");
}

/* One that hangs comes back from a partition, and says nothing. */
static void a_node_has_not_said_hello(void **state)
{
	(void)state;
	fence(0);
	run_ms(500);
	partition(2, 1);
	run_ms(500);
	world.node[2].paused = true;
	partition(2, 0);
	assert_late(1, "n3 is in the group and has not told what it has: is "
	               "ocf-ods the same there? See its log");
}

#define T(t) cmocka_unit_test_setup_teardown(t, cluster3, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_was_received_is_not_applied),
	    T(a_node_has_not_said_hello),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
