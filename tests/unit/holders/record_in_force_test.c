/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "holders.h"
#include "record.h"

static void two_voters(void **state)
{
	(void)state;
	assert_true(record_in_force(1, 1, true));
	assert_true(record_in_force(2, 1, true)); /* the other is not here */
	assert_true(record_in_force(2, 2, true));
	assert_false(record_in_force(2, 1, false));
	assert_false(record_in_force(2, 2, false));
}

/* More: a majority has stored it, and everybody who is here.  Any two
 * majorities meet. */
static void majority(void **state)
{
	int voters, stored;

	(void)state;
	for (voters = 3; voters <= NODES_MAX; voters++)
		for (stored = 1; stored <= voters; stored++) {
			assert_int_equal(record_in_force(voters, stored, true),
			    stored > voters - stored);
			assert_false(record_in_force(voters, stored, false));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_voters),
	    cmocka_unit_test(majority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
