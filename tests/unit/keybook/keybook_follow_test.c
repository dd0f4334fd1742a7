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

/* Rows of zones change with each version that goes out: the keys are not read
 * again for that, but for a key of whichever connection. */
static void not_for_a_zone(void **state)
{
	const struct zone_row row = {.zone = "z", .serial = 1, .ever = true};
	struct keybook b = {.read = false};
	const struct keyrecord *read;
	struct keyrecord key;
	struct ledger *other;

	(void)state;
	assert_int_equal(ledger_open(dir, &other, NULL), 0);
	put_key("R 0b 13 " ONE " inuse");
	keybook_follow(&b, other);
	read = b.set.key;
	assert_non_null(read);
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
	assert_int_equal(ledger_zone_put(other, &row, NULL), 0);
	keybook_follow(&b, other);
	assert_ptr_equal(b.set.key, read);
	put_key("R 0a 13 " ONE " pool");
	keybook_follow(&b, other);
	assert_string_equal(keybook_sha256(&b, "0a"), ONE);
	assert_int_equal(keyrecord_decode("R 0a 13 " ONE " pool", &key), 0);
	assert_int_equal(ledger_key_drop(ledger, &key, NULL), 0);
	keybook_follow(&b, other);
	assert_string_equal(keybook_sha256(&b, "0a"), "-");
	keybook_free(&b);
	ledger_close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        follows_the_ledger, setup, teardown),
	    cmocka_unit_test_setup_teardown(not_for_a_zone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
