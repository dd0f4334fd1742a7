/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include <sys/time.h>

/* The source's disk changes, the replica's follows. */

static int setup(void **state)
{
	struct pair *p = pair_make();

	node_sql(&p->a, "CREATE TABLE zone(name TEXT)");
	node_backup2(&p->a, "example.com", 5);
	node_write(&p->a, "unsigned/example.com", "zone\n");
	node_write(&p->a, "enforcer/zones.xml", "<Zones/>\n");
	node_write(&p->a, "etc/kasp.xml", "<KASP/>\n");
	pair_open(p);
	pair_source(p);
	pair_follow(p);
	*state = p;
	return 0;
}

static void first_join_makes_alike(void **state)
{
	struct pair *p = *state;

	assert_alike(&p->a, &p->b);
	assert_int_equal(assert_within(&p->b, &p->a, "signer"), 1);
	assert_true(p->a.joined);
}

static void edits_follow(void **state)
{
	struct pair *p = *state;
	struct timeval old[2] = {{.tv_sec = 1000000, .tv_usec = 123456},
	    {.tv_sec = 1000000, .tv_usec = 654321}};

	node_sql(&p->a, "INSERT INTO zone VALUES('example.org')");
	node_signconf(&p->a, "example.org", 1);
	node_backup2(&p->a, "example.com", 6);
	node_write(&p->a, "state/published/example.com", "signed\n");
	node_write(&p->a, "state/pending/example.com", "signed 2\n");
	utimes(node_path(&p->a, "signconf/example.com.xml"), old);
	chmod(node_path(&p->a, "unsigned/example.com"), 0600);
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
	assert_file(&p->b, "state/published/example.com", "signed\n");
}

static void database_follows_page_by_page(void **state)
{
	struct pair *p = *state;
	static const char *const sql[] = {
	    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
	    "WHERE x < 500) INSERT INTO zone SELECT hex(randomblob(900)) "
	    "FROM c",
	    "UPDATE zone SET name = 'new' WHERE rowid = 70",
	    "DELETE FROM zone WHERE rowid > 100",
	    "INSERT INTO zone SELECT hex(randomblob(900)) FROM zone", "VACUUM",
	    "PRAGMA page_size = 1024; VACUUM",
	    "UPDATE zone SET name = 'newer' WHERE rowid = 71"};
	size_t i;

	for (i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		node_sql(&p->a, sql[i]);
		nodes_sync(&p->a, &p->b);
		assert_alike(&p->a, &p->b);
	}
}

/* Somebody writes the standby's database: the next step does not fit, and
 * what is there is compared. */
static void foreign_write_is_mended(void **state)
{
	struct pair *p = *state;

	nodes_sync(&p->a, &p->b);
	node_sql(&p->b, "INSERT INTO zone VALUES('foreign')");
	node_sql(&p->a, "INSERT INTO zone VALUES('ours')");
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
	unlink(node_path(&p->b, "db/kasp.db"));
	node_sql(&p->a, "INSERT INTO zone VALUES('ours, too')");
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
}

static void deletion_follows(void **state)
{
	struct pair *p = *state;

	unlink(node_path(&p->a, "signconf/example.com.xml"));
	unlink(node_path(&p->a, "enforcer/zones.xml"));
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
	assert_null(node_read(&p->b, "signconf/example.com.xml"));
	assert_null(node_read(&p->b, "enforcer/zones.xml"));
}

static void zone_with_slash_follows(void **state)
{
	struct pair *p = *state;

	node_write(&p->a, "unsigned/0/25.2.0.192.in-addr.arpa", "a\n");
	node_signconf(&p->a, "0/25.2.0.192.in-addr.arpa", 1);
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
	/* A watch of the new directory, not the scan that found it */
	node_write(&p->a, "unsigned/0/25.2.0.192.in-addr.arpa", "b\n");
	nodes_sync(&p->a, &p->b);
	assert_file(&p->b, "unsigned/0/25.2.0.192.in-addr.arpa", "b\n");
	unlink(node_path(&p->a, "unsigned/0/25.2.0.192.in-addr.arpa"));
	rmdir(node_path(&p->a, "unsigned/0"));
	nodes_sync(&p->a, &p->b);
	assert_null(node_read(&p->b, "unsigned/0/25.2.0.192.in-addr.arpa"));
}

