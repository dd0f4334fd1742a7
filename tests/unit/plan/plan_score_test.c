/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "plan.h"

static void scores(void **state)
{
	struct plan plan = {.verdict = PLAN_GO, .preferred = true};

	(void)state;
	assert_int_equal(plan_score(&plan), 900);
	plan.preferred = false;
	assert_int_equal(plan_score(&plan), 780);
	plan.preferred = true;
	plan.verdict = PLAN_NOT_YET;
	assert_int_equal(plan_score(&plan), INT_MIN);
	plan.verdict = PLAN_REFUSE;
	assert_int_equal(plan_score(&plan), INT_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(scores)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
