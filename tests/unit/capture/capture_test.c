/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "caplab.h"

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

/* signatures=resign, and back: what is there goes from the standbys, and
 * comes again. */
static void signatures_are_left_out(void **state)
{
	struct lab *l = *state;

	node_backup2(&l->n, "example.com", 2);
	assert_int_equal(cut(l, false), 3);
	sets_signatures(l->sets, false);
	node_backup2(&l->n, "example.com", 3);
	capture_rescan(l->c);
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(l->gen.list.change[0].kind, CHANGE_GONE);
	assert_int_equal(l->gen.list.change[0].entry->set, SET_BACKUP);
	assert_true(l->cut.whole_look);
	assert_string_equal(l->cut.file_why.text, "");
	node_backup2(&l->n, "example.com", 4);
	assert_int_equal(cut(l, false), -1);
	sets_signatures(l->sets, true);
	capture_rescan(l->c);
	assert_int_equal(cut(l, false), 1);
	assert_int_equal(l->gen.list.change[0].kind, CHANGE_WHOLE);
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

/* By whichever connection they are written. */
static void rows_follow(void **state)
{
	struct lab *l = *state;
	struct zone_row row = {.zone = "example.com", .serial = 1};
	const struct zone_row before = {.zone = "a.example", .serial = 1};
	const struct key_clock clock = {.since = 5};
	struct ledger *other;

	assert_int_equal(ledger_open(l->n.state, &other, NULL), 0);
	cut(l, false);
	assert_int_equal(cut(l, true), 0);
	assert_int_equal(ledger_zone_put(other, &row, NULL), 0);
	assert_int_equal(cut(l, true), 1);
	assert_int_equal(cut(l, true), 0);
	row.serial = 2;
	assert_int_equal(ledger_zone_put(l->ledger, &row, NULL), 0);
	assert_int_equal(cut(l, true), 1);
	assert_int_equal(cut(l, true), 0);
	assert_int_equal(
	    ledger_clock_put(other, "example.com", &clock, NULL), 0);
	assert_int_equal(ledger_zone_put(other, &before, NULL), 0);
	assert_int_equal(cut(l, true), 2);
	assert_int_equal(ledger_zone_drop(other, "a.example", NULL), 0);
	assert_int_equal(cut(l, true), 1);
	assert_int_equal(l->gen.list.change[0].kind, CHANGE_GONE);
	assert_string_equal(l->gen.list.change[0].entry->path, "a.example");
	assert_int_equal(ledger_zone_drop(other, "example.com", NULL), 0);
	assert_int_equal(cut(l, true), 1);
	assert_int_equal(l->gen.list.change[0].kind, CHANGE_GONE);
	ledger_close(other);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(first_cut_is_whole),
	    LAB_TEST(only_changes_follow),
	    LAB_TEST(rescan_finds_what_events_missed),
	    LAB_TEST(overflow_asks_for_a_rescan),
	    LAB_TEST(undurable_cut_is_made_again),
	    LAB_TEST(signatures_are_left_out),
	    LAB_TEST(signconf_waits_for_its_database),
	    LAB_TEST(rows_follow),
	    LAB_TEST(idle_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
