/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "siphash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* Of the reference implementation: key and data are 00 01 02 ... */
static void reference(void **state)
{
	static const struct {
		size_t len;
		const char *hex;
	} rows[] = {
	    {0, "a3817f04ba25a8e66df67214c7550293"},
	    {1, "da87c1d86b99af44347659119b22fc45"},
	    {7, "a1f1ebbed8dbc153c0b84aa61ff08239"},
	    {8, "3b62a9ba6258f5610f83e264f31497b4"},
	    {9, "264499060ad9baabc47f8b02bb6d71ed"},
	    {15, "5493e99933b0a8117e08ec0f97cfc3d9"},
	    {16, "6ee2a4ca67b054bbfd3315bf85230577"},
	    {63, "5150d1772f50834a503e069a973fbd7c"},
	};
	uint8_t key[16], data[64];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	memcpy(key, data, sizeof(key));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char hex[33];
		uint64_t h[2];

		siphash128(key, data, rows[i].len, h);
		for (k = 0; k < 16; k++)
			snprintf(hex + 2 * k, 3, "%02x",
			    (unsigned int)(h[k / 8] >> (8 * (k % 8)) & 0xff));
		assert_string_equal(hex, rows[i].hex);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
