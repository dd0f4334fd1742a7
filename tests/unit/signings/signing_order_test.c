/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "signings.h"

/* What runs out first, then by name; what never runs out, or is not served,
 * is last. */
static void first_what_runs_out_first(void **state)
{
	static const int64_t expires[] = {0, 500, -3, 0, 400, 500, INT64_MAX};
	static const int want[] = {2, 4, 1, 5, 6, 0, 3};
	struct zone_entry zone[7];
	struct signing s[7] = {0};
	int i;

	(void)state;
	for (i = 0; i < 7; i++) {
		s[i].zone = &zone[i];
		s[i].expires = expires[i];
	}
	qsort(s, 7, sizeof(s[0]), signing_order);
	for (i = 0; i < 7; i++)
		assert_ptr_equal(s[i].zone, &zone[want[i]]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_what_runs_out_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
