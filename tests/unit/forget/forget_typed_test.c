/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* n3 burns, nobody can fence it, and an admin removes it from the cluster. */

static void burn(void)
{
	power_off(2);
	run_ms(8000);
	assert_true(world.node[0].s.held_since_ms > 0);
}

static void removed_from_the_cluster(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		world.node[i].s.member[2].listed = false;
		world.node[i].s.configured = 2;
	}
	run_ms(1000);
}

static int forget(const char *name)
{
	struct why why = {0};
	int rc = forget_typed(&as(0)->s, name, &why);

	if (rc < 0)
		assert_true(strlen(why.text) > 0);
	run_ms(2000);
	return rc;
}

static void publishing_goes_on(void **state)
{
	int version;

	(void)state;
	burn();
	assert_int_equal(forget("n3"), -EBUSY);
	version = publish(0);
	removed_from_the_cluster();
	assert_true(world.published < version);
	assert_non_null(strstr(world.node[0].s.held_why, "forget n3"));
	assert_int_equal(forget("n3"), 0);
	assert_int_equal(world.published, version);
	assert_false(holder(0, 2));
	assert_int_equal(world.node[0].s.held_since_ms, 0);
	assert_int_equal(world.node[0].s.record.voters, 2);
	assert_int_equal(forget("n3"), -ENOENT);
}

/* The worker has been started again and knows it from the ledger's record
 * alone. */
static void never_seen(void **state)
{
	int version;

	(void)state;
	burn();
	removed_from_the_cluster();
	world.node[0].s.member[2].known = false;
	version = publish(0);
	run_ms(2000);
	assert_true(world.published < version);
	forget_heard(&as(0)->s, &world.node[2].id);
	run_ms(2000);
	assert_int_equal(world.published, version);
}

static void refused(void **state)
{
	(void)state;
	assert_int_equal(forget("n2"), -EBUSY);
	assert_int_equal(forget("n1"), -EBUSY);
	assert_int_equal(forget("n9"), -EINVAL);
	assert_int_equal(forget(""), -EINVAL);
	burn();
	removed_from_the_cluster();
	demote(0, 3000, false);
	run_ms(4000);
	assert_int_equal(forget("n3"), -EPERM);
}

/* It was not gone for ever. */
static void it_comes_back(void **state)
{
	(void)state;
	burn();
	removed_from_the_cluster();
	assert_int_equal(forget("n3"), 0);
	world.node[0].s.member[2].listed = true;
	world.node[1].s.member[2].listed = true;
	worker_start(2, false);
	run_ms(40000);
	assert_int_equal(world.node[0].s.forgotten.count, 0);
	assert_true(holder(0, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(publishing_goes_on, cluster3, end),
	    cmocka_unit_test_setup_teardown(never_seen, cluster3, end),
	    cmocka_unit_test_setup_teardown(refused, cluster3, end),
	    cmocka_unit_test_setup_teardown(it_comes_back, cluster3, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
