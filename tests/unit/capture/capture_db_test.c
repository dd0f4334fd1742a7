/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "caplab.h"

#include <signal.h>
#include <sys/wait.h>

/* The database in generations: what travels, under which lock, and when not.
 * Writers that wait or die are SQLite in a child. */

/* What travels of the database is the pages that a commit has changed, as a
 * step from the one before. */
static void pages_follow(void **state)
{
	struct lab *l = *state;
	uint8_t sum[SHA_LEN];
	const struct change *d;

	fill_db(l, 300);
	cut(l, false);
	memcpy(sum, db_change(l)->entry->sha, SHA_LEN);
	node_sql(&l->n, "UPDATE t SET x = 'new' WHERE rowid = 150");
	assert_int_equal(cut(l, false), 1);
	d = db_change(l);
	assert_int_equal(d->kind, CHANGE_PAGES);
	assert_memory_equal(d->from, sum, SHA_LEN);
	assert_true(d->len < 4 * 4200);
	assert_true(l->cut.db_len == d->len && !l->cut.db_whole);
	node_sql(&l->n, "DELETE FROM t WHERE rowid > 10; VACUUM");
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(db_change(l)->kind, CHANGE_PAGES);
	node_sql(&l->n, "PRAGMA page_size = 8192; VACUUM");
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(db_change(l)->kind, CHANGE_WHOLE);
}

static void mode_of_the_database_follows(void **state)
{
	struct lab *l = *state;

	cut(l, false);
	assert_int_equal(chmod(node_path(&l->n, "db/kasp.db"), 0600), 0);
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(db_change(l)->kind, CHANGE_META);
	assert_int_equal(cut(l, true), 0);
}

/* The pages of a generation that did not become durable are no step to start
 * from. */
static void undurable_pages_are_sent_again(void **state)
{
	struct lab *l = *state;
	struct why why = {0};
	int fd = open(node_path(&l->n, "x"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct cut failed = {.fd = fd};
	uint8_t sum[SHA_LEN];

	fill_db(l, 300);
	cut(l, false);
	memcpy(sum, db_change(l)->entry->sha, SHA_LEN);
	node_sql(&l->n, "UPDATE t SET x = 'new' WHERE rowid = 150");
	failed.header.seq = l->seq + 1;
	failed.header.prev_seq = l->seq;
	assert_int_equal(capture_cut(l->c, &failed, &why), 0);
	assert_true(failed.made && failed.pages);
	capture_settle(l->c, false);
	close(fd);
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(db_change(l)->kind, CHANGE_PAGES);
	assert_memory_equal(db_change(l)->from, sum, SHA_LEN);
}

/* There is no space for the whole of it: what has changed is sent as ever. */
static void whole_that_does_not_fit(void **state)
{
	struct lab *l = *state;
	struct cut failed = {.fd = open("/dev/full", O_RDWR)};
	struct why why = {0};

	fill_db(l, 300);
	cut(l, false);
	capture_db_whole(l->c);
	failed.header.seq = l->seq + 1;
	failed.header.prev_seq = l->seq;
	assert_int_equal(capture_cut(l->c, &failed, &why), -ENOSPC);
	assert_non_null(strstr(why.text, "free space"));
	close(failed.fd);
	node_sql(&l->n, "UPDATE t SET x = 'new' WHERE rowid = 150");
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(db_change(l)->kind, CHANGE_PAGES);
}

static void whole_when_asked_for(void **state)
{
	struct lab *l = *state;

	fill_db(l, 300);
	cut(l, false);
	capture_db_whole(l->c);
	capture_audit(l->c);
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(db_change(l)->kind, CHANGE_WHOLE);
	assert_false(l->cut.db_differed); /* nobody has written */
	node_sql(&l->n, "UPDATE t SET x = 'new' WHERE rowid = 150");
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(db_change(l)->kind, CHANGE_PAGES);
}

static void scribble(struct lab *l)
{
	int fd = open(node_path(&l->n, "db/kasp.db"), O_WRONLY);

	assert_int_equal(pwrite(fd, "X", 1, 2 * 4096 - 1), 1);
	close(fd);
	capture_dirty(l->c);
}

/* Pages that have changed though no commit has: the audit finds them, says so
 * and sends them. */
static void audit_finds_what_no_commit_has_made(void **state)
{
	struct lab *l = *state;

	cut(l, false);
	capture_audit(l->c);
	assert_int_equal(cut(l, false), -1);
	assert_false(l->cut.db_differed);
	node_sql(&l->n, "INSERT INTO t VALUES(1)");
	capture_audit(l->c);
	assert_int_equal(cut(l, false), 1);
	assert_false(l->cut.db_differed);
	scribble(l);
	capture_audit(l->c);
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(db_change(l)->kind, CHANGE_PAGES);
	assert_true(l->cut.db_differed);
}

/* A writer that waits for the last reader (PENDING) lets no other one in. */
static void audit_is_locked(void **state)
{
	struct lab *l = *state;
	int fd = open(node_path(&l->n, "db/kasp.db"), O_RDWR);
	struct flock pending = {
	    .l_type = F_WRLCK, .l_start = 0x40000000, .l_len = 1};

	cut(l, false);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &pending), 0);
	assert_int_equal(cut(l, true), 0);
	capture_audit(l->c);
	assert_int_equal(cut(l, true), 0);
	assert_true(l->gen.header.flags & GEN_STALE_DB);
	assert_non_null(strstr(l->cut.db_why.text, "locked"));
	close(fd);
}

