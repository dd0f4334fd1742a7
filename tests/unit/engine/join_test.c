/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include <pthread.h>

/* Nodes that come with a past. */

static int setup(void **state)
{
	struct pair *p = pair_make();

	node_sql(&p->a, "CREATE TABLE zone(name TEXT)");
	node_backup2(&p->a, "example.com", 5);
	pair_open(p);
	*state = p;
	return 0;
}

static void start(struct pair *p)
{
	pair_source(p);
	pair_follow(p);
}

static char *quarantined(const struct pair *p, const char *name)
{
	char path[256], term[ID_TEXT];

	id_text(&p->term.term_id, term);
	snprintf(path, sizeof(path), "state/quarantine/%s/%s", term, name);
	return node_read(&p->b, path);
}

static void assert_quarantined(
    const struct pair *p, const char *name, const char *text)
{
	char *got = quarantined(p, name);

	if (!got)
		fail_msg("%s is not in quarantine", name);
	assert_string_equal(got, text);
	free(got);
}

static void surplus_is_set_aside(void **state)
{
	struct pair *p = *state;
	char *list;

	node_write(&p->b, "unsigned/old/zone", "surplus\n");
	node_write(&p->b, "enforcer/zones.xml", "<Mine/>\n");
	node_write(&p->b, "signconf/example.com.xml", "<Unsaved/>\n");
	node_write(&p->b, "unsigned/x.tmp", "not ours\n");
	node_write(&p->b, "db/kasp.db-journal", "hot\n");
	start(p);
	assert_quarantined(p, "unsigned/old/zone", "surplus\n");
	assert_quarantined(p, "zones/zones.xml", "<Mine/>\n");
	assert_quarantined(p, "signconf/example.com.xml", "<Unsaved/>\n");
	assert_quarantined(p, "db/kasp.db-journal", "hot\n");
	assert_null(node_read(&p->b, "db/kasp.db-journal"));
	assert_file(&p->b, "unsigned/x.tmp", "not ours\n");
	list = quarantined(p, "list");
	assert_non_null(strstr(list, "unsigned/old/zone\t"));
	free(list);
	unlink(node_path(&p->b, "unsigned/x.tmp"));
	assert_alike(&p->a, &p->b);
}

static void surplus_rows_are_dropped(void **state)
{
	struct pair *p = *state;
	struct zone_row row = {.zone = "gone.example", .serial = 9}, got;
	char text[ROW_TEXT_MAX], *list;
	struct keyrecord key;
	struct ledger *l;

	keyrecord_decode("R 0a 13 - inuse", &key);
	assert_int_equal(ledger_open(p->b.state, &l, NULL), 0);
	assert_int_equal(ledger_zone_put(l, &row, NULL), 0);
	assert_int_equal(ledger_key_put(l, &key, NULL), 0);
	start(p);
	assert_int_equal(
	    ledger_zone_get(l, "gone.example", &got, NULL), -ENOENT);
	assert_int_equal(ledger_row_get(l, "key R 0a", text, NULL), -ENOENT);
	list = quarantined(p, "list");
	assert_non_null(strstr(list, "ledger/gone.example\t"));
	assert_non_null(strstr(list, "ledger/key R 0a\t"));
	free(list);
	ledger_close(l);
}

/* The source may name it as a holder from its ack on: after a crash it is no
 * seed. */
static void whole_copy_is_no_seed(void **state)
{
	struct pair *p = *state;
	struct ledger *l;
	char text[16];

	assert_int_equal(ledger_open(p->b.state, &l, NULL), 0);
	assert_int_equal(ledger_note_put(l, "state", "seeding", NULL), 0);
	start(p);
	ledger_note_get(l, "state", text, sizeof(text));
	assert_string_equal(text, "ledger");
	ledger_close(l);
}

/* Behind is not diverged: what a mere follower overwrites was the source's
 * own and is not kept. */
