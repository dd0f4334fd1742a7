/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "facts.h"

/* A6: the source of a term has less of it than a holder; or a holder's disk
 * went back. */

static struct plan_facts former_source(void)
{
	struct plan_facts f = after_a_kill();
	struct plan_node *p = &f.peer[0];

	p->present = p->unpromoted = p->daemons_dead = p->has_record = true;
	p->fenced = f.warm = false;
	f.self.record.source = f.self.id;
	p->record = f.self.record;
	f.self.tip.term = p->tip.term = f.self.record.term;
	f.self.tip.term_id = p->tip.term_id = f.self.record.term_id;
	f.self.tip.seq = p->tip.seq = 10;
	return f;
}

static void source_back_in_time(void **state)
{
	struct plan_facts f = former_source();

	(void)state;
	expect(&f, PLAN_GO);
	f.peer[0].tip.seq = 11;
	expect_why(&f, PLAN_NOT_YET, "peer has more of term 4");
	f.self.tip.term_id = id_of('o'); /* it has nothing of it any more */
	f.self.tip.seq = 99;
	expect(&f, PLAN_NOT_YET);
}

/* That is about the node that wrote the term only. */
static void others_are_not_concerned(void **state)
{
	struct plan_facts f = former_source();

	(void)state;
	f.peer[0].tip.seq = 11;
	f.self.record.source = f.peer[0].record.source = f.peer[0].id;
	expect(&f, PLAN_GO);
	f = former_source();
	f.peer[0].tip.seq = 11;
	f.peer[0].tip.term_id = id_of('o');
	expect(&f, PLAN_GO);
}

/* A holder that has forgotten what it may have gone on to publish is not the
 * one that a cold start waits for. */
static void holder_back_in_time(void **state)
{
	struct plan_facts f = former_source();

	(void)state;
	f.peer[0].state = STATE_SEEDING;
	expect_why(&f, PLAN_NOT_YET, "cold start: peer also held");
	f.peer[0].state = STATE_EMPTY;
	expect_why(&f, PLAN_NOT_YET, "cold start: peer also held");
	f.warm = true;
	expect(&f, PLAN_GO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(source_back_in_time),
	    cmocka_unit_test(others_are_not_concerned),
	    cmocka_unit_test(holder_back_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
