/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../intent/workdir.h"

#include <sqlite3.h>

#define ONE                                \
	"11111111111111111111111111111111" \
	"11111111111111111111111111111111"

static char seen[1024];
static struct why why;

static int setup(void **state)
{
	(void)state;
	seen[0] = '\0';
	return workdir_make();
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

static void sql(const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(at("ledger.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void see(const char *a, const char *b)
{
	size_t used = strlen(seen);

	snprintf(seen + used, sizeof(seen) - used, "%s=%s;", a, b);
}

static int see_key(const struct keyrecord *key, void *arg)
{
	(void)arg;
	see(key->locator, key->in_use ? "inuse" : "pool");
	return 0;
}

static int see_row(const char *name, const char *text, void *arg)
{
	(void)arg;
	see(name, text);
	return 0;
}

static int see_proof(const struct keyrecord *key, const char *serial, void *arg)
{
	(void)arg;
	assert_string_equal(key->sha256, ONE);
	see(key->locator, serial);
	return 0;
}

static struct keyrecord key_of(const char *line)
{
	struct keyrecord key;

	assert_int_equal(keyrecord_decode(line, &key), 0);
	return key;
}

static void put_key(const char *line)
{
	struct keyrecord key = key_of(line);

	assert_int_equal(ledger_key_put(ledger, &key, &why), 0);
}

static void keys_by_name(void **state)
{
	struct keyrecord key;

	(void)state;
	put_key("R 0b 13 - pool");
	put_key("R 0a 13 - pool");
	put_key("R 0b 13 " ONE " inuse");
	assert_int_equal(ledger_key_each(ledger, see_key, NULL, &why), 0);
	assert_string_equal(seen, "0a=pool;0b=inuse;");
	key = key_of("R 0a 13");
	assert_int_equal(ledger_key_drop(ledger, &key, &why), 0);
	key.locator[0] = 'x';
	assert_int_equal(ledger_key_put(ledger, &key, &why), -EINVAL);
	seen[0] = '\0';
	assert_int_equal(ledger_key_each(ledger, see_key, NULL, &why), 0);
	assert_string_equal(seen, "0b=inuse;");
	sql("UPDATE hsmkey SET line = 'R 0b'");
	assert_int_equal(ledger_key_each(ledger, see_key, NULL, &why), -EIO);
}

/* Zones and keys in one order, which capture relies on. */
static void rows_that_travel(void **state)
{
	char text[ROW_TEXT_MAX];

	(void)state;
	assert_int_equal(
	    ledger_row_put(ledger, "zz.example", "2 7 - 1 0 - - 1 0 0", &why),
	    0);
	assert_int_equal(
	    ledger_row_put(ledger, "key R 0a", "R 0a 13 - inuse", &why), 0);
	assert_int_equal(
	    ledger_row_put(ledger, "a.example", "2 7 - 1 0 - - 1 0 0", &why),
	    0);
	assert_int_equal(ledger_row_each(ledger, see_row, NULL, &why), 0);
	assert_string_equal(seen, "a.example=3 7 - 1 0 - - 1 0 0\n;"
	                          "key R 0a=R 0a 13 - inuse;"
	                          "zz.example=3 7 - 1 0 - - 1 0 0\n;");
	assert_int_equal(ledger_row_get(ledger, "key R 0a", text, &why), 0);
	assert_string_equal(text, "R 0a 13 - inuse");
	assert_int_equal(ledger_row_get(ledger, "a.example", text, &why), 0);
	assert_string_equal(text, "3 7 - 1 0 - - 1 0 0\n");
	assert_int_equal(
	    ledger_row_get(ledger, "key R 0b", text, &why), -ENOENT);
	assert_int_equal(ledger_row_drop(ledger, "key R 0a", &why), 0);
	assert_int_equal(ledger_row_drop(ledger, "a.example", &why), 0);
	seen[0] = '\0';
	assert_int_equal(ledger_row_each(ledger, see_row, NULL, &why), 0);
	assert_string_equal(seen, "zz.example=3 7 - 1 0 - - 1 0 0\n;");
}

/* The name and what it names come from another node. */
static void rows_that_are_none(void **state)
{
	static const char *const bad[][2] = {
	    {"key R 0a", "R 0b 13 - inuse"},
	    {"key R 0a", "S 0a 13 - inuse"},
	    {"key R 0a", "R 0a 13 - inuse more"},
	    {"key R 0a", "2 7 - 1 0 - - 1 0 0"},
	    {"key ", "R 0a 13 - inuse"},
	    {"a.example", "R 0a 13 - inuse"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(
		    ledger_row_put(ledger, bad[i][0], bad[i][1], &why),
		    -EBADMSG);
	assert_int_equal(ledger_row_each(ledger, see_row, NULL, &why), 0);
	assert_string_equal(seen, "");
}

static void a_row_here_is_damaged(void **state)
{
	char text[ROW_TEXT_MAX];

	(void)state;
	sql("INSERT INTO hsmkey VALUES('key R 0a', 'R 0b 13 - inuse')");
	assert_int_equal(ledger_row_each(ledger, see_row, NULL, &why), -EIO);
	assert_string_equal(
	    why.text, "ledger.db: the row of key R 0a is damaged");
	assert_int_equal(ledger_row_get(ledger, "key R 0a", text, &why), -EIO);
}

static uint64_t version(void)
{
	uint64_t v;

	assert_int_equal(ledger_zone_version(ledger, &v, &why), 0);
	return v;
}

static void a_key_is_a_change(void **state)
{
	uint64_t v = version();
	struct keyrecord key = key_of("R 0a 13");

	(void)state;
	put_key("R 0a 13");
	assert_int_not_equal(version(), v);
	v = version();
	assert_int_equal(ledger_key_drop(ledger, &key, &why), 0);
	assert_int_not_equal(version(), v);
}

static void proofs_of_keys_on_record(void **state)
{
	struct keyrecord a = key_of("R 0a 13 " ONE);
	struct keyrecord b = key_of("R 0b 13 " ONE);

	(void)state;
	put_key("R 0b 13 " ONE " inuse");
	assert_int_equal(ledger_proof_put(ledger, &a, "1234", &why), 0);
	assert_int_equal(ledger_proof_put(ledger, &b, "1234", &why), 0);
	assert_int_equal(ledger_proof_put(ledger, &b, "5678", &why), 0);
	assert_int_equal(ledger_proof_each(ledger, see_proof, NULL, &why), 0);
	assert_string_equal(seen, "0a=1234;0b=5678;");
	assert_int_equal(ledger_proof_prune(ledger, &why), 0);
	seen[0] = '\0';
	assert_int_equal(ledger_proof_each(ledger, see_proof, NULL, &why), 0);
	assert_string_equal(seen, "0b=5678;");
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(keys_by_name),
	    T(rows_that_travel),
	    T(rows_that_are_none),
	    T(a_row_here_is_damaged),
	    T(a_key_is_a_change),
	    T(proofs_of_keys_on_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
