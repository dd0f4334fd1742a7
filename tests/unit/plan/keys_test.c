/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "facts.h"

/* Gate 3: a key in use that is another one in this node's token. */

static struct plan_facts with_twin(struct plan_facts f)
{
	f.twin_locator = "0a1b";
	f.twin_repository = "SoftHSM";
	return f;
}

static void a_twin_refuses(void **state)
{
	struct plan_facts f = with_twin(after_a_kill());

	(void)state;
	expect_why(&f, PLAN_REFUSE,
	    "key 0a1b of SoftHSM is another key here than on the source: ");
	f.in_promote = true;
	expect(&f, PLAN_REFUSE);
	f.twin_two = true;
	expect_why(&f, PLAN_REFUSE,
	    "key 0a1b of SoftHSM is two different keys here: ");
}

/* Whatever else holds; only what concerns the whole node comes first. */
static void truth_table(void **state)
{
	struct plan_facts f, twin;
	int i;

	(void)state;
	for (i = 0; i < 256; i++) {
		f = i & 1 ? three() : after_a_kill();
		if (i & 2)
			peer_returns(&f);
		f.in_promote = i & 4;
		f.warm = i & 8;
		f.drained = i & 16;
		f.fencing = i & 32;
		f.hsm_lost = i & 64;
		f.self.record.solo = i & 128;
		twin = with_twin(f);
		expect_why(&twin, PLAN_REFUSE, "another key here");
		assert_int_not_equal(
		    strstr(plan_promote(&f).why, "another key") != NULL, true);
	}
}

/* Who has no copy of the state has no record to compare with; and init is a
 * human's word. */
static void what_comes_before(void **state)
{
	struct plan_facts f = with_twin(after_a_kill());

	(void)state;
	f.quorate = false;
	expect_why(&f, PLAN_NOT_YET, "no quorum");
	f = with_twin(after_a_kill());
	f.self.state = STATE_SEEDING;
	expect(&f, PLAN_NOT_YET);
	f = with_twin(after_a_kill());
	f.init_here = true;
	expect(&f, PLAN_GO);
}

static void a_refused_pin_refuses(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.pin_refused = "SoftHSM";
	expect_why(
	    &f, PLAN_REFUSE, "the HSM of SoftHSM refuses its PIN here: ");
	/* Only another token mends the other one. */
	f = with_twin(f);
	expect_why(&f, PLAN_REFUSE, "another key here");
}

static void a_lost_hsm_is_no_twin(void **state)
{
	struct plan_facts f = after_a_kill();

	(void)state;
	f.hsm_lost = true;
	expect(&f, PLAN_GO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_twin_refuses),
	    cmocka_unit_test(truth_table),
	    cmocka_unit_test(what_comes_before),
	    cmocka_unit_test(a_refused_pin_refuses),
	    cmocka_unit_test(a_lost_hsm_is_no_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
