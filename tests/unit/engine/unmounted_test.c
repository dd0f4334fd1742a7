/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include "dbnote.h"

/* A holder boots without the file system of OpenDNSSEC's files, and becomes
 * the source: what it lacks is no deletion. */

static int setup(void **state)
{
	struct pair *p = pair_make();

	node_sql(&p->a, "CREATE TABLE t(x)");
	node_backup2(&p->a, "example.com", 7);
	pair_open(p);
	pair_source(p);
	pair_follow(p);
	nodes_sync(&p->a, &p->b);
	engine_idle(p->b.engine);
	engine_idle(p->a.engine);
	node_close(&p->a);
	*state = p;
	return 0;
}

static const char *const dirs[] = {"db", "signer", "signconf"};

static void unmount(const struct node *n)
{
	char away[64];
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(away, sizeof(away), "%s.away", dirs[i]);
		assert_int_equal(
		    rename(node_path(n, dirs[i]), node_path(n, away)), 0);
		assert_int_equal(mkdir(node_path(n, dirs[i]), 0755), 0);
	}
}

/* What was watched meanwhile is still there, below. */
static void mount(const struct node *n)
{
	char away[64], below[64];
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(away, sizeof(away), "%s.away", dirs[i]);
		snprintf(below, sizeof(below), "%s.below", dirs[i]);
		assert_int_equal(
		    rename(node_path(n, dirs[i]), node_path(n, below)), 0);
		assert_int_equal(
		    rename(node_path(n, away), node_path(n, dirs[i])), 0);
	}
}

/* Of two that follow each other, with files of SOURCE away. */
static void nothing_is_taken(const struct pair *p, struct node *source,
    struct node *replica, const char *what)
{
	const struct engine_term next = term_make(2);
	struct deadline d = deadline_in_ms(3000);

	replica->applied = 0;
	source->fault = false;
	node_source(source, &next, p->port, replica);
	node_replica(replica, &next, p->port, source);
	while (!deadline_passed(d)) {
		node_poll(source, 5);
		node_poll(replica, 5);
		assert_true(node_size(replica, "db/kasp.db") > 0);
		assert_true(node_size(replica, "signconf/example.com.xml") > 0);
		assert_true(
		    node_size(replica, "signer/example.com.backup2") > 0);
	}
	assert_int_equal(source->cut, 0);
	assert_true(source->fault);
	assert_non_null(strstr(source->text, what));
	assert_non_null(strstr(source->text, ": mount its file system"));
}

static void nothing_is_taken_from_others(void **state)
{
	struct pair *p = *state;

	unmount(&p->a);
	node_open(&p->a);
	nothing_is_taken(p, &p->a, &p->b, "db/kasp.db");
	mount(&p->a);
	wait_until(&p->a, &p->b, p->a.cut > 0 && !p->a.fault);
	node_sql(&p->a, "INSERT INTO t VALUES('it is watched again')");
	nodes_sync(&p->a, &p->b);
	assert_same_file(
	    node_path(&p->a, "db/kasp.db"), node_path(&p->b, "db/kasp.db"));
}

/* One that has had it as a standby only. */
static void nor_by_a_former_standby(void **state)
{
	struct pair *p = *state;

	node_open(&p->a);
	node_close(&p->b);
	unmount(&p->b);
	node_open(&p->b);
	nothing_is_taken(p, &p->b, &p->a, "db/kasp.db");
}

/* The database is on another file system than the rest. */
static void without(struct pair *p, const char *dir)
{
	assert_int_equal(
	    rename(node_path(&p->a, dir), node_path(&p->a, "away")), 0);
	node_open(&p->a);
	nothing_is_taken(p, &p->a, &p->b, dir);
	assert_int_equal(
	    rename(node_path(&p->a, "away"), node_path(&p->a, dir)), 0);
	wait_until(&p->a, &p->b, p->a.cut > 0 && !p->a.fault);
	nodes_sync(&p->a, &p->b);
}

static void without_signconf(void **state)
{
	without(*state, "signconf");
}

static void without_backup2(void **state)
{
	without(*state, "signer");
}

static void forget(const struct node *n)
{
	struct ledger *l;

	assert_int_equal(ledger_open(n->state, &l, NULL), 0);
	assert_true(dbnote_has(l));
	assert_int_equal(dbnote_forget(l, NULL), 0);
	ledger_close(l);
}

/* The source has begun without one, as init lets it: so does the next. */
static void an_admin_gave_it_up(void **state)
{
	struct pair *p = *state;
	const struct engine_term second = term_make(2), third = term_make(3);

	forget(&p->a);
	assert_int_equal(unlink(node_path(&p->a, "db/kasp.db")), 0);
	node_open(&p->a);
	node_source(&p->a, &second, p->port, &p->b);
	p->b.applied = 0;
	node_replica(&p->b, &second, p->port, &p->a);
	nodes_sync(&p->a, &p->b);
	assert_int_equal(node_size(&p->b, "db/kasp.db"), -1);
	engine_idle(p->b.engine);
	engine_idle(p->a.engine);
	node_source(&p->b, &third, p->port, &p->a);
	wait_until(&p->b, &p->a, p->b.cut > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PAIR_TEST(nothing_is_taken_from_others, setup),
	    PAIR_TEST(nor_by_a_former_standby, setup),
	    PAIR_TEST(without_signconf, setup),
	    PAIR_TEST(without_backup2, setup),
	    PAIR_TEST(an_admin_gave_it_up, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
