/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keylist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct keylist list;
static struct why why;

static int teardown(void **state)
{
	(void)state;
	keylist_free(&list);
	return 0;
}

static void lines(void **state)
{
	static const uint8_t id[] = {0x0a, 0xff};
	size_t first, count;

	(void)state;
	assert_int_equal(keylist_parse("# what is asked\n"
	                               "soft 0b 8\n"
	                               "\n"
	                               "hard 0aff 13 - pool\n"
	                               "hard 0AfE 15",
	                     &list, &why),
	    0);
	assert_int_equal(list.count, 3);
	keylist_of(&list, "hard", &first, &count);
	assert_int_equal(first, 0);
	assert_int_equal(count, 2);
	assert_int_equal(keylist_find(&list, first, count, id, 2), 1);
	assert_string_equal(list.key[1].record.locator, "0aff");
	assert_false(list.key[1].record.in_use);
	assert_int_equal(keylist_find(&list, first, count, id, 1), -1);
	keylist_of(&list, "soft", &first, &count);
	assert_int_equal(first, 2);
	assert_int_equal(count, 1);
	assert_int_equal(keylist_find(&list, first, count, id, 2), -1);
	keylist_of(&list, "none", &first, &count);
	assert_int_equal(count, 0);
}

/* A list that is not understood is no list of fewer keys. */
static void no_list(void **state)
{
	(void)state;
	assert_int_equal(
	    keylist_parse("a 00 8\na 0 8\n", &list, &why), -EINVAL);
	assert_non_null(strstr(why.text, "line 2"));
	keylist_free(&list);
	assert_int_equal(
	    keylist_parse("a 0a 8\nb 0a 8\na 0A 13\n", &list, &why), -EINVAL);
	assert_non_null(strstr(why.text, "twice"));
	keylist_free(&list);
	assert_int_equal(keylist_parse("", &list, &why), 0);
	assert_int_equal(list.count, 0);
}

/* Each is found, and no other. */
static void many(void **state)
{
	char *text = malloc(2000 * 16), *at = text;
	size_t first, count;
	uint8_t id[2];
	int i;

	(void)state;
	for (i = 0; i < 2000; i++)
		at += sprintf(at, "r %04x 8\n", i * 7 % 2000 * 2);
	assert_int_equal(keylist_parse(text, &list, &why), 0);
	free(text);
	keylist_of(&list, "r", &first, &count);
	assert_int_equal(count, 2000);
	for (i = 0; i < 4000; i++) {
		id[0] = (uint8_t)(i >> 8);
		id[1] = (uint8_t)i;
		assert_int_equal(keylist_find(&list, first, count, id, 2),
		    i % 2 ? -1 : i / 2);
	}
}

#define T(t) cmocka_unit_test_teardown(t, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {T(lines), T(no_list), T(many)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
