/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "enforce.h"

#define NOW 1800000000
#define ZONE "z.example"

/* enforce_served(), enforce_held(), enforce_acked(): what they leave in the
 * ledger. */

static char dir[64];
static struct ledger *ledger;

static int setup(void **state)
{
	struct zone_row row = {.zone = ZONE, .ever = true, .serial = 7};
	struct why why;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-enforce.XXXXXX");
	if (!mkdtemp(dir) || ledger_open(dir, &ledger, &why) < 0)
		return -1;
	return ledger_zone_put(ledger, &row, &why);
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	ledger_close(ledger);
	snprintf(path, sizeof(path), "%s/ledger.db", dir);
	unlink(path);
	return rmdir(dir);
}

static struct zone_row row_now(void)
{
	struct zone_row row;
	struct why why;

	assert_int_equal(ledger_zone_get(ledger, ZONE, &row, &why), 0);
	assert_int_equal(row.serial, 7);
	return row;
}

static void a_hold(void **state)
{
	struct key_set set = {
	    .dnskey = "d1", .asked = "a1", .ttl = 60, .first = true};
	struct why why;

	(void)state;
	assert_int_equal(enforce_served(ledger, ZONE, &set, NOW, &why), 0);
	assert_int_equal(row_now().clock.since, NOW);
	assert_int_equal(
	    enforce_held(ledger, ZONE, NOW + 5, false, NOW + 9, &why), 0);
	assert_int_equal(row_now().clock.pending, NOW + 5);
	assert_false(row_now().clock.stuck);
	assert_int_equal(
	    enforce_held(ledger, ZONE, NOW + 9, true, NOW + 9, &why), 0);
	assert_int_equal(row_now().clock.pending, NOW + 5);
	assert_true(row_now().clock.stuck);
	assert_int_equal(enforce_acked(ledger, ZONE, &why), 0);
	assert_true(row_now().clock.acked);
	set.dnskey = "d2";
	assert_int_equal(enforce_served(ledger, ZONE, &set, NOW + 99, &why), 0);
	assert_int_equal(row_now().clock.pending, 0);
	assert_int_equal(row_now().clock.lag, 94);
	assert_int_equal(row_now().clock.since, NOW + 99);
	assert_false(row_now().clock.acked);
	assert_string_equal(row_now().clock.dnskey, "d2");
}

/* A publisher says it with each pass. */
static void said_again(void **state)
{
	struct key_set set = {.dnskey = "d1", .asked = "", .ttl = 60};
	uint64_t before, after;
	struct why why;

	(void)state;
	assert_int_equal(enforce_served(ledger, ZONE, &set, NOW, &why), 0);
	assert_int_equal(enforce_held(ledger, ZONE, NOW, true, NOW, &why), 0);
	assert_int_equal(enforce_acked(ledger, ZONE, &why), 0);
	assert_int_equal(ledger_zone_version(ledger, &before, &why), 0);
	assert_int_equal(enforce_served(ledger, ZONE, &set, NOW + 9, &why), 0);
	assert_int_equal(
	    enforce_held(ledger, ZONE, NOW + 8, true, NOW + 9, &why), 0);
	assert_int_equal(enforce_acked(ledger, ZONE, &why), 0);
	assert_int_equal(ledger_zone_version(ledger, &after, &why), 0);
	assert_int_equal(before, after);
	assert_int_equal(enforce_level(ledger, ZONE, &why), 0);
	assert_int_equal(row_now().clock.pending, 0);
	assert_false(row_now().clock.stuck);
}

static void unknown_zone(void **state)
{
	struct key_set set = {.dnskey = "d1", .asked = ""};
	struct why why;

	(void)state;
	assert_int_equal(
	    enforce_served(ledger, "no.example", &set, NOW, &why), -ENOENT);
	assert_int_equal(
	    enforce_held(ledger, "no.example", NOW, false, NOW, &why), -ENOENT);
	assert_int_equal(enforce_level(ledger, "no.example", &why), -ENOENT);
	assert_int_equal(enforce_acked(ledger, "no.example", &why), -ENOENT);
	assert_string_equal(why.text, "zone no.example was never published "
	                              "here: nothing waits for it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_hold, setup, teardown),
	    cmocka_unit_test_setup_teardown(said_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(unknown_zone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
