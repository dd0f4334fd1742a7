/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "facts.h"

/* Who has more, and who else was here. */

static void somebody_was_here(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.self.foreign = true;
	expect_why(&f, PLAN_REFUSE, "ods-cluster init --source here");
	peer_returns(&f);
	f.peer[0].unpromoted = false;
	expect_why(&f, PLAN_NOT_YET, "compared with peer");
	f.stranger = "ods-enforcerd (pid 17)";
	expect_why(&f, PLAN_REFUSE, "ods-enforcerd (pid 17) runs on this");
	f.peer[0].unpromoted = true;
	f.self.foreign = false;
	f.stranger = NULL;
	expect(&f, PLAN_GO);
	f.peer[0].foreign = true; /* what it has more is nothing */
	f.self.record.solo = true;
	f.peer[0].tip.term = 9;
	expect(&f, PLAN_GO);
	assert_true(plan_promote(&f).preferred);
}

/* What is not here is no deletion, but for an admin who says so. */
static void a_file_system_is_not_mounted(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.missing = "/srv/ods/kasp.db";
	expect_why(&f, PLAN_NOT_YET,
	    "/srv/ods/kasp.db is missing here: mount its file system");
	expect_why(&f, PLAN_NOT_YET, "ods-cluster init --source here");
	f.init_here = true;
	expect(&f, PLAN_GO);
	f.init_here = false;
	f.self.state = STATE_SEEDING; /* it comes with the copy */
	expect_why(&f, PLAN_NOT_YET, "no whole copy of term 4 here");
}

/* Of a record that is solo, what a node lacks may be published. */
static void higher_tip_of_a_solo_record(void **state)
{
	struct plan_facts f = three();

	(void)state;
	f.warm = f.self.record.solo = true;
	f.self.tip.term = f.peer[1].tip.term = 4;
	f.self.tip.seq = 10;
	f.peer[1].tip.seq = 11;
	expect_why(&f, PLAN_NOT_YET, "third has more of what term 4 published");
	f.peer[1].present = false; /* nobody else has it */
	expect(&f, PLAN_GO);
	f.peer[1].present = true;
	f.peer[1].state = STATE_SEEDING; /* it cannot be promoted */
	expect(&f, PLAN_GO);
	f.peer[1].state = STATE_LEDGER;
	f.peer[1].tip.seq = 10;
	expect(&f, PLAN_GO);
	f.peer[1].tip.term = 5;
	f.peer[1].tip.seq = 1;
	expect(&f, PLAN_NOT_YET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_system_is_not_mounted),
	    cmocka_unit_test(higher_tip_of_a_solo_record),
	    cmocka_unit_test(somebody_was_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
