/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "facts.h"

/* A node that has no whole copy, beside those who could send it one. */

static struct plan_facts seeding(void)
{
	struct plan_facts f = three();

	f.self.state = STATE_SEEDING;
	return f;
}

static void somebody_can_send_it(void **state)
{
	struct plan_facts f = seeding();

	(void)state;
	expect_why(&f, PLAN_NOT_YET, "waiting for the first copy");
	f.peer[1].unpromoted = false;
	f.peer[1].has_record = false;
	expect_why(&f, PLAN_NOT_YET, "waiting for the first copy");
}

static void nobody_can(void **state)
{
	static const char *const why =
	    "no whole copy of term 4 here: start peer; if lost for ever: "
	    "ods-cluster init --source here";
	struct plan_facts f = seeding();

	(void)state;
	f.peer[1].state = STATE_SEEDING;
	expect_why(&f, PLAN_NOT_YET, why);
	f.peer[1].present = false;
	f.peer[1].state = STATE_LEDGER;
	expect_why(&f, PLAN_NOT_YET, why);
	/* It was the source itself, before its disk went back. */
	f.self.record.source = f.self.id;
	expect_why(&f, PLAN_NOT_YET, why);
	f.self.record.holders.count = 1;
	expect_why(&f, PLAN_NOT_YET, "start another;");
	f.init_here = true;
	expect_why(&f, PLAN_GO, "first source by init");
}

/* One that has nothing of any history has nothing to be chosen for. */
static void no_history_here(void **state)
{
	struct plan_facts f = seeding();

	(void)state;
	f.self.has_record = false;
	f.self.state = STATE_EMPTY;
	f.peer[1].state = STATE_SEEDING;
	expect_why(&f, PLAN_NOT_YET, "waiting for the first copy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(somebody_can_send_it),
	    cmocka_unit_test(nobody_can),
	    cmocka_unit_test(no_history_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
