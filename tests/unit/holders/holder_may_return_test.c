/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "holders.h"

static void joins_once_it_is_level(void **state)
{
	struct holder_facts f = {.left = LEFT_NOT, .fencing = true};

	(void)state;
	assert_false(holder_may_return(&f));
	f.clean_ms = 1;
	assert_true(holder_may_return(&f));
}

static void removed_one_waits(void **state)
{
	struct holder_facts f = {
	    .left = LEFT_NOT, .removed = true, .clean_ms = 29999};

	(void)state;
	assert_false(holder_may_return(&f));
	f.clean_ms = 30000;
	assert_true(holder_may_return(&f));
}

/* What is published while it is behind, it lacks. */
static void never_while_behind(void **state)
{
	struct holder_facts f = {
	    .left = LEFT_NOT, .clean_ms = 3600000, .lag_ms = 1};

	(void)state;
	assert_false(holder_may_return(&f));
}

static void never_while_out(void **state)
{
	struct holder_facts f = {.clean_ms = 3600000};

	(void)state;
	for (f.left = LEFT_LEAVE; f.left <= LEFT_UNSEEN; f.left++)
		assert_false(holder_may_return(&f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(joins_once_it_is_level),
	    cmocka_unit_test(removed_one_waits),
	    cmocka_unit_test(never_while_behind),
	    cmocka_unit_test(never_while_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
