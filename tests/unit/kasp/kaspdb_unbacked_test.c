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

/* The columns that matter, in the order of OpenDNSSEC's schema.sqlite. */
#define TABLES                                                              \
	"CREATE TABLE hsmKey (id INTEGER PRIMARY KEY, rev, policyId,"       \
	" locator TEXT UNIQUE, state, bits, algorithm, role, inception,"    \
	" isRevoked, keyType, repository TEXT, backup);"                    \
	"CREATE TABLE keyData (id INTEGER PRIMARY KEY, rev, zoneId,"        \
	" hsmKeyId, algorithm, inception, role, introducing, shouldRevoke," \
	" standby, activeZsk, publish, activeKsk, dsAtParent, keytag,"      \
	" minimize);"

static char file[] = "/tmp/kaspdb_XXXXXX";
static struct kaspdb_key seen[16];
static int count;

static int setup(void **state)
{
	int fd;

	(void)state;
	strcpy(file, "/tmp/kaspdb_XXXXXX");
	fd = mkstemp(file);
	count = 0;
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(file);
}

static void sql(const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void hsm_key(int id, const char *repository, const char *locator,
    int state, int role, int backup)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "INSERT INTO hsmKey(id, repository, locator, state, algorithm,"
	    " role, backup) VALUES(%d, '%s', '%s', %d, 13, %d, %d)",
	    id, repository, locator, state, role, backup);
	sql(text);
}

static void key_data(int hsm_key_id, int publish, int ksk, int zsk)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "INSERT INTO keyData(zoneId, hsmKeyId, publish, activeKsk,"
	    " activeZsk) VALUES(1, %d, %d, %d, %d)",
	    hsm_key_id, publish, ksk, zsk);
	sql(text);
}

static void row(const struct kaspdb_key *key, void *arg)
{
	assert_ptr_equal(arg, &count);
	assert_true(count < 16);
	seen[count++] = *key;
}

static void fill(void)
{
	sql(TABLES);
	hsm_key(1, "A", "01", 2, 1, 0);       /* needs none */
	hsm_key(2, "A", "02", 2, 1, 1);       /* required: published */
	hsm_key(3, "A", "03", 2, 2, 2);       /* requested: signs */
	hsm_key(4, "A", "04", 2, 3, 3);       /* done */
	hsm_key(5, "A", "05", 1, 1, 1);       /* required, unused */
	hsm_key(6, "the HSM", "06", 3, 2, 1); /* shared: two zones */
	hsm_key(7, "A", "07", 4, 2, 1);       /* to be deleted */
	key_data(1, 1, 1, 0);
	key_data(2, 1, 0, 0);
	key_data(3, 0, 0, 1);
	key_data(4, 1, 1, 1);
	key_data(6, 0, 1, 0);
	key_data(6, 1, 0, 0);
	key_data(7, 0, 0, 0);
}

static void expect(int at, const char *repository, const char *locator,
    const char *role, const char *backup)
{
	assert_true(at < count);
	assert_string_equal(seen[at].record.repository, repository);
	assert_string_equal(seen[at].record.locator, locator);
	assert_string_equal(seen[at].role, role);
	assert_string_equal(seen[at].backup, backup);
}

static void in_use_and_not_backed_up(void **state)
{
	struct why why;

	(void)state;
	fill();
	assert_int_equal(kaspdb_unbacked(file, row, &count, &why), 0);
	assert_int_equal(count, 3);
	expect(0, "A", "02", "KSK", "required");
	expect(1, "A", "03", "ZSK", "requested");
	expect(2, "the_HSM", "06", "ZSK", "required");
}

static void all_keys(void **state)
{
	struct why why;

	(void)state;
	fill();
	assert_int_equal(kaspdb_keys(file, row, &count, &why), 0);
	assert_int_equal(count, 6);
	expect(3, "A", "04", "CSK", "done");
	assert_true(seen[3].record.in_use);
	expect(4, "A", "05", "KSK", "required");
	assert_false(seen[4].record.in_use);
	assert_int_equal(seen[4].record.algorithm, 13);
}

/* One odd row hides no other. */
static void a_row_that_names_no_key(void **state)
{
	struct why why;

	(void)state;
	fill();
	hsm_key(8, "A", "no hex", 2, 1, 1);
	key_data(8, 1, 1, 1);
	assert_int_equal(kaspdb_unbacked(file, row, &count, &why), 0);
	assert_int_equal(count, 3);
}

static void no_tables_yet(void **state)
{
	struct why why;

	(void)state;
	assert_int_equal(kaspdb_unbacked(file, row, &count, &why), 0);
	sql("CREATE TABLE keyData(x)");
	assert_int_equal(kaspdb_keys(file, row, &count, &why), 0);
	assert_int_equal(count, 0);
}

/* A schema that is not understood is no database without such keys. */
static void another_schema(void **state)
{
	struct why why;

	(void)state;
	sql("CREATE TABLE keyData(x); CREATE TABLE hsmKey(y)");
	assert_true(kaspdb_unbacked(file, row, &count, &why) < 0);
	assert_true(kaspdb_keys(file, row, &count, &why) < 0);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(in_use_and_not_backed_up),
	    T(all_keys),
	    T(a_row_that_names_no_key),
	    T(no_tables_yet),
	    T(another_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