static pid_t start_writer(struct lab *l, const char *sql)
{
	struct deadline d = deadline_in_ms(5000);
	pid_t pid = fork();
	sqlite3 *db;

	if (pid == 0) {
		sqlite3_open(l->n.conf.database, &db);
		sqlite3_exec(db, sql, NULL, NULL, NULL);
		node_write(&l->n, "ready", "");
		for (;;)
			pause();
	}
	while (
	    access(node_path(&l->n, "ready"), F_OK) < 0 && !deadline_passed(d))
		usleep(1000);
	return pid;
}

static void stop_writer(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* A writer that has begun, and has not touched a page: lock-free there is
 * nothing to be had, and soon enough a SHARED lock is worth its price. */
static void shared_lock_when_stale(void **state)
{
	struct lab *l = *state;
	int64_t begun, took;
	pid_t pid;

	fill_db(l, 10);
	cut(l, false);
	node_sql(&l->n, "INSERT INTO t VALUES('committed')");
	pid = start_writer(l, "BEGIN IMMEDIATE; INSERT INTO t VALUES('later')");
	begun = clock_monotonic_ms();
	assert_int_equal(cut(l, false), 1);
	took = clock_monotonic_ms() - begun;
	stop_writer(pid);
	assert_int_equal(db_change(l)->kind, CHANGE_PAGES);
	assert_false(l->gen.header.flags & GEN_STALE_DB);
	assert_true(took >= DB_STALE_MS && took < DB_STALE_MS + 1000);
}

/* A copy that is not stale costs no writer anything: the lock that would be
 * in our way is not looked at. */
static void no_lock_before(void **state)
{
	struct lab *l = *state;
	CLEANUP_CLOSE int fd = open(node_path(&l->n, "db/kasp.db"), O_RDWR);
	struct flock pending = {
	    .l_type = F_WRLCK, .l_start = 0x40000000, .l_len = 1};

	cut(l, false);
	node_sql(&l->n, "INSERT INTO t VALUES(1)");
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &pending), 0);
	assert_int_equal(cut(l, false), 1);
	assert_false(l->gen.header.flags & GEN_STALE_DB);
}

