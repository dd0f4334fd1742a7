/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "upstream.h"

#define NOW 1800000000

static void table(void **state)
{
	static const struct {
		bool keeps, by_validity, fresher;
		int64_t left; /* of 1000 s; 0 = nothing runs out */
		enum upstream_verdict want;
	} rows[] = {
	    {true, false, false, 1000, UPSTREAM_WELL},
	    {true, false, false, 750, UPSTREAM_WELL},
	    {true, false, false, 749, UPSTREAM_STUCK},
	    {true, false, false, 500, UPSTREAM_STUCK},
	    {true, false, false, 499, UPSTREAM_RAISE},
	    {true, false, false, -5, UPSTREAM_RAISE},
	    {true, false, false, 0, UPSTREAM_WELL},
	    {true, false, true, 499, UPSTREAM_WELL},
	    {false, false, false, 499, UPSTREAM_WELL},
	    {true, true, false, 375, UPSTREAM_WELL},
	    {true, true, false, 374, UPSTREAM_STUCK},
	    {true, true, false, 250, UPSTREAM_STUCK},
	    {true, true, false, 249, UPSTREAM_RAISE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct expiry e = {
		    .at = rows[i].left ? NOW + rows[i].left : 0,
		    .span = 1000,
		    .by_validity = rows[i].by_validity,
		    .keeps = rows[i].keeps};

		if (upstream_judge(&e, rows[i].fresher, NOW) != rows[i].want)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(table)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
