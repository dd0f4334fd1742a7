/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "why.h"

static void returns_its_error(void **state)
{
	struct why why = {0};

	(void)state;
	assert_int_equal(why_set(&why, -ENOENT, "%s is gone", "x"), -ENOENT);
	assert_int_equal(why.err, -ENOENT);
	assert_string_equal(why.text, "x is gone");
	assert_int_equal(why_set(NULL, -EIO, "nobody asks"), -EIO);
}

static void one_line_and_bounded(void **state)
{
	char text[2 * WHY_MAX];
	struct why why;

	(void)state;
	why_set(&why, -EIO, "a\nb\tc\033d");
	assert_string_equal(why.text, "a b c d");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	why_set(&why, -EIO, "%s", text);
	assert_int_equal(strlen(why.text), WHY_MAX - 1);
}

static void prefix(void **state)
{
	char text[2 * WHY_MAX];
	struct why why;

	(void)state;
	why_set(&why, -EIO, "disk full");
	why_prefix(&why, "zone %s", "a");
	assert_string_equal(why.text, "zone a: disk full");
	assert_int_equal(why.err, -EIO);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	why_prefix(&why, "%s", text);
	assert_int_equal(strlen(why.text), WHY_MAX - 1);
	why_prefix(NULL, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(returns_its_error),
	    cmocka_unit_test(one_line_and_bounded),
	    cmocka_unit_test(prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
