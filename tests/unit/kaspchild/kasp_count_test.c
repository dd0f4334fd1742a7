/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "kasplab.h"

static char dir[] = "/tmp/kaspchild_XXXXXX";
static struct conf conf;

static int setup(void **state)
{
	(void)state;
	kasp_program();
	strcpy(dir, "/tmp/kaspchild_XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(conf.database, sizeof(conf.database), "%s/kasp.db", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(conf.database);
	return rmdir(dir);
}

static sqlite3 *sql(const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(conf.database, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static void expect(long zones, long keys)
{
	long z = -1, k = -1;

	assert_int_equal(kasp_count(&conf, &z, &k), 0);
	assert_int_equal(z, zones);
	assert_int_equal(k, keys);
}

static void nothing_there(void **state)
{
	(void)state;
	expect(0, 0);
	sqlite3_close(sql("CREATE TABLE other(x)"));
	expect(0, 0);
}

static void rows(void **state)
{
	(void)state;
	sqlite3_close(sql("CREATE TABLE zone(name); CREATE TABLE keyData(k);"
	                  "CREATE TABLE hsmKey(k);"
	                  "INSERT INTO zone VALUES('a'), ('b');"
	                  "INSERT INTO hsmKey VALUES(1), (2), (3)"));
	expect(2, 3);
}

/* Somebody writes: that is no empty database. */
static void locked(void **state)
{
	long zones, keys;
	sqlite3 *db;

	(void)state;
	db = sql("CREATE TABLE zone(name); INSERT INTO zone VALUES('a');"
	         "BEGIN EXCLUSIVE");
	assert_true(kasp_count(&conf, &zones, &keys) < 0);
	sqlite3_close(db);
}

static void damaged(void **state)
{
	long zones, keys;
	FILE *f = fopen(conf.database, "w");

	(void)state;
	assert_non_null(f);
	fprintf(f, "%4096s", "no database");
	fclose(f);
	assert_true(kasp_count(&conf, &zones, &keys) < 0);
}

/* What a dead writer has left half done is not counted as if it were there. */
static void hot_journal(void **state)
{
	long zones, keys;
	char journal[128];

	(void)state;
	kasp_fill(conf.database);
	expect(300, 0);
	kasp_kill(kasp_writer(conf.database, "DELETE FROM zone"));
	assert_true(kasp_count(&conf, &zones, &keys) < 0);
	snprintf(journal, sizeof(journal), "%s-journal", conf.database);
	unlink(journal);
}

/* Anything but the one line is no answer. */
static void answers(void **state)
{
	static const char *const bad[] = {"", "count 1 2", "count 1\n",
	    "count 1 2\nx", "count 01 2\n", "count  1 2\n", "count -1 2\n",
	    "x\ncount 1 2\n", "count 1 2 3\n",
	    "count 99999999999999999999 1\n"};
	long z = 7, k = 8;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse_count(bad[i], &z, &k))
			fail_msg("taken: %s", bad[i]);
	assert_true(z == 7 && k == 8);
	assert_true(parse_count("count 12 3\n", &z, &k));
	assert_true(z == 12 && k == 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(nothing_there, setup, teardown),
	    cmocka_unit_test_setup_teardown(rows, setup, teardown),
	    cmocka_unit_test_setup_teardown(locked, setup, teardown),
	    cmocka_unit_test_setup_teardown(damaged, setup, teardown),
	    cmocka_unit_test_setup_teardown(hot_journal, setup, teardown),
	    cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
