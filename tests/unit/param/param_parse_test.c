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

#include "param.h"

static const char *const colours[] = {"red", "green", NULL};

/* clang-format off */
static const struct param table[] = {
	{.name = "text", .type = PARAM_STRING, .dflt_says = "x"},
	{.name = "path", .type = PARAM_PATH, .dflt = "/etc/x"},
	{.name = "program", .type = PARAM_PROGRAM, .dflt = "prog"},
	{.name = "count", .type = PARAM_INTEGER, .dflt = "5", .min = 1,
	 .max = 60, .unit = "s"},
	{.name = "colour", .type = PARAM_SELECT, .dflt = "red",
	 .options = colours},
	{.name = NULL},
};
/* clang-format on */

static struct param_value values[PARAM_MAX];
static struct why why;

static int parse(const char *name, const char *value)
{
	char var[64];
	int rc;

	snprintf(var, sizeof(var), "OCF_RESKEY_%s", name);
	memset(&why, 0, sizeof(why));
	setenv(var, value, 1);
	rc = param_parse(table, values, &why);
	unsetenv(var);
	return rc;
}

static void defaults(void **state)
{
	(void)state;
	assert_int_equal(param_parse(table, values, &why), 0);
	assert_null(param_get(table, values, "text")->text);
	assert_string_equal(param_get(table, values, "path")->text, "/etc/x");
	assert_int_equal(param_get(table, values, "count")->number, 5);
	assert_false(param_get(table, values, "count")->given);
}

static void empty_is_unset(void **state)
{
	(void)state;
	assert_int_equal(parse("path", ""), 0);
	assert_false(param_get(table, values, "path")->given);
	assert_string_equal(param_get(table, values, "path")->text, "/etc/x");
}

static void good_values(void **state)
{
	(void)state;
	assert_int_equal(parse("count", "60"), 0);
	assert_int_equal(values[3].number, 60);
	assert_true(values[3].given);
	assert_int_equal(parse("colour", "green"), 0);
	assert_int_equal(parse("program", "/a/b"), 0);
	assert_int_equal(parse("text", "any, even = this"), 0);
}

static void bad_values_say_what_to_set(void **state)
{
	(void)state;
	assert_int_equal(parse("count", "0"), -EINVAL);
	assert_string_equal(why.text, "count=0 is out of range: set 1 to 60 s");
	assert_int_equal(parse("count", "61"), -EINVAL);
	assert_int_equal(parse("count", "5s"), -EINVAL);
	assert_non_null(strstr(why.text, "not a whole number"));
	assert_int_equal(parse("count", "99999999999999999999"), -EINVAL);
	assert_int_equal(parse("count", " "), -EINVAL);
	assert_int_equal(parse("colour", "blue"), -EINVAL);
	assert_string_equal(
	    why.text, "colour=blue is unknown: set one of red, green");
	assert_int_equal(parse("colour", "Red"), -EINVAL);
	assert_int_equal(parse("path", "etc/x"), -EINVAL);
	assert_int_equal(parse("program", "a/b"), -EINVAL);
	assert_int_equal(parse("text", "a\nb"), -EINVAL);
	assert_string_equal(why.text, "text holds a line break");
}

static void first_fault_is_told(void **state)
{
	(void)state;
	setenv("OCF_RESKEY_count", "x", 1);
	assert_int_equal(parse("path", "relative"), -EINVAL);
	assert_non_null(strstr(why.text, "path=relative"));
	unsetenv("OCF_RESKEY_count");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults),
	    cmocka_unit_test(empty_is_unset),
	    cmocka_unit_test(good_values),
	    cmocka_unit_test(bad_values_say_what_to_set),
	    cmocka_unit_test(first_fault_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
