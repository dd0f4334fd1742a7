/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* Who has what is published without a break: its source knows this worker. */

/* What n1 says to n2, whose worker has just begun. */
static struct control record_to_new_worker(void)
{
	struct control c = {.type = CONTROL_RECORD};
	struct syncd *s = &as(1)->s;

	assert_true(s->warm);
	assert_true(holder(0, 1));
	s->warm = false;
	memset(&s->known_in, 0, sizeof(s->known_in));
	c.record = s->record;
	return c;
}

/* N1 has seen the worker before leave, and not this one: the next record, that
 * drops n2, may never come. */
static void sent_before_it_saw_us(void **state)
{
	struct control c = record_to_new_worker();
	struct syncd *s = &as(1)->s;

	(void)state;
	terms_receive(s, &s->member[0], &c);
	assert_false(s->warm);
	nodes_add(&c.workers, &s->worker);
	terms_receive(s, &s->member[0], &c);
	assert_true(s->warm);
}

static void said_by_another(void **state)
{
	struct control c = record_to_new_worker();
	struct syncd *s = &as(1)->s;

	(void)state;
	nodes_add(&c.workers, &s->worker);
	terms_receive(s, &s->member[2], &c);
	c.workers.count = 0;
	terms_receive(s, &s->member[0], &c);
	assert_false(s->warm);
}

static void said_of_another_term(void **state)
{
	struct control c = record_to_new_worker();
	struct syncd *s = &as(1)->s;

	(void)state;
	nodes_add(&c.workers, &s->worker);
	terms_receive(s, &s->member[0], &c);
	c.workers.count = 0;
	c.record.term++;
	id_random(&c.record.term_id);
	terms_receive(s, &s->member[0], &c);
	assert_int_equal(s->record.term, c.record.term);
	assert_false(s->warm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        sent_before_it_saw_us, cluster3, end),
	    cmocka_unit_test_setup_teardown(said_by_another, cluster3, end),
	    cmocka_unit_test_setup_teardown(
	        said_of_another_term, cluster3, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
