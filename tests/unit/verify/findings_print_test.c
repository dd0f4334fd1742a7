/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct findings f;

static int teardown(void **state)
{
	(void)state;
	findings_free(&f);
	return 0;
}

static void assert_printed(const char *expected)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	findings_print(&f, out);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void the_worst_first(void **state)
{
	(void)state;
	findings_add(&f, FINDING_WARN, 1, 0, "a. A: %s", "one\ntwo");
	findings_add(&f, FINDING_SOFT, 2, 7, "b. A: x");
	findings_add(&f, FINDING_HARD, 3, 9, "c. A: x");
	assert_string_equal(findings_first(&f)->text, "c. A: x");
	assert_printed("hard c. A: x (line 9)\nsoft b. A: x (line 7)\n"
	               "warn a. A: one two\n");
}

static void twenty_and_a_count(void **state)
{
	long i;
	int k;

	(void)state;
	for (i = 0; i < 300; i++)
		findings_add(&f, FINDING_WARN, 1, i, "w");
	for (i = 0; i < 200; i++)
		findings_add(&f, FINDING_HARD, 2, i, "h");
	for (k = 0; k < f.count; k++)
		assert_int_equal(f.kept[k].level, FINDING_HARD);
	assert_int_equal(f.total[FINDING_HARD], 200);
	assert_int_equal(f.ids, 200);
	{
		char *text;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		findings_print(&f, out);
		fclose(out);
		assert_non_null(
		    strstr(text, "\nmore hard=180 soft=0 warn=300\n"));
		free(text);
	}
}

static void served_as_well(void **state)
{
	struct findings served = {.count = 0};

	(void)state;
	findings_add(&f, FINDING_HARD, 1, 0, "a");
	findings_add(&f, FINDING_SOFT, 2, 0, "b");
	findings_add(&f, FINDING_HARD, 3, 0, "c");
	findings_forgive(&f, &served);
	assert_int_equal(f.total[FINDING_HARD], 2);
	findings_add(&served, FINDING_HARD, 3, 0, "c");
	findings_add(&served, FINDING_HARD, 2, 0, "b");
	findings_add(&served, FINDING_WARN, 1, 0, "a");
	findings_forgive(&f, &served);
	assert_int_equal(f.total[FINDING_HARD], 1);
	assert_int_equal(f.total[FINDING_SOFT], 0);
	assert_int_equal(f.total[FINDING_WARN], 2);
	assert_printed("hard a\nwarn b\nwarn c\n");
	findings_forgive_id(&f, 1);
	assert_null(findings_first(&f));
	findings_free(&served);
}

static void names_come_later(void **state)
{
	(void)state;
	findings_add(&f, FINDING_HARD, 1, 5, "NSEC3: x");
	findings_unnamed(&f);
	findings_add(&f, FINDING_HARD, 1, 6, "NSEC3: y");
	findings_unnamed(&f);
	assert_true(findings_need_names(&f));
	findings_name(&f, 6, "b.");
	assert_printed("hard - NSEC3: x (line 5)\nhard b. NSEC3: y (line 6)\n");
	findings_name(&f, 5, "a.");
	assert_false(findings_need_names(&f));
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_worst_first),
	    TEST(twenty_and_a_count),
	    TEST(served_as_well),
	    TEST(names_come_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
