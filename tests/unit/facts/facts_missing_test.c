/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* A node boots without the file system of OpenDNSSEC's files. */

static void put_database(int i, const char *path)
{
	struct syncd *s = &world.node[i].s;

	snprintf(s->conf.database, sizeof(s->conf.database), "%s", path);
}

static void unmount(int i)
{
	world.node[i].disk.had_db = true;
	put_database(i, "/nonexistent/kasp.db");
}

static void all_stop(void)
{
	int i;

	demote(0, 20000, false);
	world.node[0].signer = false;
	run_ms(1000);
	for (i = 0; i < 2; i++)
		worker_end(i, LEFT_LEAVE);
	run_ms(1000);
	for (i = 0; i < 2; i++)
		worker_start(i, false);
}

static void cold_start(void **state)
{
	(void)state;
	all_stop();
	unmount(0);
	run_ms(5000);
	promote(0, 3000);
	run_ms(5000);
	assert_false(is_source(0));
	assert_non_null(strstr(world.node[0].conn.why, "/nonexistent/kasp.db"));
	put_database(0, "/proc/self/exe"); /* mounted */
	promote(0, 20000);
	run_ms(5000);
	assert_promoted(0);
}

static void another_node_has_it(void **state)
{
	(void)state;
	all_stop();
	unmount(0);
	run_ms(5000);
	promote(1, 20000);
	run_ms(5000);
	assert_promoted(1);
}

/* With MySQL, or before the first generation. */
static void nothing_was_here(void **state)
{
	(void)state;
	all_stop();
	unmount(0);
	world.node[0].disk.had_db = false;
	assert_null(facts_missing(&as(0)->s));
	unmount(0);
	assert_non_null(facts_missing(&as(0)->s));
	put_database(0, "");
	assert_null(facts_missing(&as(0)->s));
	put_database(0, "/proc/self/exe/kasp.db");
	assert_non_null(facts_missing(&as(0)->s));
}

/* The new history begins with what is here. */
static void an_admin_says_so(void **state)
{
	struct control c = {.type = CONTROL_INIT, .node = world.node[0].id};

	(void)state;
	all_stop();
	unmount(0);
	run_ms(5000);
	group_send(&as(0)->s, &c);
	run_ms(1000);
	promote(0, 20000);
	run_ms(5000);
	assert_promoted(0);
	assert_false(world.node[0].disk.had_db);
}

static void restarted_source(void **state)
{
	struct syncd *s = &as(0)->s;

	(void)state;
	worker_end(0, LEFT_PROCDOWN);
	worker_start(0, true);
	unmount(0);
	run_ms(10000);
	assert_false(is_source(0));
	assert_true(s->restarting);
	assert_non_null(strstr(s->held_why, "/nonexistent/kasp.db"));
	put_database(0, "/proc/self/exe");
	run_ms(5000);
	assert_promoted(0);
	assert_int_equal(s->held_since_ms, 0);
}

#define ON2(t) cmocka_unit_test_setup_teardown(t, cluster2, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON2(cold_start),
	    ON2(another_node_has_it),
	    ON2(nothing_was_here),
	    ON2(an_admin_says_so),
	    ON2(restarted_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
