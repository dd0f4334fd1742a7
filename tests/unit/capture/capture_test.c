/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../engine/node.h"

#include "capture.h"

struct lab {
	struct node n;
	struct sets *sets;
	struct ledger *ledger;
	struct capture *c;
	uint64_t seq;
	struct cut cut;
	struct gen gen;
};

static int setup(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));
	struct sets_setup ss = {.state_dir = l->n.state, .signatures = true};
	struct capture_setup cs = {0};

	node_init(&l->n, "capture");
	ss.conf = &l->n.conf;
	assert_int_equal(sets_open(&ss, &l->sets, NULL), 0);
	assert_int_equal(ledger_open(l->n.state, &l->ledger, NULL), 0);
	cs.sets = l->sets;
	cs.ledger = l->ledger;
	node_sql(&l->n, "CREATE TABLE t(x)");
	node_signconf(&l->n, "example.com", 1);
	assert_int_equal(capture_open(&cs, &l->c, NULL), 0);
	*state = l;
	return 0;
}

static int teardown(void **state)
{
	struct lab *l = *state;

	gen_free(&l->gen);
	capture_close(l->c);
	ledger_close(l->ledger);
	sets_close(l->sets);
	node_end(&l->n);
	free(l);
	return 0;
}

/* Cut; number of records, -1 when there was nothing to cut. */
static int cut(struct lab *l, bool force)
{
	int fd =
	    open(node_path(&l->n, "gen"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct why why = {0};

	gen_free(&l->gen);
	memset(&l->cut, 0, sizeof(l->cut));
	l->cut.fd = fd;
	l->cut.force = force;
	l->cut.header.seq = l->seq + 1;
	l->cut.header.prev_seq = l->seq;
	if (capture_cut(l->c, &l->cut, &why) < 0)
		fail_msg("%s", why.text);
	if (l->cut.made) {
		capture_settle(l->c, true);
		assert_int_equal(
		    gen_load(fd, l->cut.header.size, &l->gen, NULL), 0);
		assert_int_equal(gen_verify(fd, &l->gen, NULL, NULL), 0);
		l->seq++;
	}
	close(fd);
	return l->cut.made ? (int)l->gen.list.count : -1;
}

static void first_cut_is_whole(void **state)
{
	struct lab *l = *state;

	assert_int_equal(cut(l, false), 2);
	assert_int_equal(l->gen.list.change[0].entry->set, SET_DB);
	assert_int_equal(l->gen.list.change[0].kind, CHANGE_WHOLE);
	assert_int_equal(l->gen.list.change[1].kind, CHANGE_META);
	assert_true(l->cut.db_len > 0);
}

static void only_changes_follow(void **state)
{
	struct lab *l = *state;

	cut(l, false);
	assert_int_equal(cut(l, false), -1);
	assert_int_equal(cut(l, true), 0);
	node_signconf(&l->n, "example.com", 2);
	assert_true(capture_dirty(l->c));
	assert_int_equal(cut(l, false), 1);
	deadline_sleep_ms(deadline_in_ms(20), 20); /* the clock's grain */
	node_signconf(&l->n, "example.com", 2);    /* same content, new mtime */
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(l->gen.list.change[0].kind, CHANGE_META);
	unlink(node_path(&l->n, "signconf/example.com.xml"));
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(l->gen.list.change[0].kind, CHANGE_GONE);
}

static void rescan_finds_what_events_missed(void **state)
{
	struct lab *l = *state;

	cut(l, false);
	capture_rescan(l->c);
	assert_int_equal(cut(l, false), -1);
	node_signconf(&l->n, "a.example", 1);
	unlink(node_path(&l->n, "signconf/example.com.xml"));
	capture_rescan(l->c);
	assert_int_equal(cut(l, false), 2);
}

/* More has happened than the kernel keeps events of: what came last is lost,
 * and found all the same. */
static void overflow_asks_for_a_rescan(void **state)
{
	struct lab *l = *state;
	char name[32];
	long i, room = 0;
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

	assert_int_equal(fscanf(f, "%ld", &room), 1);
	fclose(f);
	if (room > 100000)
		skip();
	cut(l, false);
	for (i = 0; i <= room / 4; i++) { /* four events each */
		snprintf(name, sizeof(name), "unsigned/z%ld", i % 100);
		node_write(&l->n, name, "x\n");
	}
	unlink(node_path(&l->n, "signconf/example.com.xml"));
	assert_int_equal(cut(l, false), 101);
	assert_int_equal(l->gen.list.change[0].kind, CHANGE_GONE);
}

static void undurable_cut_is_made_again(void **state)
{
	struct lab *l = *state;
	struct why why = {0};
	int fd = open(node_path(&l->n, "x"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct cut failed = {.fd = fd};

	cut(l, false);
	node_signconf(&l->n, "example.com", 2);
	failed.header.seq = l->seq + 1;
	failed.header.prev_seq = l->seq;
	assert_int_equal(capture_cut(l->c, &failed, &why), 0);
	capture_settle(l->c, false);
	close(fd);
	assert_int_equal(cut(l, false), 1);
	assert_string_equal(
	    l->gen.list.change[0].entry->path, "example.com.xml");
}

static void signconf_waits_for_its_database(void **state)
{
	struct lab *l = *state;

	cut(l, false);
	node_write(&l->n, "db/kasp.db-journal", "hot");
	node_signconf(&l->n, "example.com", 2);
	node_backup2(&l->n, "example.com", 2);
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(l->gen.list.change[0].entry->set, SET_BACKUP);
	assert_true(l->gen.header.flags & GEN_STALE_DB);
	assert_non_null(strstr(l->cut.db_why.text, "hot journal"));
	unlink(node_path(&l->n, "db/kasp.db-journal"));
	assert_int_equal(cut(l, true), 1);
	assert_int_equal(l->gen.list.change[0].entry->set, SET_SIGNCONF);
	assert_false(l->gen.header.flags & GEN_STALE_DB);
}

static const struct change *db_change(const struct lab *l)
{
	assert_true(l->gen.list.count > 0);
	assert_int_equal(l->gen.list.change[0].entry->set, SET_DB);
	return &l->gen.list.change[0];
}

static void fill_db(struct lab *l, int rows)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
	    "WHERE x < %d) INSERT INTO t SELECT hex(randomblob(900)) FROM c",
	    rows);
	node_sql(&l->n, sql);
}

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

static void idle_is_told(void **state)
{
	struct lab *l = *state;

	cut(l, false);
	node_sql(&l->n, "INSERT INTO t VALUES(1)");
	assert_int_equal(cut(l, false), 1);
	assert_false(l->gen.header.flags & GEN_IDLE);
	assert_false(capture_idle_due(l->c));
	deadline_sleep_ms(deadline_in_ms(150), 150);
	capture_dirty(l->c);
	assert_true(capture_idle_due(l->c));
	assert_int_equal(cut(l, true), 0);
	assert_true(l->gen.header.flags & GEN_IDLE);
	assert_false(capture_idle_due(l->c));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(first_cut_is_whole),
	    TEST(only_changes_follow),
	    TEST(rescan_finds_what_events_missed),
	    TEST(overflow_asks_for_a_rescan),
	    TEST(undurable_cut_is_made_again),
	    TEST(signconf_waits_for_its_database),
	    TEST(pages_follow),
	    TEST(mode_of_the_database_follows),
	    TEST(undurable_pages_are_sent_again),
	    TEST(audit_finds_what_no_commit_has_made),
	    TEST(audit_is_locked),
	    TEST(idle_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
