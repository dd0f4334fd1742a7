/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "dblab.h"

/* The rules by which pages are taken, one by one: each test fails when its
 * rule is taken out, whatever the others find.  What happens while the pages
 * are read happens in a tick, once. */

struct meanwhile {
	struct lab *l;
	void (*fn)(struct lab *l);
	int calls;
};

static int once(void *arg)
{
	struct meanwhile *m = arg;

	if (m->calls++ == 0 && m->fn)
		m->fn(m->l);
	return 0;
}

static int read_while(
    struct lab *l, bool locked, void (*fn)(struct lab *l), struct why *why)
{
	struct meanwhile m = {.l = l, .fn = fn};
	const struct tick t = {.fn = once, .arg = &m};
	int rc = copy_while(l, locked, &t, why);

	assert_true(m.calls > 0);
	return rc;
}

static void poke(const struct lab *l, off_t at, const char *bytes, size_t len)
{
	CLEANUP_CLOSE int fd = open(l->path, O_WRONLY);

	assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
}

/* After a writer in WAL mode has gone in peace there is no -wal. */
static void header_bytes_are_one(void **state)
{
	struct lab *l = *state;

	poke(l, 18, "\2", 1);
	assert_int_equal(copy(l, false, NULL), -EOPNOTSUPP);
	assert_int_equal(copy(l, true, NULL), -EOPNOTSUPP);
	poke(l, 18, "\1\2", 2);
	assert_int_equal(copy(l, false, NULL), -EOPNOTSUPP);
	assert_int_equal(copy(l, true, NULL), -EOPNOTSUPP);
	poke(l, 18, "\1\1", 2);
	assert_int_equal(copy(l, false, NULL), 0);
}

static void no_wal_beside_it(void **state)
{
	struct lab *l = *state;

	node_write(&l->n, "db/kasp.db-wal", "");
	assert_int_equal(copy(l, false, NULL), 0);
	node_write(&l->n, "db/kasp.db-wal", "frames");
	assert_int_equal(copy(l, false, NULL), -EOPNOTSUPP);
	assert_int_equal(copy(l, true, NULL), -EOPNOTSUPP);
}

static void switch_to_wal(const struct lab *l)
{
	sqlite3 *db = db_open(l);

	sqlite3_exec(db,
	    "PRAGMA journal_mode=WAL; BEGIN; INSERT INTO a(fill) VALUES('x');"
	    "INSERT INTO b(fill) VALUES('x'); COMMIT",
	    NULL, NULL, NULL);
	node_write(&l->n, "ready", "");
	for (;;)
		pause();
}

