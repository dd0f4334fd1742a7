/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "dblab.h"

static void write_on(const struct lab *l)
{
	sqlite3 *db = db_open(l);

	for (;;)
		sqlite3_exec(db,
		    "BEGIN; INSERT INTO a(fill) VALUES(hex(randomblob(900)));"
		    "INSERT INTO b(fill) VALUES(hex(randomblob(900)));"
		    "DELETE FROM a WHERE n < (SELECT max(n) FROM a) - 300;"
		    "DELETE FROM b WHERE n < (SELECT max(n) FROM b) - 300;"
		    "COMMIT",
		    NULL, NULL, NULL);
}

/* Spills its cache into the file and rolls back: the counter never moves. */
static void spill_on(const struct lab *l)
{
	sqlite3 *db = db_open(l);

	sqlite3_exec(db, "PRAGMA cache_size=5", NULL, NULL, NULL);
	for (;;)
		sqlite3_exec(db,
		    "BEGIN; UPDATE a SET fill = hex(randomblob(900));"
		    "ROLLBACK",
		    NULL, NULL, NULL);
}

static void die_in_commit(const struct lab *l)
{
	sqlite3 *db = db_open(l);

	sqlite3_exec(db,
	    "PRAGMA cache_size=5; BEGIN; UPDATE a SET fill = 'torn'", NULL,
	    NULL, NULL);
	kill(getpid(), SIGKILL);
}

static void to_wal(const struct lab *l)
{
	sqlite3_exec(db_open(l),
	    "PRAGMA journal_mode=WAL; INSERT INTO a(fill) VALUES('x')", NULL,
	    NULL, NULL);
	kill(getpid(), SIGKILL);
}

/* Copies for a second beside WRITER; every accepted one must be sound. */
static int copy_beside(
    struct lab *l, void (*writer)(const struct lab *l), bool locked)
{
	pid_t pid = child(l, writer);
	struct deadline d = deadline_in_ms(1500);
	struct why why = {0};
	int status, rc, n = 0;