static void reconnect_sends_what_differs(void **state)
{
	struct pair *p = *state;
	uint64_t request;

	start(p);
	engine_idle(p->b.engine);
	wait_until(&p->a, &p->b, !p->a.joined);
	node_signconf(&p->a, "example.com", 2);
	node_sql(&p->a, "INSERT INTO zone VALUES('x')");
	node_signconf(&p->a, "example.net", 1);
	request = engine_cut(p->a.engine);
	wait_until(&p->a, &p->b, p->a.request >= request);
	p->b.applied = 0;
	node_replica(&p->b, &p->term, p->port, &p->a);
	wait_until(&p->a, &p->b, p->b.applied > 0);
	assert_alike(&p->a, &p->b);
	assert_null(quarantined(p, "signconf/example.com.xml"));
	node_signconf(&p->a, "example.net", 2);
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
}

static void source_restart_is_survived(void **state)
{
	struct pair *p = *state;

	start(p);
	node_close(&p->a);
	wait_until(&p->b, &p->b, p->b.lost);
	node_signconf(&p->a, "example.com", 2);
	node_open(&p->a);
	p->b.connected = false;
	node_source(&p->a, &p->term, p->port, &p->b);
	wait_until(&p->a, &p->b, p->b.connected);
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
}

/* A7: the old source was killed behind its last cut.  It comes back with a
 * tail that nobody has, in files that no delta would ever name. */
static void uncaptured_signconf(void **state)
{
	struct pair *p = *state;
	struct node *a = &p->a, *b = &p->b;
	struct why why = {0};
	struct pair swapped;
	char *tail, *late, *db, *kept;
	size_t db_len;

	start(p);
	node_close(a);
	node_signconf(a, "example.com", 99);
	node_signconf(a, "uncaptured.example", 1);
	node_sql(a, "INSERT INTO zone VALUES('uncaptured')");
	db_len = (size_t)node_size(a, "db/kasp.db");
	db = node_read(a, "db/kasp.db");
	tail = node_read(a, "signconf/example.com.xml");
	late = node_read(a, "signconf/uncaptured.example.xml");
	engine_freeze(b->engine);
	assert_int_equal(
	    engine_drain(b->engine, deadline_in_ms(5000), &why), 0);
	p->term = term_make(2);
	p->port = test_port();
	node_source(b, &p->term, p->port, a);
	node_backup2(b, "example.com", 6);
	node_open(a);
	node_replica(a, &p->term, p->port, b);
	wait_until(b, a, a->applied > 0);
	nodes_sync(b, a);
	assert_alike(a, b);
	swapped = (struct pair){.b = *a, .term = p->term};
	assert_quarantined(&swapped, "signconf/uncaptured.example.xml", late);
	assert_quarantined(&swapped, "signconf/example.com.xml", tail);
	kept = quarantined(&swapped, "db/kasp.db");
	assert_non_null(kept);
	assert_memory_equal(kept, db, db_len);
	free(kept);
	free(db);
	free(late);
	free(tail);
}

static const char *const of_gone[] = {"signconf/gone.example.xml",
    "signer/gone.example.backup2", "unsigned/gone.example",
    "state/published/gone.example"};

#define GONE_FILES (sizeof(of_gone) / sizeof(of_gone[0]))

static void add_gone(const struct node *n)
{
	const struct zone_row row = {
	    .zone = "gone.example", .serial = 9, .ever = true};
	struct ledger *l;

	node_signconf(n, "gone.example", 1);
	node_backup2(n, "gone.example", 9);
	node_write(n, "unsigned/gone.example", "zone\n");
	node_write(n, "state/published/gone.example", "signed\n");
	assert_int_equal(ledger_open(n->state, &l, NULL), 0);
	assert_int_equal(ledger_zone_put(l, &row, NULL), 0);
	ledger_close(l);
}

static void delete_gone(const struct node *n)
{
	struct ledger *l;
	size_t i;

	for (i = 0; i < GONE_FILES; i++)
		assert_int_equal(unlink(node_path(n, of_gone[i])), 0);
	assert_int_equal(ledger_open(n->state, &l, NULL), 0);
	assert_int_equal(ledger_zone_drop(l, "gone.example", NULL), 0);
	ledger_close(l);
}

