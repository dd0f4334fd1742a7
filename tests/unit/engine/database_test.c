/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include <signal.h>
#include <sys/wait.h>

/* What happens to the database of a pair when its writer does not end well.
 * The writer is SQLite in a child, born before the engines have threads. */

struct lab {
	struct pair *p;
	pid_t writer;
};

static void wait_for(const struct node *n, const char *name)
{
	struct deadline d = deadline_in_ms(20000);

	while (access(node_path(n, name), F_OK) < 0 && !deadline_passed(d))
		usleep(1000);
}

/* Half of a transaction gets into the file, and no further. */
static void writer_main(const struct node *n)
{
	sqlite3 *db;

	wait_for(n, "go");
	sqlite3_open(n->conf.database, &db);
	sqlite3_exec(db,
	    "PRAGMA cache_size=5; BEGIN; UPDATE zone SET name = 'torn'", NULL,
	    NULL, NULL);
	node_write(n, "ready", "");
	for (;;)
		pause();
}

static int setup(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));

	l->p = pair_make();
	node_sql(&l->p->a,
	    "CREATE TABLE zone(name TEXT); WITH RECURSIVE c(x) AS (SELECT 1 "
	    "UNION ALL SELECT x + 1 FROM c WHERE x < 300) "
	    "INSERT INTO zone SELECT hex(randomblob(900)) FROM c");
	l->writer = fork();
	if (l->writer == 0)
		writer_main(&l->p->a);
	pair_open(l->p);
	pair_source(l->p);
	pair_follow(l->p);
	*state = l;
	return 0;
}

static void kill_writer(struct lab *l)
{
	int status;

	if (l->writer > 0) {
		kill(l->writer, SIGKILL);
		waitpid(l->writer, &status, 0);
	}
	l->writer = 0;
}

static int teardown(void **state)
{
	struct lab *l = *state;
	void *pair = l->p;

	kill_writer(l);
	pair_end(&pair);
	free(l);
	return 0;
}

static void die_in_transaction(struct lab *l)
{
	node_write(&l->p->a, "go", "");
	wait_for(&l->p->a, "ready");
	kill_writer(l);
	assert_true(node_size(&l->p->a, "db/kasp.db-journal") > 0);
}

/* As SQLite finds it: a journal that was left would be rolled back here. */
static void assert_sound(const struct node *n)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;

	sqlite3_open(n->conf.database, &db);
	assert_int_equal(sqlite3_prepare_v2(db,
	                     "SELECT integrity_check, (SELECT count(*) FROM "
	                     "zone WHERE name = 'torn') FROM "
	                     "pragma_integrity_check",
	                     -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal(sqlite3_column_text(stmt, 0), "ok");
	assert_int_equal(sqlite3_column_int(stmt, 1), 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

/* The former source comes back with half a transaction: what it has is
 * compared page by page, and nobody rolls anything back into that. */
static void hot_journal_rejoin(void **state)
{
	struct lab *l = *state;
	struct node *a = &l->p->a, *b = &l->p->b;
	struct engine_term term = term_make(2);
	struct why why = {0};
	int port = test_port();

	nodes_sync(a, b);
	node_close(a);
	die_in_transaction(l);
	engine_freeze(b->engine);
	assert_int_equal(
	    engine_drain(b->engine, deadline_in_ms(5000), &why), 0);
	node_source(b, &term, port, a);
	node_open(a);
	node_replica(a, &term, port, b);
	wait_until(b, a, a->applied > 0);
	nodes_sync(b, a);
	assert_null(node_read(a, "db/kasp.db-journal"));
	assert_alike(a, b);
	assert_sound(a);
	assert_alike(a, b);
}

/* The enforcer is killed while the source is demoted: the last generation has
 * the last whole state, and says so. */
static void demote_sigkill(void **state)
{
	struct lab *l = *state;
	struct node *a = &l->p->a, *b = &l->p->b;
	uint64_t request;

	nodes_sync(a, b);
	die_in_transaction(l);
	node_signconf(a, "example.com", 2);
	request = engine_cut_last(a->engine);
	wait_until(a, b, a->request >= request);
	wait_until(a, b, a->acked >= a->cut && b->applied >= a->cut);
	assert_true(a->fault);
	assert_non_null(strstr(a->text, "hot journal"));
	assert_sound(b);
	assert_sound(a); /* rolls it back */
	nodes_sync(a, b);
	assert_alike(a, b);
}

static void last_cut_is_locked(void **state)
{
	struct lab *l = *state;
	struct node *a = &l->p->a, *b = &l->p->b;
	CLEANUP_CLOSE int fd = open(a->conf.database, O_RDWR);
	struct flock pending = {
	    .l_type = F_WRLCK, .l_start = 0x40000000, .l_len = 1};
	uint64_t request;

	assert_int_equal(fcntl(fd, F_OFD_SETLK, &pending), 0);
	nodes_sync(a, b);
	assert_false(a->fault);
	request = engine_cut_last(a->engine);
	wait_until(a, b, a->request >= request);
	wait_until(a, b, a->fault);
	assert_non_null(strstr(a->text, "locked"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(hot_journal_rejoin),
	    TEST(demote_sigkill),
	    TEST(last_cut_is_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
