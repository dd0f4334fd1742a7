/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "facts.h"

/* Who has more, and who else was here. */

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
	    cmocka_unit_test(higher_tip_of_a_solo_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
