/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "keyset.h"

#define X16 "1111111111111111"
#define ONE X16 X16 X16 X16
#define Y16 "2222222222222222"
#define TWO Y16 Y16 Y16 Y16

static struct keyset known, list, put, drop;
static struct keyview view;

static int setup(void **state)
{
	(void)state;
	known = list = put = drop = (struct keyset){0};
	memset(&view, 0, sizeof(view));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	keyset_free(&known);
	keyset_free(&list);
	keyset_free(&put);
	keyset_free(&drop);
	keyview_free(&view);
	return 0;
}

/* What is on record, what the database lists, what the token tells. */
static void run(const char *on_record, const char *listed, const char *told)
{
	const char *end;

	assert_int_equal(keyset_parse(&known, on_record), 0);
	assert_int_equal(keyset_parse(&list, listed), 0);
	keyset_known(&list, &known);
	assert_int_equal(keyview_begin(&view, list.key, list.count), 0);
	for (; (end = strchr(told, '\n')); told = end + 1)
		assert_int_equal(keyview_line(&view, told), 0);
	keyset_told(&view);
	assert_int_equal(keyset_changes(&known, &view, &put, &drop), 0);
}

static void expect(const struct keyset *set, const char *want)
{
	char line[KEYRECORD_LINE_MAX], text[1024] = "";
	size_t i;

	for (i = 0; i < set->count; i++) {
		keyrecord_encode(&set->key[i], line, sizeof(line));
		strcat(text, line);
		strcat(text, "\n");
	}
	assert_string_equal(text, want);
}

static void what_the_token_tells_goes_on_record(void **state)
{
	(void)state;
	run("", "R 0b 13 - inuse\nR 0a 8 - pool\nS 0a 8\n",
	    "key R 0a present " ONE "\nkey R 0b present " TWO "\n");
	expect(&put, "R 0a 8 " ONE " pool\nR 0b 13 " TWO " inuse\n"
	             "S 0a 8 - inuse\n");
	expect(&drop, "");
}

static void nothing_has_changed(void **state)
{
	(void)state;
	run("R 0a 8 " ONE " inuse\n", "R 0a 8 - inuse\n",
	    "key R 0a present " ONE "\n");
	expect(&put, "");
	expect(&drop, "");
}

/* After a takeover by a node with another key the record still says which one
 * it was. */
static void a_digest_stays(void **state)
{
	(void)state;
	run("R 0a 8 " ONE " inuse\nR 0b 8 " ONE " pool\n",
	    "R 0a 8 - inuse\nR 0b 8 - inuse\n",
	    "key R 0a present " TWO "\nkey R 0b missing -\n");
	expect(&put, "R 0b 8 " ONE " inuse\n");
}

static void a_key_is_gone_from_the_database(void **state)
{
	(void)state;
	run("R 0a 8 " ONE " inuse\nR 0b 8 " ONE " inuse\n", "R 0b 8 - inuse\n",
	    "");
	expect(&put, "");
	expect(&drop, "R 0a 8 " ONE " inuse\n");
}

static void no_list_drops_nothing(void **state)
{
	(void)state;
	run("R 0a 8 " ONE " inuse\n", "", "");
	expect(&drop, "");
}

static void lists_that_are_none(void **state)
{
	(void)state;
	assert_int_equal(keyset_parse(&list, "R 0a 8 - inuse\nR 0b"), -EBADMSG);
	assert_int_equal(keyset_parse(&list, "R 0a 8 - inuse"), -EBADMSG);
	assert_int_equal(keyset_parse(&list, "nonsense\n"), -EBADMSG);
	assert_int_equal(keyset_parse(&list, ""), 0);
}

static void equal_sets(void **state)
{
	(void)state;
	keyset_parse(&known, "R 0b 8 - pool\nR 0a 8 " ONE " inuse\n");
	keyset_parse(&list, "R 0a 8 " ONE " inuse\nR 0b 8 - pool\n");
	assert_true(keyset_same(&known, &list));
	list.key[1].in_use = true;
	assert_false(keyset_same(&known, &list));
	list.key[1].in_use = false;
	list.key[0].sha256[0] = '9';
	assert_false(keyset_same(&known, &list));
	list.count--;
	assert_false(keyset_same(&known, &list));
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_the_token_tells_goes_on_record),
	    T(nothing_has_changed),
	    T(a_digest_stays),
	    T(a_key_is_gone_from_the_database),
	    T(no_list_drops_nothing),
	    T(lists_that_are_none),
	    T(equal_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