static void hot_journal_capture(void **state)
{
	struct lab *l = *state;
	pid_t pid;

	fill_db(l, 300);
	cut(l, false);
	pid = start_writer(
	    l, "PRAGMA cache_size=5; BEGIN; UPDATE t SET x = 'torn'");
	stop_writer(pid);
	node_signconf(&l->n, "example.com", 2);
	assert_int_equal(cut(l, true), 0);
	assert_true(l->gen.header.flags & GEN_STALE_DB);
	assert_non_null(strstr(l->cut.db_why.text, "hot journal"));
	assert_true(l->cut.withheld);
	capture_audit(l->c);
	assert_int_equal(cut(l, true), 0);
	assert_true(l->gen.header.flags & GEN_STALE_DB);
	node_sql(&l->n, "SELECT * FROM t"); /* rolls it back */
	assert_int_equal(cut(l, true), 1);
	assert_int_equal(l->gen.list.change[0].entry->set, SET_SIGNCONF);
	assert_false(l->gen.header.flags & GEN_STALE_DB);
	assert_false(l->cut.withheld);
}

/* Whoever waits for a generation with the database gets one, though nothing
 * has changed; without a new signconf nobody has to. */
static void told_when_not_stale_any_more(void **state)
{
	struct lab *l = *state;
	int fd = open(node_path(&l->n, "db/kasp.db"), O_RDWR);
	struct flock pending = {
	    .l_type = F_WRLCK, .l_start = 0x40000000, .l_len = 1};

	cut(l, false);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &pending), 0);
	capture_audit(l->c);
	assert_int_equal(cut(l, true), 0);
	assert_true(l->gen.header.flags & GEN_STALE_DB);
	assert_false(l->cut.withheld);
	assert_int_equal(cut(l, false), -1);
	close(fd);
	assert_int_equal(cut(l, false), 0);
	assert_false(l->gen.header.flags & GEN_STALE_DB);
	assert_int_equal(cut(l, false), -1);
}

/* A standby may have a database of its own: this term's signconfs are newer. */
static void first_without_the_database(void **state)
{
	struct lab *l = *state;
	int fd = open(node_path(&l->n, "db/kasp.db"), O_RDWR);
	struct flock pending = {
	    .l_type = F_WRLCK, .l_start = 0x40000000, .l_len = 1};

	assert_int_equal(fcntl(fd, F_OFD_SETLK, &pending), 0);
	capture_audit(l->c);
	cut(l, false);
	assert_true(l->gen.header.flags & GEN_STALE_DB);
	assert_true(l->cut.withheld);
	close(fd);
}

/* Every minute the files, every ten the database: the latter under a lock,
 * which shows where there is none to be had. */
static void turns_come(void **state)
{
	struct lab *l = *state;
	CLEANUP_CLOSE int fd = open(node_path(&l->n, "db/kasp.db"), O_RDWR);
	struct flock pending = {
	    .l_type = F_WRLCK, .l_start = 0x40000000, .l_len = 1};
	int64_t now = clock_monotonic_ms();

	cut(l, false);
	assert_false(capture_turn(l->c, now + RESCAN_MS / 2));
	assert_false(capture_dirty(l->c));
	assert_true(capture_turn(l->c, now + RESCAN_MS + 1000));
	assert_true(capture_dirty(l->c));
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &pending), 0);
	assert_int_equal(cut(l, true), 0);
	assert_false(l->gen.header.flags & GEN_STALE_DB);
	capture_turn(l->c, now + AUDIT_MS + 1000);
	assert_int_equal(cut(l, true), 0);
	assert_true(l->gen.header.flags & GEN_STALE_DB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(pages_follow),
	    LAB_TEST(mode_of_the_database_follows),
	    LAB_TEST(undurable_pages_are_sent_again),
	    LAB_TEST(audit_finds_what_no_commit_has_made),
	    LAB_TEST(whole_that_does_not_fit),
	    LAB_TEST(whole_when_asked_for),
	    LAB_TEST(audit_is_locked),
	    LAB_TEST(shared_lock_when_stale),
	    LAB_TEST(no_lock_before),
	    LAB_TEST(hot_journal_capture),
	    LAB_TEST(told_when_not_stale_any_more),
	    LAB_TEST(first_without_the_database),
	    LAB_TEST(turns_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
