/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../terms/cluster.h"

/* A worker dies before it has read, or may trust, what the fencing history
 * says of a node that has just come back. */

/* What Pacemaker has of n2: successes FROM to TO. */
static void reading_of(int i, int from, int to)
{
	struct pacemaker_news *pn = calloc(1, sizeof(*pn));

	assert_non_null(pn);
	pn->fencing = pn->record_read = true;
	pn->nodes = 1;
	snprintf(pn->node[0].name, NODE_NAME_MAX, "n2");
	for (; from <= to; from++)
		fencings_add(&pn->node[0].fenced, (uint64_t)from);
	facts_pacemaker(&as(i)->s, pn);
}

static void reading(int i, int count)
{
	reading_of(i, 1, count);
}

static void restart(void)
{
	worker_end(0, LEFT_PROCDOWN);
	as(0);
	worker_start(0, true);
}

static void not_read(void **state)
{
	struct member *m = &as(0)->s.member[1];

	(void)state;
	m->fence_due = false;
	facts_fence_due(&as(0)->s, m);
	restart();
	partition(1, 1);
	assert_true(m->fence_due);
	reading(0, 5); /* of long ago */
	m->left = LEFT_UNSEEN;
	assert_false(facts_fenced(m));
	assert_false(m->fence_due);
	reading(0, 6);
	assert_true(facts_fenced(m));
}

/* Pacemaker has not heard all yet. */
static void not_settled(void **state)
{
	struct member *m = &as(0)->s.member[1];

	(void)state;
	m->fence_due = false;
	facts_fence_due(&as(0)->s, m);
	reading(0, 0);
	assert_true(m->fence_due);
	restart();
	partition(1, 1);
	reading(0, 5);
	m->left = LEFT_UNSEEN;
	assert_false(facts_fenced(m));
}

/* Its daemon dies soon after its HELLO: the node runs, and Pacemaker has not
 * heard all of it yet. */
static void daemon_died_before_it_settled(void **state)
{
	struct member *m = &as(0)->s.member[1];

	(void)state;
	m->fence_due = false;
	facts_fence_due(&as(0)->s, m);
	world.node[0].blind = true; /* we read for it */
	worker_end(1, LEFT_PROCDOWN);
	run_ms(500);
	assert_int_equal(m->left, LEFT_PROCDOWN);
	reading(0, 0);
	assert_true(m->fence_due);
	reading(0, 5); /* of long ago */
	assert_false(facts_fenced(m));
	run_ms(10000);
	reading(0, 5);
	assert_false(m->fence_due);
	assert_false(facts_fenced(m));
	reading(0, 6);
	assert_true(facts_fenced(m));
}

/* What a worker of before the upgrade has noted. */
static void an_old_note(void **state)
{
	struct member *m = &as(0)->s.member[1];

	(void)state;
	partition(1, 1);
	facts_fence_recall(m, "2026-11-23 05:35:32Z reboot x.131 n1");
	reading(0, 1);
	m->left = LEFT_UNSEEN;
	assert_false(facts_fenced(m));
	reading(0, 2);
	assert_true(facts_fenced(m));
}

/* Pacemaker's nodes tell each other late: what was past is past, whether or
 * not it was listed in between. */
static void listed_again(void **state)
{
	struct member *m = &as(0)->s.member[1];

	(void)state;
	m->fence_due = false;
	facts_fence_due(&as(0)->s, m);
	reading(0, 2);
	run_ms(10000);
	reading(0, 2);
	assert_false(m->fence_due);
	world.node[0].blind = true; /* we read for it */
	reading_of(0, 3, 3);
	run_ms(20000);
	reading_of(0, 3, 3);
	restart();
	partition(1, 1);
	assert_false(m->fence_due);
	m->left = LEFT_UNSEEN;
	reading(0, 3);
	assert_false(facts_fenced(m));
	reading(0, 4);
	assert_true(facts_fenced(m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(not_read, cluster2, end),
	    cmocka_unit_test_setup_teardown(not_settled, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        daemon_died_before_it_settled, cluster2, end),
	    cmocka_unit_test_setup_teardown(an_old_note, cluster2, end),
	    cmocka_unit_test_setup_teardown(listed_again, cluster2, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
