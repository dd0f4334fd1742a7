/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "deadline.h"

static void past_and_future(void **state)
{
	(void)state;
	assert_int_equal(deadline_left_ms(deadline_in_ms(-5)), 0);
	assert_true(deadline_passed(deadline_in_ms(0)));
	assert_false(deadline_passed(deadline_in_ms(10000)));
	assert_in_range(deadline_left_ms(deadline_in_ms(10000)), 9000, 10000);
	assert_int_equal(
	    deadline_left_ms(deadline_in_ms(INT64_MAX / 2)), INT_MAX);
}

static void step_is_the_earlier(void **state)
{
	struct deadline d = deadline_in_ms(1000);

	(void)state;
	assert_int_equal(deadline_step(d, 60000).at_ms, d.at_ms);
	assert_true(deadline_step(d, 10).at_ms < d.at_ms);
}

static void sleep_ends_at_the_deadline(void **state)
{
	int64_t begun = clock_monotonic_ms();

	(void)state;
	deadline_sleep_ms(deadline_in_ms(30), 60000);
	assert_in_range(clock_monotonic_ms() - begun, 29, 5000);
	begun = clock_monotonic_ms();
	deadline_sleep_ms(deadline_in_ms(60000), 30);
	assert_in_range(clock_monotonic_ms() - begun, 29, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(past_and_future),
	    cmocka_unit_test(step_is_the_earlier),
	    cmocka_unit_test(sleep_ends_at_the_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
