/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lasting.h"

#define NOW 1800000000

static void ten_minutes_are_an_alarm(void **state)
{
	struct lasting l = {0};
	char text[WHY_MAX];

	(void)state;
	assert_false(lasting_alarm(&l, NOW, text));
	lasting_note(&l, "a is bad", NOW);
	assert_false(lasting_alarm(&l, NOW + 599, text));
	assert_string_equal(text, "");
	/* whatever it is: it has not worked since */
	lasting_note(&l, "b is bad", NOW + 599);
	assert_true(lasting_alarm(&l, NOW + 600, text));
	assert_string_equal(text, "b is bad, since 2027-01-15 08:00:00 UTC: "
	                          "see the log of ods-syncd");
	lasting_note(&l, "", NOW + 601);
	assert_false(lasting_alarm(&l, NOW + 1300, text));
	assert_string_equal(text, "");
	lasting_note(&l, "c", NOW + 1300);
	assert_false(lasting_alarm(&l, NOW + 1400, text));
}

/* The clock was ahead when it began. */
static void clock_is_set_back(void **state)
{
	struct lasting l = {0};
	char text[WHY_MAX];

	(void)state;
	lasting_note(&l, "a", NOW + 99999);
	lasting_note(&l, "a", NOW);
	assert_true(lasting_alarm(&l, NOW + 600, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ten_minutes_are_an_alarm),
	    cmocka_unit_test(clock_is_set_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
