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

static int setup(void **state)
{
	struct why why;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-ledger.XXXXXX");
	return mkdtemp(dir) ? ledger_open(dir, &ledger, &why) : -1;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	ledger_close(ledger);
	ledger = NULL;
	snprintf(path, sizeof(path), "%s/ledger.db", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/ledger.db-journal", dir);
	unlink(path);
	return rmdir(dir);
}

static void reopen(void)
{
	struct why why;

	ledger_close(ledger);
	assert_int_equal(ledger_open(dir, &ledger, &why), 0);
}

/* As a careless hand would. */
static void sql(const char *text)
{
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/ledger.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void record_survives(void **state)
{
	struct record r = {
	    .term = UINT64_MAX, .revision = 12, .voters = 16, .solo = true};
	struct record back;
	struct why why;
	int i;

	(void)state;
	assert_int_equal(ledger_record_get(ledger, &back, &why), -ENOENT);
	id_random(&r.cluster);
	id_random(&r.term_id);
	id_random(&r.source);
	r.fencing = true;
	r.last_seq = 5;
	for (i = 0; i < NODES_MAX; i++) {
		struct id id;

		id_random(&id);
		nodes_add(&r.holders, &id);
	}
	assert_int_equal(ledger_record_put(ledger, &r, &why), 0);
	reopen();
	assert_int_equal(ledger_record_get(ledger, &back, &why), 0);
	assert_memory_equal(&back.cluster, &r.cluster, ID_LEN);
	assert_memory_equal(&back.source, &r.source, ID_LEN);
	assert_memory_equal(&back.holders, &r.holders, sizeof(r.holders));
	assert_int_equal(record_compare(&back, &r), RECORD_SAME);
	assert_int_equal(back.voters, 16);
	assert_true(back.fencing && back.solo && !back.open);
	assert_int_equal(back.last_seq, 5);
	r.holders.count = 0; /* the last put counts */
	r.open = true;
	assert_int_equal(ledger_record_put(ledger, &r, &why), 0);
	assert_int_equal(ledger_record_get(ledger, &back, &why), 0);
	assert_int_equal(back.holders.count, 0);
	assert_true(back.open);
}

static void record_before_is_another(void **state)
{
	struct record r = {.term = 7}, back;
	struct why why;

	(void)state;
	assert_int_equal(ledger_before_get(ledger, &back, &why), -ENOENT);
	assert_int_equal(ledger_before_put(ledger, &r, &why), 0);
	r.term = 8;
	assert_int_equal(ledger_record_put(ledger, &r, &why), 0);
	reopen();
	assert_int_equal(ledger_before_get(ledger, &back, &why), 0);
	assert_int_equal(back.term, 7);
}

static void damaged_record(void **state)
{
	static const char *const bad[] = {"", "x", "1 2 3",
	    "00 1 00 1 00 2 1 0 1 0 ",
	    "0123456789abcdef0123456789abcdef 1 "
	    "0123456789abcdef0123456789abcdef 1 "
	    "0123456789abcdef0123456789abcdef 2 1 0 1 0 0123"};
	struct record back;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    ledger_note_put(ledger, "record", bad[i], &why), 0);
		assert_int_equal(ledger_record_get(ledger, &back, &why), -EIO);
		assert_string_equal(
		    why.text, "ledger.db: the record is damaged");
	}
}

static void node_id_is_made_once(void **state)
{
	struct id a, b;
	struct why why;
	bool fresh;

	(void)state;
	assert_int_equal(ledger_node_id(ledger, &a, &fresh, &why), 0);
	assert_true(fresh);
	reopen();
	assert_int_equal(ledger_node_id(ledger, &b, &fresh, &why), 0);
	assert_false(fresh);
	assert_true(id_equal(&a, &b));
	sql("UPDATE local SET value = 'xyz' WHERE key = 'node_id'");
	assert_int_equal(ledger_node_id(ledger, &b, &fresh, &why), -EIO);
	assert_non_null(strstr(why.text, "node id is damaged"));
}

static void starts_are_counted(void **state)
{
	struct why why;
	uint64_t starts;
	int i;

	(void)state;
	for (i = 1; i < 4; i++) {
		assert_int_equal(ledger_count_start(ledger, &starts, &why), 0);
		assert_int_equal(starts, i);
		reopen();
	}
}

static void positions(void **state)
{
	struct position p = {.term = 3, .seq = 7}, tip, applied;
	struct why why;

	(void)state;
	assert_int_equal(ledger_position_get(ledger, &tip, &applied, &why), 0);
	assert_int_equal(tip.seq, 0);
	id_random(&p.term_id);
	assert_int_equal(ledger_tip_put(ledger, &p, &why), 0);
	p.seq = 6;
	assert_int_equal(ledger_applied_put(ledger, &p, &why), 0);
	reopen();
	assert_int_equal(ledger_position_get(ledger, &tip, &applied, &why), 0);
	assert_int_equal(tip.seq, 7);
	assert_int_equal(applied.seq, 6);
	assert_true(id_equal(&tip.term_id, &p.term_id));
	ledger_note_put(ledger, "applied", "junk", &why);
	assert_int_equal(
	    ledger_position_get(ledger, &tip, &applied, &why), -EIO);
	assert_string_equal(why.text, "ledger.db: applied is damaged");
}

static void not_a_database(void **state)
{
	struct ledger *l = NULL;
	struct why why = {0};
	char path[128];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/ledger.db", dir);
	ledger_close(ledger);
	ledger = NULL;
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("this is not a database, and long enough to be looked at as a "
	      "header of one: what follows is not either, really not at all",
	    f);
	fclose(f);
	assert_true(ledger_open(dir, &l, &why) < 0);
	assert_null(l);
	assert_non_null(strstr(why.text, "ledger.db"));
	assert_true(ledger_open("/nonexistent", &l, &why) < 0);
	assert_true(why.text[0] != '\0');
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(record_survives),
	    T(record_before_is_another),
	    T(damaged_record),
	    T(node_id_is_made_once),
	    T(starts_are_counted),
	    T(positions),
	    T(not_a_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
