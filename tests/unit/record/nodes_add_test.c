/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "record.h"

static void a_set_of_at_most_16(void **state)
{
	struct node_list list = {0};
	struct id id = {{0}};
	int i;

	(void)state;
	for (i = 0; i < NODES_MAX; i++) {
		id.byte[0] = (uint8_t)(i + 1);
		assert_false(nodes_has(&list, &id));
		assert_int_equal(nodes_add(&list, &id), 0);
		assert_int_equal(nodes_add(&list, &id), 0);
		assert_int_equal(list.count, i + 1);
	}
	id.byte[0] = 99;
	assert_int_equal(nodes_add(&list, &id), -ENOSPC);
	nodes_remove(&list, &id);
	assert_int_equal(list.count, NODES_MAX);
	id.byte[0] = 3;
	nodes_remove(&list, &id);
	assert_int_equal(list.count, NODES_MAX - 1);
	assert_false(nodes_has(&list, &id));
	id.byte[0] = NODES_MAX;
	assert_true(nodes_has(&list, &id));
}

static void id_text_and_back(void **state)
{
	static const char *const bad[] = {"", "0",
	    "0123456789abcdef0123456789abcde",
	    "0123456789abcdef0123456789abcdeg",
	    "0123456789ABCDEF0123456789ABCDEF",
	    "0123456789abcdef0123456789abcdef0"};
	char text[ID_TEXT];
	struct id a, b;
	size_t i;

	(void)state;
	id_random(&a);
	id_random(&b);
	assert_false(id_equal(&a, &b));
	assert_false(id_is_zero(&a));
	id_text(&a, text);
	assert_int_equal(strlen(text), ID_TEXT - 1);
	assert_int_equal(id_parse(text, &b), 0);
	assert_true(id_equal(&a, &b));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(id_parse(bad[i], &b), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_set_of_at_most_16),
	    cmocka_unit_test(id_text_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
