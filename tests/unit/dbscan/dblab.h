/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_DBLAB_H
#define TEST_DBLAB_H

#include "../engine/node.h"

#include <signal.h>
#include <sys/wait.h>

#include "dbscan.h"

/* The database is written by SQLite in a child: a SQLite of this process
 * would share our descriptors' fate. */

struct lab {
	struct node n;
	struct dbscan *scan;
	char path[PATH_MAX], copy[PATH_MAX];
};

static UNUSED_FN pid_t child(
    const struct lab *l, void (*fn)(const struct lab *l))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		fn(l);
		_exit(0);
	}
	return pid;
}

static UNUSED_FN void run(const struct lab *l, void (*fn)(const struct lab *l))
{
	int status;

	waitpid(child(l, fn), &status, 0);
}

static UNUSED_FN sqlite3 *db_open(const struct lab *l)
{
	sqlite3 *db;

	if (sqlite3_open(l->path, &db) != SQLITE_OK)
		_exit(1);
	sqlite3_busy_timeout(db, 5000);
	return db;
}

/* Two tables that every transaction keeps equal. */
static UNUSED_FN void create(const struct lab *l)
{
	sqlite3_exec(db_open(l),
	    "CREATE TABLE a(n INTEGER PRIMARY KEY, fill TEXT);"
	    "CREATE TABLE b(n INTEGER PRIMARY KEY, fill TEXT);",
	    NULL, NULL, NULL);
}

static UNUSED_FN void fill(const struct lab *l)
{
	sqlite3_exec(db_open(l),
	    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c"
	    " WHERE x < 300) INSERT INTO a SELECT x, hex(randomblob(900))"
	    " FROM c; INSERT INTO b SELECT * FROM a",
	    NULL, NULL, NULL);
}

/* The whole database into the copy. */
static UNUSED_FN int copy_while(
    struct lab *l, bool locked, const struct tick *t, struct why *why)
{
	CLEANUP_CLOSE int fd = open(l->copy, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct dbscan_step step = {.to = fd};
	int rc = dbscan_read(l->scan, locked, &step, t, why);

	if (rc == 0)
		assert_true(step.whole);
	pages_unref(step.now);
	return rc;
}

static UNUSED_FN int copy(struct lab *l, bool locked, struct why *why)
{
	return copy_while(l, locked, NULL, why);
}

static UNUSED_FN void count_equal(const struct lab *l)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;
	const char *text = "?";

	sqlite3_open(l->copy, &db);
	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) !=
	    SQLITE_OK)
		_exit(2);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		text = (const char *)sqlite3_column_text(stmt, 0);
	if (strcmp(text, "ok") != 0)
		_exit(3);
	sqlite3_finalize(stmt);
	sqlite3_prepare_v2(db,
	    "SELECT (SELECT max(n) FROM a) IS (SELECT max(n) FROM b)", -1,
	    &stmt, NULL);
	if (sqlite3_step(stmt) != SQLITE_ROW || !sqlite3_column_int(stmt, 0))
		_exit(4);
}

static UNUSED_FN void assert_sound(struct lab *l)
{
	int status;

	waitpid(child(l, count_equal), &status, 0);
	assert_int_equal(status, 0);
}

static UNUSED_FN int setup(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));

	node_init(&l->n, "db");
	snprintf(l->path, sizeof(l->path), "%s", l->n.conf.database);
	snprintf(l->copy, sizeof(l->copy), "%s", node_path(&l->n, "copy.db"));
	run(l, create);
	assert_int_equal(dbscan_open(l->path, &l->scan, NULL), 0);
	*state = l;
	return 0;
}

static UNUSED_FN int teardown(void **state)
{
	struct lab *l = *state;

	dbscan_close(l->scan);
	nftw(l->n.base, node_unlink, 16, FTW_DEPTH | FTW_PHYS);
	free(l);
	return 0;
}

static UNUSED_FN pid_t child_that_waits(
    const struct lab *l, void (*fn)(const struct lab *l))
{
	struct deadline d = deadline_in_ms(5000);
	pid_t pid = child(l, fn);

	while (
	    access(node_path(&l->n, "ready"), F_OK) < 0 && !deadline_passed(d))
		usleep(1000);
	return pid;
}

/* Has a journal and RESERVED, and has not touched the file yet. */
static UNUSED_FN void begin_and_wait(const struct lab *l)
{
	sqlite3_exec(db_open(l),
	    "BEGIN IMMEDIATE; UPDATE a SET fill = 'later' WHERE n = 7", NULL,
	    NULL, NULL);
	node_write(&l->n, "ready", "");
	for (;;)
		pause();
}

/* Pages of a transaction that has not ended are in the file. */
static UNUSED_FN void spill_and_wait(const struct lab *l)
{
	sqlite3_exec(db_open(l),
	    "PRAGMA cache_size=5; BEGIN; UPDATE a SET fill = 'torn'", NULL,
	    NULL, NULL);
	node_write(&l->n, "ready", "");
	for (;;)
		pause();
}

#define LAB_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
