/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* A holder burns, its fencing fails, and a new machine takes its place. */

static struct id burnt;

static void new_machine(int i)
{
	struct vnode *n = &world.node[i];

	burnt = n->id;
	memset(&n->disk, 0, sizeof(n->disk));
	id_random(&n->id);
	n->starts = 0;
	worker_start(i, false);
}

static int forget(const char *name)
{
	struct why why = {0};
	int rc = forget_typed(&as(0)->s, name, &why);

	if (rc < 0)
		print_message("forget %s: %s\n", name, why.text);
	run_ms(2000);
	return rc;
}

/* By the same name and Corosync id, as a reinstallation has. */
static void reinstalled_unfenced(void **state)
{
	int version;

	(void)state;
	power_off(1);
	run_ms(8000);
	assert_non_null(strstr(world.node[0].s.held_why, "fencing of n2"));
	version = publish(0);
	new_machine(1);
	run_ms(60000);
	print_message("held: %s\n", world.node[0].s.held_why);
	if (world.published < version) {
		assert_non_null(
		    strstr(world.node[0].s.held_why, "ods-cluster forget"));
		assert_int_equal(forget("n2"), 0); /* as it says */
	}
	run_ms(40000);
	assert_int_equal(world.published, version);
	assert_true(holder(0, 1));
}

/* The source burnt, was fenced, and was reinstalled before anybody could be
 * promoted. */
static void source_reinstalled_fenced(void **state)
{
	(void)state;
	fence(0);
	run_ms(40000);
	assert_true(facts_fenced(&world.node[1].s.member[0]));
	new_machine(0);
	run_ms(30000);
	promote(1, 20000);
	run_ms(21000);
	assert_promoted(1);
}

/* Nobody knows whether the old one still runs. */
static void source_reinstalled_unfenced(void **state)
{
	(void)state;
	power_off(0);
	run_ms(8000);
	new_machine(0);
	run_ms(30000);
	promote(1, 20000);
	run_ms(21000);
	assert_false(is_source(1));
	print_message("why: %s\n", world.node[1].conn.why);
	assert_non_null(
	    strstr(world.node[1].conn.why, "ods-cluster init --source n2"));
}

/* The ledger of the source is gone, its machine is not. */
static void source_without_its_ledger(void **state)
{
	(void)state;
	worker_end(0, LEFT_PROCDOWN);
	world.node[0].signer = false;
	run_ms(1000);
	new_machine(0);
	run_ms(30000);
	promote(1, 20000);
	run_ms(21000);
	assert_promoted(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        reinstalled_unfenced, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        source_reinstalled_fenced, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        source_reinstalled_unfenced, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        source_without_its_ledger, cluster2, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
