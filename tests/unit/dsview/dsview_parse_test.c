/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "dsview.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct dsview v;
static char facts[256];

static void of_each_zone(void **state)
{
	(void)state;
	assert_true(
	    dsview_parse(&v, strdup("zone b\nds 13 7 everywhere\nds 8 "
	                            "65535\nzone a\nzone c\nds 13 1\n")));
	assert_true(dsview_zone(&v, "b", facts, sizeof(facts)));
	assert_string_equal(facts, "ds 13 7 - everywhere\nds 8 65535 -\n");
	assert_true(dsview_zone(&v, "a", facts, sizeof(facts)));
	assert_string_equal(facts, "");
	assert_true(dsview_zone(&v, "c", facts, sizeof(facts)));
	assert_string_equal(facts, "ds 13 1 -\n");
	/* one that kasp.db does not have is not known */
	assert_false(dsview_zone(&v, "d", facts, sizeof(facts)));
	/* half of them would be wrong */
	assert_false(dsview_zone(&v, "b", facts, 15));
}

static void no_answer(void **state)
{
	static const char *const bad[] = {"ds 13 7\nzone a\n",
	    "zone a\nds 13\n", "zone a\nds 13 7", "zone a\nds 256 7\n",
	    "zone a\nds 13 65536\n", "zone a\nds 13 7 x\n", "error\n"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(dsview_parse(&v, strdup(bad[i])));
		assert_false(dsview_zone(&v, "a", facts, sizeof(facts)));
	}
	assert_true(dsview_parse(&v, strdup("")));
	assert_false(dsview_zone(&v, "a", facts, sizeof(facts)));
}

static int end(void **state)
{
	(void)state;
	dsview_free(&v);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(of_each_zone, end),
	    cmocka_unit_test_teardown(no_answer, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
