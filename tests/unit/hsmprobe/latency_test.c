/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <p11-kit/pkcs11.h>

static void percentiles(void **state)
{
	struct latency l = {0};
	long i;

	(void)state;
	assert_int_equal(latency_percentile(&l, 99), 0);
	latency_add(&l, 7);
	assert_int_equal(latency_percentile(&l, 50), 7);
	assert_int_equal(latency_percentile(&l, 99), 7);
	for (i = 200; i > 1; i--)
		latency_add(&l, i == 7 ? 1 : i);
	assert_int_equal(l.count, 200);
	assert_int_equal(latency_percentile(&l, 50), 100);
	assert_int_equal(latency_percentile(&l, 99), 198);
	assert_int_equal(latency_percentile(&l, 100), 200);
	latency_free(&l);
}

static void codes(void **state)
{
	struct latency l = {0};
	char text[64];
	unsigned long rv;

	(void)state;
	latency_codes(&l, text, sizeof(text));
	assert_string_equal(text, "");
	latency_error(&l, CKR_DEVICE_ERROR);
	latency_error(&l, 0x80000001UL);
	latency_error(&l, CKR_DEVICE_ERROR);
	latency_codes(&l, text, sizeof(text));
	assert_string_equal(text, "CKR_DEVICE_ERROR=2 CKR_0x80000001=1");
	latency_codes(&l, text, 20); /* whole words alone */
	assert_string_equal(text, "CKR_DEVICE_ERROR=2");
	for (rv = 0x90000000UL; rv < 0x90000020UL; rv++)
		latency_error(&l, rv);
	assert_int_equal(l.codes, LATENCY_CODES_MAX);
	assert_int_equal(l.errors, 35);
	latency_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(percentiles),
	    cmocka_unit_test(codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
