/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "envfile.h"

/* Expected values are those of systemd.exec(5), EnvironmentFile=. */
static const struct {
	const char *text, *name, *value;
} cases[] = {
    {"A=b", "A", "b"},
    {"A=b\n", "A", "b"},
    {"A=\n", "A", ""},
    {"A=", "A", ""},
    {"  A = b \n", "A", "b"},
    {"A=b c\n", "A", "b c"},
    {"A=b  \t\n", "A", "b"},
    {"A=\"b  \"\n", "A", "b  "},
    {"A='b  '\n", "A", "b  "},
    {"A=\"b\"\"c\"\n", "A", "bc"},
    {"A=\"b\" 'c'\n", "A", "bc"},
    {"A='b\"c'\n", "A", "b\"c"},
    {"A=\"b'c\"\n", "A", "b'c"},
    {"A=b'c'\n", "A", "b'c'"},
    {"A=\"b\\\"c\"\n", "A", "b\"c"},
    {"A=\"b\\nc\"\n", "A", "b\\nc"},
    {"A='b\\c'\n", "A", "b\\c"},
    {"A=b\\ c\n", "A", "b c"},
    {"A=b\\\nc\n", "A", "bc"},
    {"A=\"b\\\nc\"\n", "A", "bc"},
    {"A='b\nc'\n", "A", "b\nc"},
    {"A=$HOME `id`\n", "A", "$HOME `id`"},
    {"A=\"$HOME\"\n", "A", "$HOME"},
    {"A=b=c\n", "A", "b=c"},
    {"A=b # c\n", "A", "b # c"},
    {"# A=x\nA=y\n", "A", "y"},
    {"; A=x\n", "A", NULL},
    {"# c \\\nA=x\n", "A", NULL},
    {"\n\n  \nA=x\n", "A", "x"},
    {"A=x\nA=y\n", "A", "y"},
    {"A=x\nAB=y\n", "A", "x"},
    {"no assignment\nA=x\n", "A", "x"},
    {"export A=x\n", "A", NULL},
    {"1A=x\n", "1A", NULL},
    {"A-B=x\n", "A-B", NULL},
    {"=x\nA=y", "A", "y"},
    {"A=\"never closed", "A", "never closed"},
    {"A=ends in \\", "A", "ends in \\"},
    {"A=x\r\n", "A", "x"},
    {"\xEF\xBB\xBF", "A", NULL},
    {"", "A", NULL},
};

static void values(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct envfile e = {0};
		const char *value;

		assert_int_equal(envfile_parse(&e, cases[i].text), 0);
		value = envfile_get(&e, cases[i].name);
		if (!value || !cases[i].value) {
			if (value != cases[i].value)
				fail_msg("case %zu: %s", i, cases[i].text);
		} else if (strcmp(value, cases[i].value) != 0) {
			fail_msg(
			    "case %zu: %s gives <%s>", i, cases[i].text, value);
		}
		envfile_free(&e);
	}
}

static void list_is_fit_for_execve(void **state)
{
	struct envfile e = {0};

	(void)state;
	assert_int_equal(envfile_parse(&e, "A=1\nB=2\nA=3\n"), 0);
	assert_int_equal(e.count, 2);
	assert_string_equal(e.env[0], "A=3");
	assert_string_equal(e.env[1], "B=2");
	assert_null(e.env[2]);
	envfile_free(&e);
	assert_null(e.env);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values),
	    cmocka_unit_test(list_is_fit_for_execve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
