/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyrecord.h"

#include <errno.h>
#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define SHA                                \
	"0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef"

static void there_and_back(void **state)
{
	static const char *const lines[] = {
	    "SoftHSM 0a1b 13 " SHA " inuse",
	    "my_hsm ffee 8 - pool",
	    "h\xc3\xb6rd 00 255 - inuse",
	};
	struct keyrecord record;
	char again[KEYRECORD_LINE_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(keyrecord_decode(lines[i], &record), 0);
		assert_int_equal(
		    keyrecord_encode(&record, again, sizeof(again)),
		    strlen(lines[i]));
		assert_string_equal(again, lines[i]);
	}
}

/* Who asks need not know; what is not said counts as in use. */
static void short_lines(void **state)
{
	struct keyrecord record;

	(void)state;
	assert_int_equal(keyrecord_decode("R 0A1b 8\nnext", &record), 0);
	assert_string_equal(record.locator, "0A1b");
	assert_string_equal(record.sha256, "");
	assert_int_equal(record.algorithm, 8);
	assert_true(record.in_use);
	assert_int_equal(keyrecord_decode("R 0a 8 " SHA, &record), 0);
	assert_string_equal(record.sha256, SHA);
	assert_true(record.in_use);
}

static void no_record(void **state)
{
	static const char *const bad[] = {"", "R", "R 0a", "R 0a ", "R 0a 8 ",
	    " R 0a 8", "R  0a 8", "R 0 8", "R 0g 8", "R 0a 0", "R 0a 256",
	    "R 0a 08", "R 0a -8", "R 0a 8x", "R 0a 8 xyz", "R 0a 8 - used",
	    "R 0a 8 - inuse ", "R 0a 8 - inuse more", "R\t0a 8", "R 0a 8\r",
	    "R 0a 8 " SHA "0", "R 0a 8 0A" SHA, "R 0a 8 - - "};
	struct keyrecord record;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (keyrecord_decode(bad[i], &record) != -EBADMSG)
			fail_msg("taken: \"%s\"", bad[i]);
}

static void lengths(void **state)
{
	struct keyrecord record;
	char line[512];

	(void)state;
	snprintf(line, sizeof(line), "%.*s %.*s 8", 63, SHA SHA, 128, SHA SHA);
	assert_int_equal(keyrecord_decode(line, &record), 0);
	snprintf(line, sizeof(line), "%.*s 0a 8", 64, SHA SHA);
	assert_int_equal(keyrecord_decode(line, &record), -EBADMSG);
	snprintf(line, sizeof(line), "R %s00 8", SHA SHA);
	assert_int_equal(keyrecord_decode(line, &record), -EBADMSG);
}

static void what_cannot_be_written(void **state)
{
	struct keyrecord good = {.repository = "R",
	                     .locator = "0a",
	                     .algorithm = 8},
	                 bad = good;
	char line[KEYRECORD_LINE_MAX];

	(void)state;
	assert_int_equal(keyrecord_encode(&good, line, sizeof(line)), 13);
	assert_int_equal(keyrecord_encode(&good, line, 13), -EINVAL);
	strcpy(bad.repository, "my hsm");
	assert_int_equal(keyrecord_encode(&bad, line, sizeof(line)), -EINVAL);
	bad = good;
	strcpy(bad.locator, "0a1");
	assert_int_equal(keyrecord_encode(&bad, line, sizeof(line)), -EINVAL);
	bad = good;
	bad.algorithm = 0;
	assert_int_equal(keyrecord_encode(&bad, line, sizeof(line)), -EINVAL);
	bad = good;
	strcpy(bad.sha256, "-");
	assert_int_equal(keyrecord_encode(&bad, line, sizeof(line)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(short_lines),
	    cmocka_unit_test(no_record),
	    cmocka_unit_test(lengths),
	    cmocka_unit_test(what_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
