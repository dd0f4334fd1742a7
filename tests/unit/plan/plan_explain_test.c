/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "facts.h"

/* Each gate by itself; the first one that does not say go is the verdict. */

static const struct plan *named(
    const struct plan_gate *list, int count, const char *name)
{
	static const struct plan none = {.why = "there is no such gate"};
	int i;

	for (i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i].plan;
	return &none;
}

static void assert_first(const struct plan_facts *f)
{
	struct plan_gate list[PLAN_GATES];
	struct plan plan = plan_promote(f);
	int i = 0, count = plan_explain(f, list);

	while (i < count - 1 && list[i].plan.verdict == PLAN_GO)
		i++;
	assert_int_equal(list[i].plan.verdict, plan.verdict);
	assert_string_equal(list[i].plan.why, plan.why);
}

static void all_say_go(void **state)
{
	struct plan_gate list[PLAN_GATES];
	struct plan_facts f = after_a_kill();
	int i, count = plan_explain(&f, list);

	(void)state;
	assert_int_equal(count, PLAN_GATES);
	for (i = 0; i < count; i++)
		assert_int_equal(list[i].plan.verdict, PLAN_GO);
	assert_string_equal(
	    named(list, count, "preferences")->why, "ready to take over");
	assert_first(&f);
}

static void several_do_not(void **state)
{
	struct plan_gate list[PLAN_GATES];
	struct plan_facts f = after_a_kill();
	int count;

	(void)state;
	f.missing = "/srv/kasp.db";
	f.pin_refused = "R";
	f.peer[0].fenced = false;
	f.in_promote = true;
	count = plan_explain(&f, list);
	assert_non_null(
	    strstr(named(list, count, "file systems")->why, "/srv/kasp.db"));
	assert_int_equal(
	    named(list, count, "keys and PIN")->verdict, PLAN_REFUSE);
	assert_non_null(strstr(
	    named(list, count, "former source")->why, "fencing of peer"));
	assert_int_equal(named(list, count, "custody")->verdict, PLAN_GO);
	assert_first(&f);
	f.missing = NULL;
	assert_first(&f);
	f.quorate = false;
	assert_first(&f);
}

static void before_the_first_source(void **state)
{
	struct plan_gate list[PLAN_GATES];
	struct plan_facts f = after_a_kill();
	int count;

	(void)state;
	f.self.has_record = f.peer[0].has_record = false;
	count = plan_explain(&f, list);
	assert_int_equal(count, 3);
	assert_string_equal(list[2].name, "first source");
	assert_first(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_say_go),
	    cmocka_unit_test(several_do_not),
	    cmocka_unit_test(before_the_first_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
