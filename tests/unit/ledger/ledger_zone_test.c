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
	snprintf(path, sizeof(path), "%s/ledger.db", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/ledger.db-journal", dir);
	unlink(path);
	return rmdir(dir);
}

static struct zone_row full_row(void)
{
	struct zone_row row = {
	    .serial = UINT32_MAX,
	    .state = ZONE_SERVED,
	    .served_serial = UINT32_MAX - 1,
	    .ever = true,
	    .expires = INT64_MAX,
	    .served_expires = INT64_MAX - 1,
	};

	memset(row.zone, 'z', sizeof(row.zone) - 1);
	memset(row.digest, 'a', sizeof(row.digest) - 1);
	memset(row.served_digest, 'b', sizeof(row.served_digest) - 1);
	memset(row.unsigned_digest, 'c', sizeof(row.unsigned_digest) - 1);
	return row;
}

static void assert_same(const struct zone_row *a, const struct zone_row *b)
{
	assert_string_equal(a->zone, b->zone);
	assert_int_equal(a->serial, b->serial);
	assert_string_equal(a->digest, b->digest);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->served_serial, b->served_serial);
	assert_string_equal(a->served_digest, b->served_digest);
	assert_string_equal(a->unsigned_digest, b->unsigned_digest);
	assert_int_equal(a->ever, b->ever);
	assert_int_equal(a->expires, b->expires);
	assert_int_equal(a->served_expires, b->served_expires);
	assert_string_equal(a->past, b->past);
	assert_memory_equal(&a->clock, &b->clock, sizeof(a->clock));
}

static struct key_clock full_clock(void)
{
	struct key_clock c = {
	    .since = INT64_MAX / 8,
	    .ttl = INT64_MAX / 8,
	    .cached = INT64_MAX / 8,
	    .lag = KEY_LAG_UNKNOWN,
	    .pending = INT64_MAX / 8,
	    .acked = true,
	};

	memset(c.asked, 'e', sizeof(c.asked) - 1);
	return c;
}

static void as_text_and_back(void **state)
{
	struct zone_row row = full_row(), back;
	char text[1024];
	size_t n;

	(void)state;
	row.clock = full_clock();
	assert_int_equal(zone_row_text(&row, text, sizeof(text)), 0);
	assert_int_equal(zone_row_parse(row.zone, text, &back), 0);
	assert_same(&row, &back);
	strcpy(row.past, "served set 60 13:1:aa\nreset 5\n");
	assert_int_equal(zone_row_text(&row, text, sizeof(text)), 0);
	assert_int_equal(zone_row_parse(row.zone, text, &back), 0);
	assert_same(&row, &back);
	for (n = 0; n <= strlen(text); n++)
		assert_int_equal(zone_row_text(&row, text, n), -ENAMETOOLONG);
	row = (struct zone_row){.zone = "0/25.2.0.192.in-addr.arpa"};
	assert_int_equal(zone_row_text(&row, text, sizeof(text)), 0);
	assert_int_equal(zone_row_parse(row.zone, text, &back), 0);
	assert_same(&row, &back);
}

/* Before rows said when signatures run out. */
static void older_text(void **state)
{
	struct zone_row row;

	(void)state;
	assert_int_equal(zone_row_parse("z", "1 7 aa 1 6 bb - 1", &row), 0);
	assert_int_equal(row.serial, 7);
	assert_string_equal(row.served_digest, "bb");
	assert_true(row.ever);
	assert_int_equal(row.expires, 0);
	assert_int_equal(row.served_expires, 0);
	/* ... and what the world may hold */
	assert_int_equal(
	    zone_row_parse("z", "2 7 aa 1 6 bb - 1 50 60", &row), 0);
	assert_int_equal(row.served_expires, 60);
	assert_string_equal(row.past, "");
}

/* It comes from a peer. */
static void hostile_text(void **state)
{
	static const char *const bad[] = {"", "1", "2 1 a 0 1 a a 1",
	    "1 1 a 2 1 a a 1", "1 1 a -1 1 a a 1", "1 x a 0 1 a a 1",
	    "1 1 a 0 1 a a", "2 1 a 0 1 a a 1 5", "3 1 a 0 1 a a 1 5 5",
	    "4 1 a 0 1 a a 1 5 5\n", "2 1 a 0 1 a a 1 5 5\n",
	    "3 1 a 0 1 a a 1 5 5\nnothing\n",
	    "3 1 a 0 1 a a 1 5 5 - - 1 1 1 1 1\n",
	    "3 1 a 0 1 a a 1 5 5 - - 1 -1 1 1 1 0\n",
	    "3 1 a 0 1 a a 1 5 5 - - 1 1 9223372036854775807 1 1 0\n",
	    "3 1 a 0 1 a a 1 5 5 - - 1 1 1 1 1 0", "3 1 a 0 1 a a 1 5 5x\n"};
	struct zone_row back, row = full_row();
	char text[512], longer[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    zone_row_parse("example", bad[i], &back), -EINVAL);
	snprintf(text, sizeof(text), "1 1 %0100d 0 1 a a 1", 1);
	assert_int_equal(zone_row_parse("example", text, &back), -EINVAL);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	zone_row_text(&row, text, sizeof(text));
	assert_int_equal(zone_row_parse(longer, text, &back), -ENAMETOOLONG);
}

