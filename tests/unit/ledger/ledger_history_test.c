/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "ledger.h"

static char dir[64];
static struct ledger *ledger;
static struct why why;

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-ledger.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	ledger_close(ledger);
	ledger = NULL;
	snprintf(path, sizeof(path), "%s/ledger.db", dir);
	unlink(path);
	return rmdir(dir);
}

static void sql(const char *text)
{
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/ledger.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static struct ancestor term_of(uint64_t term, uint64_t base)
{
	struct ancestor a = {.term = term, .term_id = {{(uint8_t)term}}};

	a.origin.base.term = base;
	a.origin.base.term_id.byte[0] = (uint8_t)base;
	a.origin.base.seq = base ? 10 * base : 0;
	a.origin.line.byte[0] = 1;
	return a;
}

static void begin(uint64_t term, uint64_t base)
{
	struct ancestor a = term_of(term, base);

	assert_int_equal(ledger_term_put(ledger, &a, &why), 0);
}

static void put_tip(uint64_t term)
{
	struct position tip = term_of(0, term).origin.base;

	assert_int_equal(ledger_tip_put(ledger, &tip, &why), 0);
}

/* WANT are the terms of what led to TERM. */
static void assert_lineage(uint64_t term, const char *want)
{
	struct ancestor a = term_of(term, 0);
	char got[64] = "";
	struct lineage l;
	size_t i;

	assert_int_equal(ledger_lineage_get(ledger, &a.term_id, &l, &why), 0);
	for (i = 0; i < l.count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%d ",
		    (int)l.row[i].term);
	lineage_free(&l);
	assert_string_equal(got, want);
}

static void a_term_in_vain_leaves_no_trace(void **state)
{
	(void)state;
	assert_int_equal(ledger_open(dir, &ledger, &why), 0);
	assert_lineage(1, "");
	begin(1, 0);
	put_tip(1);
	begin(2, 1); /* not one generation */
	begin(3, 1);
	put_tip(3);
	begin(5, 3);
	assert_lineage(5, "5 3 1 ");
	assert_lineage(3, "3 1 ");
	assert_lineage(2, "");
	begin(6, 1); /* a copy of another branch was not complete */
	assert_lineage(6, "6 1 ");
	assert_lineage(3, "");
}

static void tip_of_that_term_only(void **state)
{
	struct ancestor a = term_of(2, 1);
	struct lineage l;

	(void)state;
	assert_int_equal(ledger_open(dir, &ledger, &why), 0);
	put_tip(2);
	assert_int_equal(ledger_lineage_get(ledger, &a.term_id, &l, &why), 0);
	assert_int_equal(l.tip.seq, 20);
	put_tip(1);
	assert_int_equal(ledger_lineage_get(ledger, &a.term_id, &l, &why), 0);
	assert_int_equal(l.tip.seq, 0);
	assert_true(id_equal(&l.tip.term_id, &a.term_id));
}

static void a_copy_replaces_it(void **state)
{
	struct ancestor row[] = {term_of(7, 4), term_of(4, 0)};
	struct lineage l = {.count = 2, .row = row};

	(void)state;
	assert_int_equal(ledger_open(dir, &ledger, &why), 0);
	begin(1, 0);
	begin(8, 1);
	assert_int_equal(ledger_lineage_put(ledger, &l, &why), 0);
	assert_lineage(7, "7 4 ");
	assert_lineage(8, "");
	assert_lineage(1, "");
}

/* One of the first version: two tables, a record without origin. */
static void earlier_ledger_opens(void **state)
{
	struct record r;

	(void)state;
	sql("CREATE TABLE local(key TEXT PRIMARY KEY, value TEXT NOT NULL)"
	    " WITHOUT ROWID;"
	    "CREATE TABLE zone(name TEXT PRIMARY KEY, line TEXT NOT NULL)"
	    " WITHOUT ROWID;"
	    "INSERT INTO local VALUES('record', "
	    "'0123456789abcdef0123456789abcdef 5 "
	    "05000000000000000000000000000000 1 "
	    "0123456789abcdef0123456789abcdef 2 1 0 1 0 '),"
	    "('tip', '05000000000000000000000000000000 5 50')");
	assert_int_equal(ledger_open(dir, &ledger, &why), 0);
	assert_int_equal(ledger_record_get(ledger, &r, &why), 0);
	assert_int_equal(r.term, 5);
	assert_true(id_is_zero(&r.origin.line));
	assert_lineage(5, "");
	begin(6, 5);
	assert_lineage(6, "6 ");
	ledger_close(ledger);
	assert_int_equal(ledger_open(dir, &ledger, &why), 0);
	assert_lineage(6, "6 ");
}

static void later_ledger_is_refused(void **state)
{
	(void)state;
	sql("PRAGMA user_version = 99");
	assert_int_equal(ledger_open(dir, &ledger, &why), -EPROTONOSUPPORT);
	assert_non_null(strstr(why.text, "newer ocf-ods"));
	ledger = NULL;
}

static void damaged_history(void **state)
{
	struct ancestor a = term_of(5, 0);
	struct lineage l;

	(void)state;
	assert_int_equal(ledger_open(dir, &ledger, &why), 0);
	sql("INSERT INTO history VALUES(5, 'x', 'y')");
	assert_int_equal(
	    ledger_lineage_get(ledger, &a.term_id, &l, &why), -EIO);
	assert_string_equal(why.text, "ledger.db: the history is damaged");
	lineage_free(&l);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_term_in_vain_leaves_no_trace),
	    T(tip_of_that_term_only),
	    T(a_copy_replaces_it),
	    T(earlier_ledger_opens),
	    T(later_ledger_is_refused),
	    T(damaged_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
