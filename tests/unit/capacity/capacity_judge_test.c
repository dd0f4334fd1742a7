/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "capacity.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void how_full(void **state)
{
	static const struct {
		long used, max;
		int warn;
		enum capacity want;
	} table[] = {
	    {0, 0, 90, CAPACITY_UNKNOWN},
	    {5000, 0, 90, CAPACITY_UNKNOWN},
	    {0, 1000, 90, CAPACITY_OK},
	    {899, 1000, 90, CAPACITY_OK},
	    {900, 1000, 90, CAPACITY_WARN},
	    {999, 1000, 90, CAPACITY_WARN},
	    {1000, 1000, 90, CAPACITY_FULL},
	    {1001, 1000, 90, CAPACITY_FULL},
	    {2, 3, 67, CAPACITY_OK},
	    {2, 3, 66, CAPACITY_WARN},
	    {999, 1000, 100, CAPACITY_OK},
	    {1, 1000, 0, CAPACITY_WARN},
	    {LONG_MAX - 1, LONG_MAX, 90, CAPACITY_WARN},
	    {LONG_MAX / 2, LONG_MAX, 90, CAPACITY_OK},
	};
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		memset(&why, 0, sizeof(why));
		if (capacity_judge("R", table[i].used, table[i].max,
		        table[i].warn, &why) != table[i].want)
			fail_msg("row %zu", i);
		assert_int_equal(
		    why.text[0] != '\0', table[i].want >= CAPACITY_WARN);
	}
}

static void says_what_to_do(void **state)
{
	struct why why;

	(void)state;
	capacity_judge("SoftHSM", 950, 1000, 90, &why);
	assert_string_equal(why.text,
	    "repository SoftHSM holds 950 keys of 1000 (95 %): ods-enforcer "
	    "key purge, or more room in the HSM and <Capacity>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(how_full),
	    cmocka_unit_test(says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
