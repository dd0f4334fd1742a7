/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <time.h>

#include "../terms/cluster.h"
#include "deadline.h"

/* N1 is the source, n2 its holder. */

static void limits(void **state)
{
	static const struct {
		int64_t inception, limit;
	} of[] = {{-1, 600}, {0, 60}, {60, 60}, {120, 60}, {122, 61},
	    {1200, 600}, {3600, 600}, {INT64_MAX, 600}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		assert_int_equal(clock_limit(of[i].inception), of[i].limit);
}

static void sentences(void **state)
{
	char text[160];

	(void)state;
	clock_doubt_text(&(struct clock_doubt){0, "n2"}, text, sizeof(text));
	assert_string_equal(text, "");
	clock_doubt_text(&(struct clock_doubt){700, "n2"}, text, sizeof(text));
	assert_string_equal(
	    text, "the clock here is 700 s ahead of that of n2");
	clock_doubt_text(&(struct clock_doubt){-61, "n2"}, text, sizeof(text));
	assert_string_equal(text, "the clock here is 61 s behind that of n2");
	clock_doubt_text(&(struct clock_doubt){-9, NULL}, text, sizeof(text));
	assert_string_equal(
	    text, "the clock here is 9 s behind what was published");
}

static struct syncd *two(void)
{
	return &as(1)->s;
}

/* What n1's clock says, of n2. */
static void n1_says(int64_t ahead)
{
	clocks_heard(member_by_name(two(), "n1"), (int64_t)time(NULL) + ahead);
	clocks_look(two());
	facts_judge(two());
}

static void another_nodes_clock(void **state)
{
	(void)state;
	assert_int_equal(plan_score(&two()->plan), 900);
	n1_says(600);
	assert_int_equal(two()->clocks.doubt.ahead, 0);
	n1_says(700);
	assert_in_range(-two()->clocks.doubt.ahead, 699, 701);
	assert_int_equal(plan_score(&two()->plan), 780);
	assert_non_null(strstr(two()->plan.why, "behind that of n1: set both"));
	n1_says(-700);
	assert_in_range(two()->clocks.doubt.ahead, 699, 701);
	n1_says(0);
	assert_int_equal(plan_score(&two()->plan), 900);
}

/* Nobody says that a node which is gone has set its clock right since. */
static void one_that_is_gone_says_nothing(void **state)
{
	(void)state;
	n1_says(700);
	power_off(0);
	run_ms(500);
	clocks_look(two());
	assert_int_equal(two()->clocks.doubt.ahead, 0);
}

static void what_was_published_is_past(void **state)
{
	(void)state;
	two()->clocks.newest = (int64_t)time(NULL) + 700;
	clocks_look(two());
	facts_judge(two());
	assert_in_range(-two()->clocks.doubt.ahead, 699, 701);
	assert_null(two()->clocks.doubt.of);
	assert_int_equal(plan_score(&two()->plan), 780);
}

/* A doubt is no reason where nobody else is there. */
static void it_refuses_nothing(void **state)
{
	(void)state;
	two()->clocks.newest = (int64_t)time(NULL) + 700;
	clocks_look(two());
	power_off(0);
	fence(0);
	run_ms(500);
	promote(1, 20000);
	run_ms(3000);
	assert_promoted(1);
}

/* The others hear of a clock that was set. */
static void it_is_told(void **state)
{
	struct member *n1 = member_by_name(two(), "n1");

	(void)state;
	run_ms(500);
	n1->clock.known = false;
	clocks_tick(&as(0)->s);
	run_ms(500);
	assert_false(n1->clock.known);
	as(0)->s.clocks.apart -= 60; /* it has been set since */
	clocks_tick(&as(0)->s);
	run_ms(500);
	assert_true(n1->clock.known);
}

#define ON2(t) cmocka_unit_test_setup_teardown(t, cluster2, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(limits),
	    cmocka_unit_test(sentences),
	    ON2(another_nodes_clock),
	    ON2(one_that_is_gone_says_nothing),
	    ON2(what_was_published_is_past),
	    ON2(it_refuses_nothing),
	    ON2(it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