static void switch_back(const struct lab *l)
{
	sqlite3_exec(
	    db_open(l), "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
}

static pid_t switcher;

static void begin_switch(struct lab *l)
{
	switcher = child_that_waits(l, switch_to_wal);
}

/* The switch comes in the middle of a scan, and commits go to the WAL. */
static void wal_switch(void **state)
{
	struct lab *l = *state;
	int status;

	run(l, fill);
	assert_int_not_equal(read_while(l, false, begin_switch, NULL), 0);
	assert_int_equal(copy(l, false, NULL), -EOPNOTSUPP);
	assert_int_equal(copy(l, true, NULL), -EOPNOTSUPP);
	kill(switcher, SIGKILL);
	waitpid(switcher, &status, 0);
	assert_int_equal(copy(l, false, NULL), -EOPNOTSUPP);
	run(l, switch_back);
	assert_int_equal(copy(l, false, NULL), 0);
	assert_sound(l);
}

static void bump_counter(struct lab *l)
{
	poke(l, 24, "\0\1\0\0", 4);
}

static void counter_is_equal(void **state)
{
	struct lab *l = *state;

	assert_int_equal(read_while(l, false, bump_counter, NULL), -EAGAIN);
	poke(l, 24, "\0\0\0\5", 4);
	assert_int_equal(read_while(l, true, bump_counter, NULL), -EAGAIN);
}

/* A journal that is there already makes reading a waste. */
static void journal_is_absent_before(void **state)
{
	struct lab *l = *state;
	struct meanwhile m = {.l = l};
	const struct tick t = {.fn = once, .arg = &m};
	int status;
	pid_t pid;

	run(l, fill);
	pid = child_that_waits(l, begin_and_wait);
	assert_int_equal(copy_while(l, false, &t, NULL), -EAGAIN);
	assert_int_equal(m.calls, 0);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static void leave_journal(struct lab *l)
{
	node_write(&l->n, "db/kasp.db-journal", "hot");
}

/* -EUCLEAN is what looking at it says, its event would say -EAGAIN. */
static void journal_is_absent_after(void **state)
{
	struct lab *l = *state;

	assert_int_equal(read_while(l, false, leave_journal, NULL), -EUCLEAN);
	unlink(node_path(&l->n, "db/kasp.db-journal"));
	assert_int_equal(copy(l, false, NULL), 0);
	assert_int_equal(read_while(l, true, leave_journal, NULL), -EUCLEAN);
}

static void overflow_queue(struct lab *l)
{
	char a[PATH_MAX], b[PATH_MAX];
	long i, room = 0;
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

	assert_int_equal(fscanf(f, "%ld", &room), 1);
	fclose(f);
	snprintf(a, sizeof(a), "%s", node_path(&l->n, "db/a"));
	snprintf(b, sizeof(b), "%s", node_path(&l->n, "db/b"));
	close(open(a, O_WRONLY | O_CREAT, 0600));
	for (i = 0; i <= room / 4; i++) { /* two events each */
		assert_int_equal(rename(a, b), 0);
		assert_int_equal(rename(b, a), 0);
	}
}

/* What was lost may have been the journal's coming and going. */
static void queue_has_not_overflowed(void **state)
{
	struct lab *l = *state;

	assert_int_equal(read_while(l, false, overflow_queue, NULL), -EAGAIN);
	assert_int_equal(copy(l, false, NULL), 0);
}

static void replace_by_rename(struct lab *l)
{
	char *data;
	size_t len;
	int fd = open(node_path(&l->n, "db/new"), O_WRONLY | O_CREAT, 0600);

	assert_int_equal(file_read(l->path, 1 << 26, &data, &len, NULL), 0);
	data[len - 1] = 'X';
	assert_int_equal(file_write_all(fd, data, len), 0);
	close(fd);
	free(data);
	assert_int_equal(rename(node_path(&l->n, "db/new"), l->path), 0);
}

/* A database that somebody restores: the same size, the same counter. */
static void db_replaced_by_rename(void **state)
{
	struct lab *l = *state;
	char *data;
	size_t len;

	run(l, fill);
	assert_int_equal(
	    read_while(l, false, replace_by_rename, NULL), -EAGAIN);
	assert_int_equal(read_while(l, true, replace_by_rename, NULL), -EAGAIN);
	assert_int_equal(copy(l, false, NULL), 0);
	assert_int_equal(file_read(l->copy, 1 << 26, &data, &len, NULL), 0);
	assert_int_equal(data[len - 1], 'X');
	free(data);
}

static void scan(struct lab *l, struct dbscan_step *step)
{
	struct why why = {0};

	if (dbscan_read(l->scan, false, step, NULL, &why) < 0)
		fail_msg("%s", why.text);
}

static void swap_pages(const struct lab *l, uint32_t a, uint32_t b)
{
	CLEANUP_CLOSE int fd = open(l->path, O_RDWR);
	char x[4096], y[4096];

	assert_int_equal(pread(fd, x, 4096, (a - 1) * 4096), 4096);
	assert_int_equal(pread(fd, y, 4096, (b - 1) * 4096), 4096);
	assert_true(memcmp(x, y, 4096) != 0);
	assert_int_equal(pwrite(fd, x, 4096, (b - 1) * 4096), 4096);
	assert_int_equal(pwrite(fd, y, 4096, (a - 1) * 4096), 4096);
}

/* Two pages that change places do not cancel in the sum. */
static void page_swap_xor(void **state)
{
	struct lab *l = *state;
	CLEANUP_CLOSE int fd = open(l->copy, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct dbscan_step first = {.to = fd}, next = {.to = fd};

	run(l, fill);
	scan(l, &first);
	swap_pages(l, 5, 9);
	next.base = first.now;
	scan(l, &next);
	assert_memory_not_equal(next.now->sum, first.now->sum, SHA_LEN);
	assert_int_equal(
	    next.len, DELTA_HEAD_LEN + 2 * (DELTA_PAGE_LEN + 4096));
	pages_unref(next.now);
	pages_unref(first.now);
}

static void spill_once(const struct lab *l)
{
	sqlite3_exec(db_open(l),
	    "PRAGMA cache_size=5; BEGIN;"
	    "UPDATE a SET fill = hex(randomblob(900)); ROLLBACK",
	    NULL, NULL, NULL);
}

static void spill(struct lab *l)
{
	run(l, spill_once);
}

/* The counter is the same before and after, and no journal is seen: what was
 * read is void, and nothing of it is remembered. */
static void spill_and_rollback(void **state)
{
	struct lab *l = *state;
	CLEANUP_CLOSE int fd = open(l->copy, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct meanwhile m = {.l = l, .fn = spill};
	const struct tick t = {.fn = once, .arg = &m};
	struct dbscan_step first = {.to = fd}, next = {.to = fd};

	run(l, fill);
	scan(l, &first);
	next.base = first.now;
	assert_int_equal(dbscan_read(l->scan, false, &next, &t, NULL), -EAGAIN);
	assert_null(next.now);
	scan(l, &next);
	assert_int_equal(next.counter, first.counter);
	assert_int_equal(next.len, 0);
	pages_unref(next.now);
	pages_unref(first.now);
}

static void touch(struct lab *l)
{
	poke(l, 0, "S", 1);
}

/* What was accepted is no news, what was written meanwhile is. */
static void accepted_is_not_read_again(void **state)
{
	struct lab *l = *state;

	dbscan_drain(l->scan);
	run(l, fill);
	assert_int_equal(copy(l, false, NULL), 0);
	assert_false(dbscan_drain(l->scan));
	assert_int_equal(read_while(l, false, touch, NULL), 0);
	assert_true(dbscan_drain(l->scan));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(header_bytes_are_one),
	    LAB_TEST(no_wal_beside_it),
	    LAB_TEST(wal_switch),
	    LAB_TEST(counter_is_equal),
	    LAB_TEST(journal_is_absent_before),
	    LAB_TEST(journal_is_absent_after),
	    LAB_TEST(queue_has_not_overflowed),
	    LAB_TEST(db_replaced_by_rename),
	    LAB_TEST(page_swap_xor),
	    LAB_TEST(spill_and_rollback),
	    LAB_TEST(accepted_is_not_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
