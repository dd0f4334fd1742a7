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
	    TEST(undurable_cut_is_made_again),
	    TEST(signconf_waits_for_its_database),
	    TEST(idle_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