static void assert_gone(const struct node *n)
{
	struct zone_row row;
	struct ledger *l;
	size_t i;

	for (i = 0; i < GONE_FILES; i++)
		if (node_size(n, of_gone[i]) != -1)
			fail_msg("%s is back", of_gone[i]);
	assert_int_equal(ledger_open(n->state, &l, NULL), 0);
	assert_int_equal(
	    ledger_zone_get(l, "gone.example", &row, NULL), -ENOENT);
	ledger_close(l);
}

/* TO goes on as source of the next term, and FROM, which was it, follows. */
static void hand_over(struct pair *p, struct node *to, struct node *from)
{
	struct why why = {0};

	engine_freeze(to->engine);
	assert_int_equal(
	    engine_drain(to->engine, deadline_in_ms(5000), &why), 0);
	p->term = term_make(p->term.term + 1);
	p->port = test_port();
	node_source(to, &p->term, p->port, from);
}

/* A7: a zone is deleted while its former source is away.  It is not there when
 * that one is a replica, nor when it is the source again; nor on a node that
 * was there all the time. */
static void deleted_zone_returns(void **state)
{
	struct pair *p = *state;
	struct node *a = &p->a, *b = &p->b;

	add_gone(a);
	start(p);
	nodes_sync(a, b);
	assert_file(b, "state/published/gone.example", "signed\n");
	node_close(a);
	hand_over(p, b, a);
	delete_gone(b);
	node_open(a);
	node_replica(a, &p->term, p->port, b);
	wait_until(b, a, a->applied > 0);
	nodes_sync(b, a);
	assert_gone(a);
	assert_alike(a, b);
	engine_idle(b->engine);
	hand_over(p, a, b);
	b->applied = 0;
	node_replica(b, &p->term, p->port, a);
	wait_until(a, b, b->applied > 0);
	nodes_sync(a, b);
	assert_gone(b);
	add_gone(a);
	nodes_sync(a, b);
	delete_gone(a);
	nodes_sync(a, b);
	assert_gone(b);
	assert_alike(a, b);
}

static void three_quarantines_are_kept(void **state)
{
	struct pair *p = *state;
	struct dirent *d;
	CLEANUP_DIR DIR *dir = NULL;
	int i, n = 0;

	for (i = 0; i < 5; i++) {
		p->term = term_make((uint64_t)i + 1);
		p->port = test_port();
		node_write(&p->b, "unsigned/surplus", "x\n");
		p->b.applied = 0;
		p->b.connected = false;
		start(p);
		assert_quarantined(p, "unsigned/surplus", "x\n");
	}
	dir = opendir(node_path(&p->b, "state/quarantine"));
	while ((d = readdir(dir)))
		n += d->d_name[0] != '.';
	assert_int_equal(n, 3);
}

/* A daemon that is killed between its ack and the end of its applying. */
static void durable_is_applied_after_restart(void **state)
{
	struct pair *p = *state;
	struct why why = {0};
	uint64_t request;

	start(p);
	engine_freeze(p->b.engine);
	engine_idle(p->b.engine);
	node_replica(&p->b, &p->term, p->port, &p->a);
	wait_until(&p->a, &p->b, p->b.connected);
	nodes_sync(&p->a, &p->b);
	node_signconf(&p->a, "late.example", 1);
	node_sql(&p->a, "INSERT INTO zone VALUES('late')");
	request = engine_cut(p->a.engine);
	wait_until(&p->a, &p->b, p->a.request >= request);
	wait_until(&p->a, &p->b, p->b.received >= p->a.cut);
	node_close(&p->b);
	node_open(&p->b);
	assert_int_equal(
	    engine_drain(p->b.engine, deadline_in_ms(5000), &why), 0);
	assert_alike(&p->a, &p->b);
}

