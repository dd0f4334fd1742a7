/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "kaspdb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

/* The columns that matter, of OpenDNSSEC's schema.sqlite. */
#define TABLES                                                             \
	"CREATE TABLE zone (id INTEGER PRIMARY KEY, name TEXT);"           \
	"CREATE TABLE keyData (id INTEGER PRIMARY KEY, zoneId, algorithm," \
	" dsAtParent, keytag);"                                            \
	"CREATE TABLE keyState (id INTEGER PRIMARY KEY, keyDataId, type,"  \
	" state);"
/* A zone with one key, whose DS is in STATE. */
#define KEY(id, at_parent, state)                                      \
	"INSERT INTO zone VALUES(" #id ", 'z" #id "');"                \
	"INSERT INTO keyData VALUES(" #id ", " #id ", 13, " #at_parent \
	", 10" #id ");"                                                \
	"INSERT INTO keyState VALUES(NULL, " #id ", 2, 2);"            \
	"INSERT INTO keyState VALUES(NULL, " #id ", 0, " #state ");"

static char file[] = "/tmp/kaspds_XXXXXX";
static char said[1024];

static void row(
    const char *zone, int algorithm, int tag, bool everywhere, void *arg)
{
	size_t len = strlen(said);

	(void)arg;
	snprintf(said + len, sizeof(said) - len, "%s %d %d%s\n", zone,
	    algorithm, tag, everywhere ? " everywhere" : "");
}

static void sql(const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void which_are_in_use(void **state)
{
	(void)state;
	sql(TABLES
	        /* not yet; told; submitted; a ZSK; going; gone */
	        KEY(1, 0, 0) KEY(2, 1, 0) KEY(3, 3, 2) KEY(4, 0, 4) KEY(5, 4, 3)
	            KEY(6, 5, 0) "INSERT INTO keyData VALUES(9, 3, 8, 2, 9);"
	                         "INSERT INTO zone VALUES(7, 'a');");
	assert_int_equal(kaspdb_ds(file, row, NULL, NULL), 0);
	assert_string_equal(said, "a 0 0\nz1 0 0\nz2 13 102\nz3 13 103 "
	                          "everywhere\nz3 8 9\nz4 0 0\nz5 13 105\n"
	                          "z6 0 0\n");
}

static void no_database(void **state)
{
	struct why why = {0};

	(void)state;
	assert_int_equal(kaspdb_ds("/dev/null", row, NULL, &why), -5);
	assert_non_null(strstr(why.text, "no such table"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(which_are_in_use),
	    cmocka_unit_test(no_database),
	};
	int fd = mkstemp(file), rc;

	if (fd < 0)
		return 1;
	close(fd);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(file);
	return rc;
}
