/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "candidate.h"

static void table(void **state)
{
	static const struct {
		bool ever;
		uint32_t last, serial;
		const char *digest;
		enum candidate_verdict want;
		const char *past;
	} cases[] = {
	    {false, 0, 0, "b", CANDIDATE_READY, ""},
	    {false, 9, 1, "b", CANDIDATE_READY, ""},
	    {true, 9, 10, "b", CANDIDATE_READY, ""},
	    {true, 9, 9, "a", CANDIDATE_READY, ""}, /* the same once more */
	    {true, 9, 9, "b", CANDIDATE_LOW, ""},
	    {true, 9, 8, "a", CANDIDATE_LOW, ""},
	    {true, UINT32_MAX, 0, "b", CANDIDATE_READY, ""},
	    {true, 0, UINT32_MAX, "b", CANDIDATE_LOW, ""},
	    {true, 0, UINT32_C(0x7fffffff), "b", CANDIDATE_READY, ""},
	    {true, 0, UINT32_C(0x80000000), "b", CANDIDATE_LOW, ""},
	    /* its floor */
	    {true, 9, 10, "b", CANDIDATE_LOW, "floor 1009 5\n"},
	    {true, 9, 1009, "b", CANDIDATE_LOW, "floor 1009 5\n"},
	    {true, 9, 1010, "b", CANDIDATE_READY, "floor 1009 5\n"},
	    {true, 9, 9, "a", CANDIDATE_READY, "floor 1009 5\n"},
	    {false, 0, 1009, "b", CANDIDATE_LOW, "floor 1009 5\n"},
	    {false, 0, 0, "a", CANDIDATE_LOW, "floor 1009 5\n"},
	    {false, 0, 1010, "b", CANDIDATE_READY, "floor 1009 5\n"},
	    {true, 2000, 1999, "b", CANDIDATE_LOW, "floor 1009 5\n"},
	    {true, UINT32_MAX, 999, "b", CANDIDATE_LOW, "floor 999 5\n"},
	    {true, UINT32_MAX, 1000, "b", CANDIDATE_READY, "floor 999 5\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct zone_row row = {.ever = cases[i].ever,
		    .serial = cases[i].last,
		    .digest = "a"};

		strcpy(row.past, cases[i].past);
		if (candidate_serial(&row, cases[i].serial, cases[i].digest) !=
		    cases[i].want)
			fail_msg("case %zu", i);
	}
}

/* Only a serial that its owner keeps, and has not raised, waits for that. */
static void what_is_done_about_a_low_one(void **state)
{
	int bits;

	(void)state;
	for (bits = 0; bits < 8; bits++)
		assert_int_equal(candidate_low(bits & 1, bits & 2, bits & 4),
		    bits == 5 ? CANDIDATE_OWNER : CANDIDATE_LOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(table),
	    cmocka_unit_test(what_is_done_about_a_low_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
