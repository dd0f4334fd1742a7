/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

/* What a source has of its database and cannot give: who lacks it must not
 * say that he has that generation, since an ack makes a holder of him. */

static void no_shadow(const struct node *n)
{
	assert_int_equal(mkdir(node_path(n, "state/log/shadow.part"), 0755), 0);
}

static int setup(void **state)
{
	struct pair *p = pair_make();

	node_sql(&p->a, "CREATE TABLE t(x)");
	pair_open(p);
	*state = p;
	return 0;
}

/* MS long: what is acked is there. */
static void watch(struct pair *p, int ms)
{
	struct deadline d = deadline_in_ms(ms);

	while (!deadline_passed(d)) {
		node_poll(&p->a, 5);
		node_poll(&p->b, 5);
		if (p->a.acked > 0 && p->b.applied >= p->a.acked)
			assert_same_file(node_path(&p->a, "db/kasp.db"),
			    node_path(&p->b, "db/kasp.db"));
	}
}

static void a_new_node_has_none(void **state)
{
	struct pair *p = *state;

	no_shadow(&p->a);
	pair_source(p);
	wait_until(&p->a, &p->b, p->a.cut > 0);
	node_replica(&p->b, &p->term, p->port, &p->a);
	watch(p, 3000);
	assert_int_equal(rmdir(node_path(&p->a, "state/log/shadow.part")), 0);
}

static void an_old_holder_has_an_old_one(void **state)
{
	struct pair *p = *state;
	const struct engine_term next = term_make(2);

	pair_source(p);
	pair_follow(p);
	nodes_sync(&p->a, &p->b);
	engine_idle(p->b.engine);
	engine_idle(p->a.engine);
	node_sql(&p->a, "INSERT INTO t VALUES('a key that is in use since')");
	node_signconf(&p->a, "example.com", 2);
	no_shadow(&p->a);
	p->a.acked = p->b.applied = 0;
	node_source(&p->a, &next, p->port, &p->b);
	wait_until(&p->a, &p->b, p->a.cut > 0);
	node_replica(&p->b, &next, p->port, &p->a);
	watch(p, 3000);
}

/* It is in a form that nobody captures. */
static void a_new_node_waits_for_a_capture(void **state)
{
	struct pair *p = *state;

	node_sql(&p->a, "PRAGMA journal_mode=WAL");
	pair_source(p);
	wait_until(&p->a, &p->b, p->a.cut > 0);
	assert_true(p->a.stale);
	node_replica(&p->b, &p->term, p->port, &p->a);
	watch(p, 3000);
	node_sql(&p->a, "PRAGMA journal_mode=DELETE");
	wait_until(&p->a, &p->b, p->a.acked > 0);
	watch(p, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PAIR_TEST(a_new_node_has_none, setup),
	    PAIR_TEST(an_old_holder_has_an_old_one, setup),
	    PAIR_TEST(a_new_node_waits_for_a_capture, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
