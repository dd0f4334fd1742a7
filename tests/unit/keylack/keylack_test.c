/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keylack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define X16 "1111111111111111"
#define ONE X16 X16 X16 X16
#define Y16 "2222222222222222"
#define TWO Y16 Y16 Y16 Y16

static struct keyview view;
static struct keylack lack, none;

/* What is on record, and the lines of a probe. */
static void see(const char *records, const char *lines)
{
	struct keyrecord key[8];
	size_t count = 0;
	const char *end;

	for (; (end = strchr(records, '\n')); records = end + 1)
		assert_int_equal(keyrecord_decode(records, &key[count++]), 0);
	keyview_free(&view);
	assert_int_equal(keyview_begin(&view, key, count), 0);
	for (; (end = strchr(lines, '\n')); lines = end + 1)
		assert_int_equal(keyview_line(&view, lines), 0);
}

static void make(const struct keylack *was, int64_t now)
{
	struct keylack next;

	assert_int_equal(keylack_make(&next, &view, was, now), 0);
	keylack_free(&lack);
	lack = next;
}

static int teardown(void **state)
{
	(void)state;
	keyview_free(&view);
	keylack_free(&lack);
	return 0;
}

/* Evidence alone: of a key in use, by a token that has answered for it. */
static void what_is_lacking(void **state)
{
	static const struct {
		const char *use, *line;
		int verdict; /* -1 = nothing */
	} table[] = {
	    {"inuse", "key R 0a present " ONE "\n", -1},
	    {"inuse", "key R 0a missing -\n", KEYTRUTH_MISSING},
	    {"inuse", "key R 0a missing - public-half-only\n",
	        KEYTRUTH_MISSING},
	    {"inuse", "key R 0a present " TWO "\n", KEYTRUTH_DIFFERENT},
	    {"inuse", "key R 0a twin - halves-differ\n", KEYTRUTH_DIFFERENT},
	    {"inuse", "key R 0a unproven-public -\n", -1},
	    {"inuse", "repository=R verdict=hung detail=C_Login ms=9\n", -1},
	    {"inuse", "repository=R verdict=no-token detail=- ms=9\n", -1},
	    {"inuse", "", -1},
	    {"pool", "key R 0a missing -\n", -1},
	    {"pool", "key R 0a present " TWO "\n", -1},
	};
	char record[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		snprintf(record, sizeof(record), "R 0a 13 " ONE " %s\n",
		    table[i].use);
		see(record, table[i].line);
		make(&none, 1);
		assert_int_equal(lack.count, table[i].verdict >= 0);
		if (lack.count > 0) {
			assert_int_equal(lack.key[0].verdict, table[i].verdict);
			assert_string_equal(lack.key[0].locator, "0a");
		}
	}
}

/* A signconf names no repository: the signer takes the key where it is. */
static void another_repository_has_it(void **state)
{
	(void)state;
	see("Q 0a 13 " ONE " inuse\nR 0a 13 " ONE " inuse\n",
	    "key Q 0a missing -\nkey R 0a present " ONE "\n");
	make(&none, 1);
	assert_int_equal(lack.count, 0);
	see("Q 0a 13 " ONE " inuse\nR 0a 13 " ONE " inuse\n",
	    "key Q 0a missing -\nkey R 0a missing -\n");
	make(&none, 1);
	assert_true(lack.count > 0);
}

static void since_when(void **state)
{
	struct keylack was = {0};

	(void)state;
	see("R 0a 13 " ONE " inuse\n", "key R 0a missing -\n");
	make(&none, 5);
	assert_int_equal(lack.key[0].since, 5);
	assert_int_equal(keylack_copy(&was, &lack), 0);
	assert_true(keylack_same(&was, &lack));
	see("R 0a 13 " ONE " inuse\nR 0b 13 " ONE " inuse\n",
	    "key R 0b missing -\nkey R 0a missing -\n");
	make(&was, 9);
	assert_int_equal(lack.count, 2);
	assert_int_equal(lack.key[0].since, 5);
	assert_int_equal(lack.key[1].since, 9);
	assert_false(keylack_same(&was, &lack));
	see("R 0a 13 " ONE " inuse\n", "key R 0a present " TWO "\n");
	make(&was, 9);
	assert_false(keylack_same(&was, &lack));
	assert_true(keylack_same(&none, &none));
	keylack_free(&was);
}

/* The sentence names locator and repository, and says what to do here, on the
 * node that signs. */
static void what_is_said(void **state)
{
	(void)state;
	see("R 0a 13 " ONE " inuse\nR 0b 13 " ONE " inuse\n",
	    "key R 0a missing -\nkey R 0b present " TWO "\n");
	make(&none, 1);
	assert_string_equal(lack.key[0].text,
	    "key 0a of R is not in this node's token: bring back the token "
	    "that has it, or restore it from a backup");
	assert_string_equal(lack.key[1].text,
	    "key 0b of R is another key here than on record: find out which "
	    "one signs for the DNSKEY that is served, and give this node the "
	    "token that has it");
}

static void whose_zone(void **state)
{
	struct signconf s = {
	    .keys = 2, .key = {"0c 13 257 1 1 0", "0d 13 256 1 0 1"}};

	(void)state;
	see("R 0a 13 " ONE " inuse\nR 0b 13 " ONE " inuse\n",
	    "key R 0a missing -\nkey R 0b present " TWO "\n");
	make(&none, 1);
	assert_null(keylack_of(&lack, &s));
	assert_null(keylack_of(&none, &s));
	strcpy(s.key[1], "0a 13 256 1 0 1");
	assert_string_equal(keylack_of(&lack, &s)->locator, "0a");
	/* of two the worse one */
	strcpy(s.key[0], "0b 13 257 1 1 0");
	assert_string_equal(keylack_of(&lack, &s)->locator, "0b");
	/* an RR that stands in the signconf itself is of no token */
	s.keys = 1;
	strcpy(s.key[0], " 0a 257 1 1 0");
	assert_null(keylack_of(&lack, &s));
}

static void what_was_signed_since(void **state)
{
	const struct keylack_key key = {.since = 100};

	(void)state;
	assert_false(keylack_holds(NULL, 0));
	assert_true(keylack_holds(&key, 0));
	assert_true(keylack_holds(&key, 99));
	assert_true(keylack_holds(&key, 100));
	assert_false(keylack_holds(&key, 101));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(what_is_lacking, teardown),
	    cmocka_unit_test_teardown(another_repository_has_it, teardown),
	    cmocka_unit_test_teardown(since_when, teardown),
	    cmocka_unit_test_teardown(what_is_said, teardown),
	    cmocka_unit_test_teardown(whose_zone, teardown),
	    cmocka_unit_test(what_was_signed_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
