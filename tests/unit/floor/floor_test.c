/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "floor.h"

#define HALF UINT32_C(0x80000000)

static void the_highest_and_a_step(void **state)
{
	static const struct {
		bool has;
		uint32_t last;
		size_t count;
		uint32_t served[3];
		bool want;
		uint32_t floor;
	} cases[] = {
	    /* nothing is known */
	    {false, 0, 0, {0}, false, 0},
	    {false, 77, 0, {0}, false, 0},
	    /* the ledger alone */
	    {true, 0, 0, {0}, true, 1000},
	    {true, 41, 0, {0}, true, 1041},
	    /* a server alone, and whatever a zero row says */
	    {false, 0, 1, {41}, true, 1041},
	    {false, 5000, 1, {41}, true, 1041},
	    {false, 0, 1, {UINT32_MAX}, true, 999},
	    {false, 0, 2, {41, 43}, true, 1043},
	    {false, 0, 2, {43, 41}, true, 1043},
	    /* both */
	    {true, 41, 1, {40}, true, 1041},
	    {true, 41, 1, {41}, true, 1041},
	    {true, 41, 1, {42}, true, 1042},
	    {true, 41, 3, {44, 43, 42}, true, 1044},
	    {true, 41, 3, {7, 45, 6}, true, 1045},
	    /* serials wrap (RFC 1982) */
	    {true, UINT32_MAX, 0, {0}, true, 999},
	    {true, UINT32_MAX - 5, 1, {3}, true, 1003},
	    {true, 3, 1, {UINT32_MAX - 5}, true, 1003},
	    {true, UINT32_MAX - 999, 0, {0}, true, 0},
	    {true, 7, 1, {HALF + 6}, true, HALF + 1006},
	    /* half of the way round is above nothing */
	    {true, 7, 1, {HALF + 7}, true, 1007},
	    {true, 7, 1, {HALF + 8}, true, 1007},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t floor = 0;
		bool got = floor_of(cases[i].has, cases[i].last,
		    cases[i].served, cases[i].count, &floor);

		if (got != cases[i].want || (got && floor != cases[i].floor))
			fail_msg("case %zu: %d %u", i, got, floor);
	}
}

static uint32_t last_of(const struct zone_row *row)
{
	uint32_t last;

	assert_true(floor_last(row, &last));
	return last;
}

static void what_the_next_is_above(void **state)
{
	struct zone_row row = {.serial = 7};
	uint32_t last;

	(void)state;
	assert_false(floor_last(&row, &last));
	row.ever = true;
	assert_int_equal(last_of(&row), 7);
	assert_int_equal(floor_put(&row, 1007, 5), 0);
	assert_int_equal(last_of(&row), 1007);
	assert_string_equal(row.past, "floor 1007 5\n");
	row.serial = 1008;
	assert_int_equal(last_of(&row), 1008);
	row.serial = 7;
	row.ever = false; /* of a zone that the ledger has never seen */
	assert_int_equal(last_of(&row), 1007);
	row.serial = 2000;
	assert_int_equal(last_of(&row), 1007);
	/* behind the wrap */
	memset(&row, 0, sizeof(row));
	row.ever = true;
	row.serial = UINT32_MAX;
	assert_int_equal(floor_put(&row, 999, 5), 0);
	assert_int_equal(last_of(&row), 999);
}

static void it_is_never_lowered(void **state)
{
	struct zone_row row = {.ever = true, .serial = 7};

	(void)state;
	assert_int_equal(floor_put(&row, 1007, 5), 0);
	assert_int_equal(floor_put(&row, 1006, 6), 0);
	assert_string_equal(row.past, "floor 1007 5\n");
	assert_int_equal(floor_put(&row, 1008, 7), 0);
	assert_string_equal(row.past, "floor 1008 7\n");
}

static void a_full_row_says_so(void **state)
{
	struct zone_row row = {.ever = true, .serial = 7};

	(void)state;
	while (strlen(row.past) < ZONE_PAST_MAX - 20)
		strcat(row.past, "ack insecure 1\n");
	assert_int_equal(floor_put(&row, 1007, 1234567890), -ENOSPC);
	assert_null(strstr(row.past, "floor "));
}

static void it_stays_until_something_above_is_served(void **state)
{
	struct zone_row row = {.ever = true, .serial = 7};

	(void)state;
	floor_put(&row, 1007, 5);
	floor_served(&row); /* what was on its way out is installed */
	assert_int_equal(last_of(&row), 1007);
	row.serial = 1006;
	floor_served(&row);
	assert_int_equal(last_of(&row), 1007);
	row.serial = 1008;
	floor_served(&row);
	assert_string_equal(row.past, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_highest_and_a_step),
	    cmocka_unit_test(what_the_next_is_above),
	    cmocka_unit_test(it_is_never_lowered),
	    cmocka_unit_test(a_full_row_says_so),
	    cmocka_unit_test(it_stays_until_something_above_is_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