static int count(const struct zone_row *row, void *arg)
{
	(void)row;
	++*(int *)arg;
	return 0;
}

static int stop(const struct zone_row *row, void *arg)
{
	(void)row, (void)arg;
	return -EINTR;
}

static void rows_survive(void **state)
{
	struct zone_row row = full_row(), back;
	struct why why;
	int rows = 0;

	(void)state;
	assert_int_equal(
	    ledger_zone_get(ledger, row.zone, &back, &why), -ENOENT);
	assert_int_equal(ledger_zone_put(ledger, &row, &why), 0);
	snprintf(row.zone, sizeof(row.zone), "a'b;--.example");
	row.state = ZONE_INTENT;
	assert_int_equal(ledger_zone_put(ledger, &row, &why), 0);
	ledger_close(ledger);
	assert_int_equal(ledger_open(dir, &ledger, &why), 0);
	assert_int_equal(ledger_zone_get(ledger, row.zone, &back, &why), 0);
	assert_same(&row, &back);
	assert_int_equal(ledger_zone_each(ledger, count, &rows, &why), 0);
	assert_int_equal(rows, 2);
	assert_int_equal(ledger_zone_each(ledger, stop, NULL, &why), -EINTR);
	assert_int_equal(ledger_zone_drop(ledger, row.zone, &why), 0);
	assert_int_equal(
	    ledger_zone_get(ledger, row.zone, &back, &why), -ENOENT);
}

/* Whoever writes what was published does not write the clock. */
static void clock_of_its_own(void **state)
{
	struct zone_row row = full_row(), back;
	struct key_clock clock = full_clock(), none = {.ttl = 5};
	struct why why;
	uint64_t before, after;

	(void)state;
	assert_int_equal(ledger_zone_put(ledger, &row, &why), 0);
	assert_int_equal(ledger_zone_version(ledger, &before, &why), 0);
	assert_int_equal(ledger_clock_put(ledger, row.zone, &clock, &why), 0);
	assert_int_equal(ledger_zone_version(ledger, &after, &why), 0);
	assert_int_not_equal(before, after);
	assert_int_equal(ledger_zone_put(ledger, &row, &why), 0);
	assert_int_equal(ledger_zone_get(ledger, row.zone, &back, &why), 0);
	row.clock = clock;
	assert_same(&row, &back);
	assert_int_equal(ledger_clock_put(ledger, row.zone, &none, &why), 0);
	assert_int_equal(ledger_zone_get(ledger, row.zone, &back, &why), 0);
	assert_int_equal(back.clock.ttl, 0);
	assert_int_equal(ledger_clock_put(ledger, row.zone, &clock, &why), 0);
	assert_int_equal(ledger_zone_drop(ledger, row.zone, &why), 0);
	memset(&row.clock, 0, sizeof(row.clock));
	assert_int_equal(ledger_zone_put(ledger, &row, &why), 0);
	assert_int_equal(ledger_zone_get(ledger, row.zone, &back, &why), 0);
	assert_same(&row, &back);
}

static void all_or_nothing(void **state)
{
	struct zone_row row = full_row(), back;
	struct why why;

	(void)state;
	assert_int_equal(ledger_begin(ledger, &why), 0);
	assert_int_equal(ledger_zone_put(ledger, &row, &why), 0);
	ledger_rollback(ledger);
	assert_int_equal(
	    ledger_zone_get(ledger, row.zone, &back, &why), -ENOENT);
	assert_int_equal(ledger_begin(ledger, &why), 0);
	assert_int_equal(ledger_zone_put(ledger, &row, &why), 0);
	assert_int_equal(ledger_commit(ledger, &why), 0);
	assert_int_equal(ledger_zone_get(ledger, row.zone, &back, &why), 0);
}

static void damaged_row(void **state)
{
	char path[128];
	struct zone_row back;
	struct why why;
	sqlite3 *db;
	int rows = 0;

	(void)state;
	snprintf(path, sizeof(path), "%s/ledger.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "INSERT INTO zone VALUES ('z.example', 'junk')",
	        NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(
	    ledger_zone_get(ledger, "z.example", &back, &why), -EIO);
	assert_string_equal(
	    why.text, "ledger.db: the row of z.example is damaged");
	memset(&why, 0, sizeof(why));
	assert_int_equal(ledger_zone_each(ledger, count, &rows, &why), -EIO);
	assert_string_equal(
	    why.text, "ledger.db: the row of z.example is damaged");
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_text_and_back),
	    cmocka_unit_test(older_text),
	    cmocka_unit_test(hostile_text),
	    T(rows_survive),
	    T(clock_of_its_own),
	    T(all_or_nothing),
	    T(damaged_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