/* The name of the generation that is in b's log, "" when there is none. */
static void in_log(const struct pair *p, char *name, size_t size)
{
	CLEANUP_DIR DIR *dir = opendir(node_path(&p->b, "state/log"));
	struct dirent *d;

	name[0] = '\0';
	while (dir && (d = readdir(dir)))
		if (strstr(d->d_name, ".gen"))
			snprintf(name, size, "state/log/%.200s", d->d_name);
}

/* A file of the log that was removed is there again after a power loss. */
static void old_full_generation_is_not_applied_again(void **state)
{
	struct pair *p = *state;
	struct deadline limit = deadline_in_ms(WAIT_MS);
	char name[256];
	struct why why = {0};

	/* What keeps it from being applied, until its name is known */
	node_write(&p->b, "unsigned/zone/x.tmp", "in the way\n");
	node_write(&p->a, "unsigned/zone", "zone\n");
	pair_source(p);
	node_replica(&p->b, &p->term, p->port, &p->a);
	do
		in_log(p, name, sizeof(name));
	while (!name[0] && !deadline_passed(limit));
	assert_int_equal(
	    link(node_path(&p->b, name), node_path(&p->b, "full")), 0);
	unlink(node_path(&p->b, "unsigned/zone/x.tmp"));
	wait_until(&p->a, &p->b, p->b.applied > 0);
	node_signconf(&p->a, "example.com", 2);
	nodes_sync(&p->a, &p->b);
	node_close(&p->b);
	assert_int_equal(
	    link(node_path(&p->b, "full"), node_path(&p->b, name)), 0);
	node_open(&p->b);
	assert_int_equal(
	    engine_drain(p->b.engine, deadline_in_ms(5000), &why), 0);
	assert_alike(&p->a, &p->b);
}

static void damaged_at_source_does_not_bar_a_joiner(void **state)
{
	struct pair *p = *state;

	start(p);
	node_write(&p->a, "signer/example.com.backup2", "cut\n");
	nodes_sync(&p->a, &p->b);
	engine_idle(p->b.engine);
	unlink(node_path(&p->b, "signer/example.com.backup2"));
	p->b.applied = 0;
	p->b.connected = false;
	node_replica(&p->b, &p->term, p->port, &p->a);
	wait_until(&p->a, &p->b, p->b.applied > 0);
	assert_null(node_read(&p->b, "signer/example.com.backup2"));
	node_backup2(&p->a, "example.com", 8);
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
}

static void *writer(void *arg)
{
	struct pair *p = arg;
	char text[64];
	int i;

	for (i = 0; i < 300; i++) {
		snprintf(
		    text, sizeof(text), "INSERT INTO zone VALUES('%d')", i);
		node_sql(&p->a, text);
		node_signconf(&p->a, "example.com", i);
		usleep(5000);
	}
	return NULL;
}

static void joins_a_busy_source(void **state)
{
	struct pair *p = *state;
	pthread_t thread;

	node_source(&p->a, &p->term, p->port, &p->b);
	assert_int_equal(pthread_create(&thread, NULL, writer, p), 0);
	usleep(100000);
	node_replica(&p->b, &p->term, p->port, &p->a);
	wait_until(&p->a, &p->b, p->b.applied > 0);
	pthread_join(thread, NULL);
	nodes_sync(&p->a, &p->b);
	assert_alike(&p->a, &p->b);
}

#define TEST(name) PAIR_TEST(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(surplus_is_set_aside),
	    TEST(whole_copy_is_no_seed),
	    TEST(surplus_rows_are_dropped),
	    TEST(reconnect_sends_what_differs),
	    TEST(source_restart_is_survived),
	    TEST(uncaptured_signconf),
	    TEST(deleted_zone_returns),
	    TEST(three_quarantines_are_kept),
	    TEST(durable_is_applied_after_restart),
	    TEST(old_full_generation_is_not_applied_again),
	    TEST(damaged_at_source_does_not_bar_a_joiner),
	    TEST(joins_a_busy_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
