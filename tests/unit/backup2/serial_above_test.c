/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sample.h"

#define HALF UINT32_C(0x80000000)

/* RFC 1982, 3.2: i1 > i2. */
static bool rfc1982(uint64_t i1, uint64_t i2)
{
	return (i1 < i2 && i2 - i1 > HALF) || (i1 > i2 && i1 - i2 < HALF);
}

static void edges(void **state)
{
	(void)state;
	assert_true(serial_above(1, 0));
	assert_false(serial_above(0, 1));
	assert_false(serial_above(7, 7));
	assert_true(serial_above(0, UINT32_MAX));
	assert_false(serial_above(UINT32_MAX, 0));
	assert_true(serial_above(HALF - 1, 0));
	assert_false(serial_above(HALF, 0)); /* undefined: not above */
	assert_false(serial_above(0, HALF));
	assert_false(serial_above(HALF + 1, 0));
	assert_true(serial_above(0, HALF + 1));
}

static void as_the_rfc_says(void **state)
{
	static const uint32_t at[] = {0, 1, 2, HALF - 2, HALF - 1, HALF,
	    HALF + 1, HALF + 2, UINT32_MAX - 1, UINT32_MAX, 2026010101};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		for (j = 0; j < sizeof(at) / sizeof(at[0]); j++)
			assert_int_equal(
			    serial_above(at[i], at[j]), rfc1982(at[i], at[j]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(edges),
	    cmocka_unit_test(as_the_rfc_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
