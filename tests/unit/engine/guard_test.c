/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "node.h"

#include <sys/wait.h>

#include "standby.h"

/* A replica whose database is locked and whose zones.xml is aside. */

struct pair {
	struct node a, b;
	struct engine_term term;
};

static void fill(const struct node *n)
{
	node_sql(n, "CREATE TABLE zone(name); INSERT INTO zone VALUES('z')");
	node_write(n, "enforcer/zones.xml", "<ZoneList/>\n");
	node_signconf(n, "one.example", 1);
}

static struct standby_news take(struct node *n)
{
	struct standby_news news;
	struct why why = {0};

	if (standby_take(engine_standby(n->engine), false, &news, &why) < 0)
		fail_msg("%s", why.text);
	return news;
}

static int setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));
	int port = test_port();

	if (!p)
		return -1;
	node_init(&p->a, "a");
	node_init(&p->b, "b");
	p->b.guard = true;
	fill(&p->a);
	node_open(&p->a);
	node_open(&p->b);
	take(&p->b);
	p->term = term_make(1);
	node_source(&p->a, &p->term, port, &p->b);
	node_replica(&p->b, &p->term, port, &p->a);
	wait_until(&p->a, &p->b, p->b.applied > 0);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	node_end(&p->a);
	node_end(&p->b);
	free(p);
	return 0;
}

/* A program of its own: where threads hold SQLite's mutexes a fork of this
 * process cannot use it. */
static int enforcer(const struct node *n, const char *sql)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execlp("sqlite3", "sqlite3", "-batch",
		    node_path(n, "db/kasp.db"), sql, (char *)NULL);
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void replicated_under_guard(void **state)
{
	struct pair *p = *state;
	int i;

	assert_int_equal(node_size(&p->b, "enforcer/zones.xml"), -1);
	assert_file(&p->b, "enforcer/zones.xml.ods-held", "<ZoneList/>\n");
	for (i = 0; i < 3; i++) {
		assert_int_equal(
		    enforcer(&p->b, "INSERT INTO zone VALUES('x')"),
		    SQLITE_BUSY);
		assert_false(take(&p->b).written);
		node_sql(&p->a, "INSERT INTO zone VALUES('y')");
		node_write(&p->a, "enforcer/zones.xml", "more\n");
		nodes_sync(&p->a, &p->b);
		assert_file(&p->b, "enforcer/zones.xml.ods-held", "more\n");
		assert_same_file(node_path(&p->a, "db/kasp.db"),
		    node_path(&p->b, "db/kasp.db"));
	}
}

/* All of it is found by the comparison of the next session, and what a
 * promote gives back is in its place. */
static void joins_again_and_is_promoted(void **state)
{
	struct pair *p = *state;
	struct deadline d = deadline_in_ms(5000);
	int port = test_port();

	node_close(&p->b);
	node_open(&p->b);
	take(&p->b);
	node_close(&p->a);
	node_open(&p->a);
	p->term = term_make(2);
	node_source(&p->a, &p->term, port, &p->b);
	node_replica(&p->b, &p->term, port, &p->a);
	wait_until(&p->a, &p->b, p->b.applied > 0);
	engine_freeze(p->b.engine);
	assert_int_equal(engine_drain(p->b.engine, d, NULL), 0);
	assert_int_equal(
	    standby_give_back(engine_standby(p->b.engine), NULL), 0);
	assert_file(&p->b, "enforcer/zones.xml", "<ZoneList/>\n");
	assert_int_equal(enforcer(&p->b, "INSERT INTO zone VALUES('x')"), 0);
}

/* The mark in the ledger tells what nobody saw. */
static void written_while_nobody_looked(void **state)
{
	struct pair *p = *state;

	node_close(&p->b);
	node_open(&p->b);
	assert_false(take(&p->b).written);
	node_close(&p->b);
	assert_int_equal(enforcer(&p->b, "INSERT INTO zone VALUES('x')"), 0);
	node_open(&p->b);
	assert_true(take(&p->b).written);
}

#define t(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    t(replicated_under_guard),
	    t(joins_again_and_is_promoted),
	    t(written_while_nobody_looked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
