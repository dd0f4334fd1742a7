/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tell.h"

#define MAX 8

static void words(void **state)
{
	static const struct {
		const char *command, *want; /* words in [] */
	} table[] = {
	    {"nsd-control reload %zone", "[nsd-control][reload][z.example]"},
	    {"  /bin/x\t%zonefile  ", "[/bin/x][/p/z]"},
	    {"x --f=%zonefile,%zone", "[x][--f=/p/z,z.example]"},
	    {"x %zonefiles %zones", "[x][/p/zs][z.examples]"},
	    {"x %% %z %", "[x][%%][%z][%]"},
	    {"x $(reboot) ;|&'\"", "[x][$(reboot)][;|&'\"]"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *argv[MAX];
		char buf[256], got[256] = "";
		size_t used = 0;
		int n, count = tell_words(table[i].command, "z.example", "/p/z",
		           buf, sizeof(buf), argv, MAX);

		assert_true(count > 0);
		assert_null(argv[count]);
		for (n = 0; n < count; n++)
			used += (size_t)snprintf(
			    got + used, sizeof(got) - used, "[%s]", argv[n]);
		assert_string_equal(got, table[i].want);
	}
}

static void limits(void **state)
{
	const char *argv[MAX];
	char buf[16];

	(void)state;
	assert_int_equal(
	    tell_words("", "z", "f", buf, sizeof(buf), argv, MAX), -EINVAL);
	assert_int_equal(
	    tell_words(" \t ", "z", "f", buf, sizeof(buf), argv, MAX), -EINVAL);
	assert_int_equal(
	    tell_words("1 2 3 4 5 6 7", "z", "f", buf, sizeof(buf), argv, MAX),
	    7);
	assert_int_equal(tell_words("1 2 3 4 5 6 7 8", "z", "f", buf,
	                     sizeof(buf), argv, MAX),
	    -E2BIG);
	assert_int_equal(tell_words("%zone", "fifteen.bytes..", "f", buf,
	                     sizeof(buf), argv, MAX),
	    1);
	assert_int_equal(tell_words("%zone", "sixteen.bytes...", "f", buf,
	                     sizeof(buf), argv, MAX),
	    -E2BIG);
	assert_int_equal(tell_words("%zone %zone", "twelve.bytes", "f", buf,
	                     sizeof(buf), argv, MAX),
	    -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words),
	    cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
