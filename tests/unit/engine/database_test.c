/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include "../kaspchild/kasplab.h"

#include "dblock.h"
#include "standby.h"

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

static int setup_with(void **state, bool guard)
{
	struct lab *l = calloc(1, sizeof(*l));

	assert_int_equal(chdir("/"), 0); /* no ods-kasp here */
	l->p = pair_make();
	l->p->b.guard = guard;
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

static int setup(void **state)
{
	return setup_with(state, false);
}

static int setup_guarded(void **state)
{
	return setup_with(state, true);
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

/* The enforcer is killed while the source is demoted: ods-kasp rolls back what
 * it has left, and the last generation lacks nothing. */
static void demote_rolls_back(void **state)
{
	struct lab *l = *state;
	struct node *a = &l->p->a, *b = &l->p->b;
	uint64_t request;

	kasp_program();
	nodes_sync(a, b);
	die_in_transaction(l);
	node_signconf(a, "example.com", 2);
	request = engine_cut_last(a->engine);
	wait_until(a, b, a->request >= request);
	wait_until(a, b, a->acked >= a->cut && b->applied >= a->cut);
	assert_false(a->fault);
	assert_null(node_read(a, "db/kasp.db-journal"));
	assert_alike(a, b);
	assert_sound(b);
}

/* The same where nobody can do that: it has the last whole state, and says
 * so. */
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
	assert_true(a->fault && a->stale && a->withheld);
	assert_non_null(strstr(a->text, "hot journal"));
	assert_sound(b);
	assert_sound(a); /* rolls it back */
	wait_until(a, b, !a->stale && !a->withheld);
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

static struct standby_news look(struct node *n)
{
	struct standby_news news;
	struct why why = {0};

	if (standby_take(engine_standby(n->engine), false, &news, &why) < 0)
		fail_msg("%s", why.text);
	return news;
}

/* Pages are written under the lock that a standby holds: the same file, the
 * same lock, and no write of somebody. */
static void pages_under_the_lock(void **state)
{
	struct lab *l = *state;
	struct node *a = &l->p->a, *b = &l->p->b;
	struct stat before, after;
	CLEANUP_CLOSE int fd = -1;
	int i;

	nodes_sync(a, b);
	look(b);
	assert_int_equal(stat(b->conf.database, &before), 0);
	for (i = 0; i < 20; i++) {
		node_sql(a, "UPDATE zone SET name = 'x' || name "
		            "WHERE rowid = abs(random()) % 300");
		nodes_sync(a, b);
		assert_false(look(b).written);
	}
	assert_alike(a, b);
	assert_int_equal(stat(b->conf.database, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	fd = open(b->conf.database, O_RDWR);
	assert_int_equal(dblock_shared(fd), -EAGAIN);
	node_sql(a, "PRAGMA page_size = 8192; VACUUM"); /* a new file */
	nodes_sync(a, b);
	assert_false(look(b).written);
	assert_int_equal(stat(b->conf.database, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	close(fd);
	fd = open(b->conf.database, O_RDWR);
	assert_int_equal(dblock_shared(fd), -EAGAIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(hot_journal_rejoin),
	    TEST(demote_rolls_back),
	    TEST(demote_sigkill),
	    TEST(last_cut_is_locked),
	    cmocka_unit_test_setup_teardown(
	        pages_under_the_lock, setup_guarded, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