/* new is a top-level domain. */
static void zone_of_the_domain_new_follows(void **state)
{
	struct pair *p = *state;
	static const char *const names[] = {"unsigned/docs.new",
	    "state/pending/docs.new", "state/published/docs.new"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		node_write(&p->a, names[i], "x\n");
	nodes_sync(&p->a, &p->b);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_file(&p->b, names[i], "x\n");
}

static void leftovers_do_not_follow(void **state)
{
	struct pair *p = *state;
	static const char *const names[] = {"unsigned/x.tmp",
	    "signer/example.com.backup2.tmp", "state/published/x.jnl",
	    "state/published/x.ixfr", "signer/other.state", "etc/conf.xml"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		node_write(&p->a, names[i], "x\n");
	assert_int_equal(
	    symlink("/etc/passwd", node_path(&p->a, "unsigned/link")), 0);
	nodes_sync(&p->a, &p->b);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_null(node_read(&p->b, names[i]));
	assert_null(node_read(&p->b, "unsigned/link"));
}

static void damaged_file_keeps_last_good(void **state)
{
	struct pair *p = *state;
	char *kept;

	node_write(&p->a, "signer/example.com.backup2",
	    ";OpenDNSSEC-backup-v3\n;;Zone: cut off");
	node_write(&p->a, "signconf/example.com.xml", "");
	nodes_sync(&p->a, &p->b);
	assert_true(node_size(&p->b, "signconf/example.com.xml") > 0);
	kept = node_read(&p->b, "signer/example.com.backup2");
	assert_non_null(strstr(kept, " 5 5\n"));
	free(kept);
	node_backup2(&p->a, "example.com", 7);
	node_signconf(&p->a, "example.com", 2);
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
}

static void ledger_rows_follow(void **state)
{
	struct pair *p = *state;
	struct zone_row row = {.zone = "example.com",
	                    .serial = 42,
	                    .ever = true},
	                got;
	char text[ROW_TEXT_MAX];
	struct key_clock clock = {.since = 17, .cached = 60, .pending = 30};
	struct ledger *la, *lb;
	struct keyrecord key;

	keyrecord_decode("R 0a 13 - inuse", &key);
	assert_int_equal(ledger_open(p->a.state, &la, NULL), 0);
	assert_int_equal(ledger_open(p->b.state, &lb, NULL), 0);
	assert_int_equal(ledger_zone_put(la, &row, NULL), 0);
	assert_int_equal(ledger_key_put(la, &key, NULL), 0);
	nodes_sync(&p->a, &p->b);
	assert_int_equal(ledger_zone_get(lb, "example.com", &got, NULL), 0);
	assert_int_equal(got.serial, 42);
	assert_int_equal(ledger_row_get(lb, "key R 0a", text, NULL), 0);
	assert_string_equal(text, "R 0a 13 - inuse");
	assert_true(key_clock_empty(&got.clock));
	assert_int_equal(ledger_clock_put(la, "example.com", &clock, NULL), 0);
	nodes_sync(&p->a, &p->b);
	assert_int_equal(ledger_zone_get(lb, "example.com", &got, NULL), 0);
	assert_memory_equal(&got.clock, &clock, sizeof(clock));
	assert_int_equal(ledger_zone_drop(la, "example.com", NULL), 0);
	assert_int_equal(ledger_key_drop(la, &key, NULL), 0);
	nodes_sync(&p->a, &p->b);
	assert_int_equal(
	    ledger_zone_get(lb, "example.com", &got, NULL), -ENOENT);
	assert_int_equal(ledger_row_get(lb, "key R 0a", text, NULL), -ENOENT);
	ledger_close(la);
	ledger_close(lb);
}

/* What was on disk when engine_cut() returned is in the generation that
 * names the request: no sync but the event is waited for. */
static void cut_contains_what_was_there(void **state)
{
	struct pair *p = *state;
	char text[32];
	int i;

	for (i = 0; i < 30; i++) {
		snprintf(text, sizeof(text), "version %d\n", i);
		node_write(&p->a, "state/pending/example.com", text);
		nodes_sync(&p->a, &p->b);
		assert_file(&p->b, "state/pending/example.com", text);
	}
}

static void burst_follows(void **state)
{
	struct pair *p = *state;
	char name[64];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "zone%04d.example", i);
		node_signconf(&p->a, name, i);
		node_backup2(&p->a, name, i);
	}
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
	assert_int_equal(assert_within(&p->b, &p->a, "signconf"), 1001);
}

static void log_is_empty_at_rest(void **state)
{
	struct pair *p = *state;
	struct dirent *d;
	CLEANUP_DIR DIR *dir = NULL;

	nodes_sync(&p->a, &p->b);
	dir = opendir(node_path(&p->b, "state/log"));
	while ((d = readdir(dir)))
		assert_true(d->d_name[0] == '.');
}

#define TEST(name) PAIR_TEST(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(first_join_makes_alike),
	    TEST(edits_follow),
	    TEST(database_follows_page_by_page),
	    TEST(foreign_write_is_mended),
	    TEST(deletion_follows),
	    TEST(zone_with_slash_follows),
	    TEST(zone_of_the_domain_new_follows),
	    TEST(leftovers_do_not_follow),
	    TEST(damaged_file_keeps_last_good),
	    TEST(ledger_rows_follow),
	    TEST(cut_contains_what_was_there),
	    TEST(burst_follows),
	    TEST(log_is_empty_at_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
