/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../intent/workdir.h"

#include "enforce.h"

#define NOW 1800000000
#define ZONE "z.example"

/* What an ack leaves in the ledger. */

static int setup(void **state)
{
	struct zone_row row = {.zone = ZONE, .ever = true, .serial = 7};

	(void)state;
	return workdir_make() < 0 ? -1 : ledger_zone_put(ledger, &row, NULL);
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

static struct key_clock clock_now(void)
{
	struct zone_row row;

	assert_int_equal(ledger_zone_get(ledger, ZONE, &row, NULL), 0);
	assert_int_equal(row.serial, 7);
	return row.clock;
}

static void a_hold(void **state)
{
	struct key_clock clock = {.since = NOW, .ttl = 60, .pending = NOW + 5};
	uint64_t before, after;
	struct why why;

	(void)state;
	assert_int_equal(ledger_clock_put(ledger, ZONE, &clock, &why), 0);
	assert_int_equal(enforce_acked(ledger, ZONE, &why), 0);
	assert_true(clock_now().acked);
	assert_int_equal(clock_now().pending, NOW + 5);
	/* said again, it is not written again: what is written travels */
	assert_int_equal(ledger_zone_version(ledger, &before, &why), 0);
	assert_int_equal(enforce_acked(ledger, ZONE, &why), 0);
	assert_int_equal(ledger_zone_version(ledger, &after, &why), 0);
	assert_int_equal(before, after);
}

static void unknown_zone(void **state)
{
	struct why why;

	(void)state;
	assert_int_equal(enforce_acked(ledger, "no.example", &why), -ENOENT);
	assert_string_equal(why.text, "zone no.example was never published "
	                              "here: nothing waits for it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_hold, setup, teardown),
	    cmocka_unit_test_setup_teardown(unknown_zone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
