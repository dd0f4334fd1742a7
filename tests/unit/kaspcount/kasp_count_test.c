/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "kaspcount.h"

static char dir[] = "/tmp/kaspcount_XXXXXX";
static struct conf conf;

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/kaspcount_XXXXXX");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(nothing_there, setup, teardown),
	    cmocka_unit_test_setup_teardown(rows, setup, teardown),
	    cmocka_unit_test_setup_teardown(locked, setup, teardown),
	    cmocka_unit_test_setup_teardown(damaged, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
