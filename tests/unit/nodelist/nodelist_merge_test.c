/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "syncd.h"

static struct syncd s;

static bool merge(const char *ids)
{
	struct nodelist_entry entry[32];
	int i, count = (int)strlen(ids);

	memset(entry, 0, sizeof(entry));
	for (i = 0; i < count; i++) {
		entry[i].nodeid = (uint32_t)ids[i];
		snprintf(entry[i].name, NODE_NAME_MAX, "node-%c", ids[i]);
	}
	return nodelist_merge(&s, entry, count);
}

static struct member *member(char id)
{
	return member_by_nodeid(&s, (uint32_t)id);
}

static int empty(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	return 0;
}

static void nodes_come_and_go(void **state)
{
	(void)state;
	assert_true(merge("ab"));
	assert_int_equal(s.configured, 2);
	assert_int_equal(s.members, 2);
	assert_int_equal(member('b')->left, LEFT_UNSEEN);
	assert_false(merge("ba"));
	member('b')->left = LEFT_NOT;
	member('b')->known = true;
	assert_true(merge("abc"));
	assert_int_equal(s.configured, 3);
	assert_string_equal(member('c')->name, "node-c");
	assert_int_equal(member('b')->left, LEFT_NOT); /* as it was */
	assert_true(merge("ac"));
	assert_int_equal(s.configured, 2);
	assert_int_equal(s.members, 3);
	assert_false(member('b')->listed);
	assert_true(member('b')->known);
	assert_true(merge("abc"));
	assert_true(member('b')->listed);
}

static void renamed(void **state)
{
	struct nodelist_entry e = {.nodeid = 'a', .name = "new"};

	(void)state;
	merge("a");
	assert_true(nodelist_merge(&s, &e, 1));
	assert_string_equal(member('a')->name, "new");
	assert_false(nodelist_merge(&s, &e, 1));
}

/* A place is taken only from a node that is in no list and no holder. */
static void full(void **state)
{
	struct id id = {.byte = {1}};

	(void)state;
	merge("abcdefghijklmnop");
	assert_int_equal(s.members, NODES_MAX);
	member('b')->hello.node = id;
	nodes_add(&s.record.holders, &id);
	merge("adefghijklmnop");
	merge("adefghijklmnopx");
	assert_non_null(member('x'));
	assert_non_null(member('b'));
	assert_null(member('c'));
	merge("adefghijklmnopxy");
	assert_null(member('y'));
	assert_non_null(member('b'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(nodes_come_and_go, empty),
	    cmocka_unit_test_setup(renamed, empty),
	    cmocka_unit_test_setup(full, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