	while (!deadline_passed(d)) {
		rc = copy(l, locked, &why);
		if (rc == 0) {
			assert_sound(l);
			n++;
			dbscan_drain(l->scan);
		} else if (rc != -EAGAIN) {
			kill(pid, SIGKILL);
			fail_msg("%s", why.text);
		}
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return n;
}

static void copies_of_a_busy_writer_are_sound(void **state)
{
	struct lab *l = *state;

	copy_beside(l, write_on, false);
	run(l, fill); /* rolls back what the kill has left */
	assert_true(copy_beside(l, write_on, true) > 0);
}

static void spill_and_rollback_is_seen(void **state)
{
	struct lab *l = *state;

	run(l, fill);
	copy_beside(l, spill_on, false);
}

/* A journal that comes and goes while the pages are read. */
static int journal_flickers(void *arg)
{
	struct lab *l = arg;

	node_write(&l->n, "db/kasp.db-journal", "");
	unlink(node_path(&l->n, "db/kasp.db-journal"));
	return 0;
}

static void journal_event_voids_the_copy(void **state)
{
	struct lab *l = *state;
	const struct tick t = {.fn = journal_flickers, .arg = l};

	run(l, fill);
	assert_int_equal(copy_while(l, false, &t, NULL), -EAGAIN);
	assert_int_equal(copy_while(l, true, &t, NULL), 0);
	assert_int_equal(copy(l, false, NULL), 0);
}

static void quiet_database_is_copied(void **state)
{
	struct lab *l = *state;
	char *a, *b;
	size_t n, m;

	run(l, fill);
	assert_true(dbscan_drain(l->scan));
	assert_int_equal(copy(l, false, NULL), 0);
	assert_false(dbscan_drain(l->scan));
	assert_int_equal(file_read(l->path, 1 << 26, &a, &n, NULL), 0);
	assert_int_equal(file_read(l->copy, 1 << 26, &b, &m, NULL), 0);
	assert_int_equal(n, m);
	assert_memory_equal(a, b, n);
	free(a);
	free(b);
	run(l, fill);
	assert_true(dbscan_drain(l->scan));
}

static void writer_in_a_transaction_is_waited_for(void **state)
{
	struct lab *l = *state;
	int status;
	pid_t pid;

	run(l, fill);
	pid = child_that_waits(l, begin_and_wait);
	assert_int_equal(copy(l, false, NULL), -EAGAIN);
	assert_int_equal(copy(l, true, NULL), 0);
	assert_sound(l);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static void half_a_transaction_is_not_taken(void **state)
{
	struct lab *l = *state;
	int status;
	pid_t pid;

	run(l, fill);
	pid = child_that_waits(l, spill_and_wait);
	assert_int_equal(copy(l, false, NULL), -EAGAIN);
	assert_int_equal(copy(l, true, NULL), -EAGAIN);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* What was known plus the step is what is there now. */
static void step_leads_to_what_is_there(void **state)
{
	struct lab *l = *state;
	CLEANUP_CLOSE int fd = open(l->copy, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct dbscan_step first = {.to = fd}, next = {.to = fd};
	struct delta d = {.fd = fd};
	struct stat st;

	run(l, fill);
	assert_int_equal(dbscan_read(l->scan, false, &first, NULL, NULL), 0);
	next.base = first.now;
	assert_int_equal(dbscan_read(l->scan, false, &next, NULL, NULL), 0);
	assert_int_equal(next.len, 0);
	assert_int_equal(next.counter, first.counter);
	pages_unref(next.now);
	run(l, fill);
	node_sql(&l->n, "UPDATE a SET fill = 'x' WHERE n = 3");
	assert_int_equal(dbscan_read(l->scan, false, &next, NULL, NULL), 0);
	assert_false(next.whole);
	assert_int_not_equal(next.counter, first.counter);
	d.len = next.len;
	assert_int_equal(stat(l->path, &st), 0);
	assert_true((off_t)d.len < st.st_size / 4);
	assert_int_equal(
	    delta_verify(&d, next.now->sum, (uint64_t)st.st_size, NULL), 0);
	pages_unref(next.now);
	pages_unref(first.now);
}

static void hot_journal_is_refused(void **state)
{
	struct lab *l = *state;
	struct why why = {0};

	run(l, fill);
	run(l, die_in_commit);
	assert_int_equal(copy(l, false, &why), -EUCLEAN);
	assert_int_equal(copy(l, true, &why), -EUCLEAN);
	assert_non_null(strstr(why.text, "hot journal"));
	run(l, fill); /* another writer rolls it back */
	assert_int_equal(copy(l, false, &why), 0);
	assert_sound(l);
}

static void wal_is_refused(void **state)
{
	struct lab *l = *state;
	struct why why = {0};

	run(l, to_wal);
	assert_int_equal(copy(l, false, &why), -EOPNOTSUPP);
	assert_int_equal(copy(l, true, &why), -EOPNOTSUPP);
	assert_non_null(strstr(why.text, "journal_mode=DELETE"));
}

static void wrong_size_is_refused(void **state)
{
	struct lab *l = *state;
	struct stat st;

	assert_int_equal(stat(l->path, &st), 0);
	assert_int_equal(truncate(l->path, st.st_size + 4096), 0);
	assert_int_equal(copy(l, false, NULL), -EBADMSG);
	assert_int_equal(truncate(l->path, st.st_size - 100), 0);
	assert_int_equal(copy(l, false, NULL), -EBADMSG);
	assert_int_equal(truncate(l->path, 0), 0);
	assert_int_equal(copy(l, false, NULL), -ENOENT);
	assert_int_equal(unlink(l->path), 0);
	assert_int_equal(copy(l, false, NULL), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(quiet_database_is_copied),
	    LAB_TEST(copies_of_a_busy_writer_are_sound),
	    LAB_TEST(spill_and_rollback_is_seen),
	    LAB_TEST(journal_event_voids_the_copy),
	    LAB_TEST(writer_in_a_transaction_is_waited_for),
	    LAB_TEST(half_a_transaction_is_not_taken),
	    LAB_TEST(step_leads_to_what_is_there),
	    LAB_TEST(hot_journal_is_refused),
	    LAB_TEST(wal_is_refused),
	    LAB_TEST(wrong_size_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
