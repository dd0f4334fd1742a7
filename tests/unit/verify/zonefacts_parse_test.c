/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zonefacts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SHA "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static void all_facts(void **state)
{
	static struct zonefacts f;

	(void)state;
	assert_int_equal(zonefacts_parse(&f,
	                     "# comment\n\nnow 1767300000\nmargin 60\n"
	                     "ds 13 12345 2 00ff\nds 8 1 4 a0\nds 15 9 - "
	                     "everywhere\nack insecure\n"
	                     "key 257 13 " SHA "\nkey 256 13 -\n"
	                     "oldkey 256 8 -\n"
	                     "history set 5 13:1:" SHA " 8:65535:" SHA "\n"
	                     "history signers 6 13:1:" SHA "\n"
	                     "history algorithms 13 8",
	                     NULL),
	    0);
	assert_int_equal(f.now, 1767300000);
	assert_int_equal(f.margin, 60);
	assert_int_equal(f.ds_state, DS_IN_USE);
	assert_int_equal(f.ds_count, 3);
	assert_int_equal(f.ds[2].tag, 9);
	assert_int_equal(f.ds[2].digest_type, 0);
	assert_int_equal(f.ds[2].digest_len, 0);
	assert_true(f.ds[2].everywhere);
	assert_false(f.ds[1].everywhere);
	assert_true(f.acked);
	assert_int_equal(f.ds[0].tag, 12345);
	assert_int_equal(f.ds[0].digest_len, 2);
	assert_int_equal(f.ds[0].digest[1], 0xff);
	assert_int_equal(f.ds[1].digest_type, 4);
	assert_int_equal(f.keys, 2);
	assert_false(f.key[0].any);
	assert_int_equal(f.key[0].public_sha[31], 0xff);
	assert_true(f.key[1].any);
	assert_int_equal(f.oldkey[0].algorithm, 8);
	assert_int_equal(f.sets, 1);
	assert_int_equal(f.set[0].until, 5);
	assert_int_equal(f.set[0].keys, 2);
	assert_int_equal(f.set[0].key[1].tag, 65535);
	assert_int_equal(f.signer_sets, 1);
	assert_true(f.verified && f.verified_for[13] && f.verified_for[8]);
	assert_false(f.verified_any);
}

static void nothing_is_not_known(void **state)
{
	static struct zonefacts f;

	(void)state;
	assert_int_equal(zonefacts_parse(&f, "", NULL), 0);
	assert_int_equal(f.ds_state, DS_UNKNOWN);
	assert_false(f.verified);
	assert_int_equal(
	    zonefacts_parse(&f, "ds none\nhistory algorithms any", NULL), 0);
	assert_int_equal(f.ds_state, DS_NONE);
	assert_true(f.verified_any);
}

static void not_understood(void **state)
{
	static const char *const rows[] = {"what", "now", "now x", "now 1 2",
	    "ds none\nds 13 1 2 00", "ds 13 1 2 00\nds none", "ds 13 1 2 0",
	    "ds 13 1 2", "ds 256 1 2 00", "ds 13 65536 2 00", "key 257 13",
	    "key 257 13 00", "key 70000 13 -", "history", "history what 1",
	    "history set 1", "history set x 13:1:" SHA, "history set 1 13:1",
	    "history set 1 13:1:00", "history set 1 :1:" SHA,
	    "history signers 1 13:70000:" SHA, "history algorithms 256",
	    "now 9999999999999999999"};
	static struct zonefacts f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct why why = {0};

		if (zonefacts_parse(&f, rows[i], &why) != -EINVAL)
			fail_msg("%s", rows[i]);
		assert_non_null(strstr(why.text, "facts, line "));
	}
}

static void no_more_than_fits(void **state)
{
	static struct zonefacts f;
	char text[64 * 64] = "";
	int i;

	(void)state;
	for (i = 0; i < ZONEFACTS_DS; i++)
		strcat(text, "ds 13 1 2 00\n");
	assert_int_equal(zonefacts_parse(&f, text, NULL), 0);
	strcat(text, "ds 13 1 2 00\n");
	assert_int_equal(zonefacts_parse(&f, text, NULL), -EINVAL);
	text[0] = '\0';
	for (i = 0; i < ZONEFACTS_KEYS + 1; i++)
		strcat(text, "key 257 13 -\n");
	assert_int_equal(zonefacts_parse(&f, text, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_facts),
	    cmocka_unit_test(nothing_is_not_known),
	    cmocka_unit_test(not_understood),
	    cmocka_unit_test(no_more_than_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
