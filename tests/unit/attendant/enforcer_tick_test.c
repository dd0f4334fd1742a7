/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "attending.h"

/* When the enforcer is allowed: after a signer has read all signconfs, and
 * its clock permits. */

static void not_before_all_signconfs_are_read(void **state)
{
	int before;

	(void)state;
	begin();
	wait_until_allowed(false);
	assert_string_equal(verdict().why, "no signer is ready");
	ready = true;
	usleep(500000);
	assert_false(verdict().allow);
	assert_true(stops > 0);
	listens = true;
	wait_until_allowed(true);
	before = stops;
	usleep(300000);
	assert_int_equal(stops, before);
	ready = false;
	wait_until_allowed(false);
	usleep(300000);
	assert_true(stops > before);
}

static void a_zone_is_waited_for(void **state)
{
	struct zone_row row = {.zone = "z",
	    .serial = 7,
	    .served_serial = 7,
	    .ever = true,
	    .state = ZONE_SERVED,
	    .digest = "aa",
	    .served_digest = "aa"};
	struct ledger *l;

	(void)state;
	list_of_one();
	assert_int_equal(ledger_open(dir, &l, NULL), 0);
	assert_int_equal(ledger_zone_put(l, &row, NULL), 0);
	ready = listens = true;
	begin();
	sleep(1);
	assert_true(verdicts > 0);
	assert_false(verdict().allow);
	assert_string_equal(verdict().zone, "z");
	assert_true(clocks > 0);
	assert_int_equal(enforce_acked(l, "z", NULL), 0);
	wait_until_allowed(true);
	ledger_close(l);
}

/* Signing goes on; no key changes. */
static void a_database_that_is_damaged(void **state)
{
	(void)state;
	snprintf(conf.database, sizeof(conf.database), "kasp.db");
	damaged = -EBADMSG;
	ready = listens = true;
	begin();
	usleep(1000000);
	assert_true(strncmp(said, "update --all\n", 13) == 0);
	assert_false(verdict().allow);
	assert_non_null(
	    strstr(verdict().trouble, "kasp.db is damaged: restore"));
	assert_int_equal(looked_at, 1); /* again in a minute */
	/* the next signer: it was restored */
	damaged = 0;
	ready = false;
	usleep(300000);
	ready = true;
	wait_until_allowed(true);
	assert_string_equal(verdict().trouble, "");
	usleep(300000);
	assert_int_equal(looked_at, 2);
}

/* It takes too long, or the program is not there: nobody knows. */
static void a_database_that_was_not_looked_at(void **state)
{
	(void)state;
	snprintf(conf.database, sizeof(conf.database), "kasp.db");
	damaged = -ETIMEDOUT;
	ready = listens = true;
	begin();
	wait_until_allowed(true);
	assert_string_equal(verdict().trouble, "");
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup_dir, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(not_before_all_signconfs_are_read),
	    T(a_zone_is_waited_for),
	    T(a_database_that_is_damaged),
	    T(a_database_that_was_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
