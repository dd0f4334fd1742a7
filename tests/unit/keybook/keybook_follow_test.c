/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../intent/workdir.h"

#include "keybook.h"

#define ONE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static int setup(void **state)
{
	(void)state;
	return workdir_make();
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

static void put_key(const char *line)
{
	struct keyrecord key;

	assert_int_equal(keyrecord_decode(line, &key), 0);
	assert_int_equal(ledger_key_put(ledger, &key, NULL), 0);
}

static void follows_the_ledger(void **state)
{
	struct keybook b = {.read = false};

	(void)state;
	assert_string_equal(keybook_sha256(&b, "0a"), "-");
	keybook_follow(&b, ledger);
	assert_string_equal(keybook_sha256(&b, "0a"), "-");
	put_key("R 0b 13 " ONE " inuse");
	put_key("R 0a 13 - inuse");
	keybook_follow(&b, ledger);
	assert_string_equal(keybook_sha256(&b, "0b"), ONE);
	assert_string_equal(keybook_sha256(&b, "0a"), "-");
	assert_string_equal(keybook_sha256(&b, "0c"), "-");
	put_key("R 0a 13 " ONE " pool");
	assert_string_equal(keybook_sha256(&b, "0a"), "-");
	keybook_follow(&b, ledger);
	assert_string_equal(keybook_sha256(&b, "0a"), ONE);
	keybook_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        follows_the_ledger, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
