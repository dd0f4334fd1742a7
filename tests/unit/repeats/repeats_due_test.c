/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "repeats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define HOUR REPEATS_MS

static struct repeats r;
static char line[WHY_MAX];

static int setup(void **state)
{
	(void)state;
	memset(&r, 0, sizeof(r));
	return 0;
}

/* A peer with a wrong key that comes back every five seconds for a day. */
static void one_line_then_one_an_hour(void **state)
{
	int64_t now;
	int lines = 0;

	(void)state;
	for (now = 0; now < 24 * (int64_t)HOUR; now += 5000) {
		if (!repeats_due(&r, "b", "not the same key", now, line))
			continue;
		if (lines++ == 0)
			assert_string_equal(line, "not the same key");
		else
			assert_string_equal(line,
			    "not the same key (720 times since it was said "
			    "last)");
	}
	assert_int_equal(lines, 24);
}

static void others_have_their_own_line(void **state)
{
	(void)state;
	assert_true(repeats_due(&r, "192.0.2.1", "no", 0, line));
	assert_true(repeats_due(&r, "192.0.2.2", "no", 0, line));
	assert_true(repeats_due(&r, "192.0.2.1", "another reason", 0, line));
	assert_false(repeats_due(&r, "192.0.2.1", "no", 1, line));
	assert_false(repeats_due(&r, "192.0.2.2", "no", 1, line));
}

static void numbers_make_no_other_text(void **state)
{
	(void)state;
	assert_true(repeats_due(&r, "b", "generation 9 is bad", 0, line));
	assert_false(repeats_due(&r, "b", "generation 10 is bad", 1, line));
	assert_true(repeats_due(&r, "b", "generation 11 is", 1, line));
	assert_true(repeats_due(&r, "b", "generation 11 is bad", HOUR, line));
	assert_int_equal(strncmp(line, "generation 11 is bad (2 times", 29), 0);
}

static void a_success_or_an_hour_begins_anew(void **state)
{
	(void)state;
	assert_true(repeats_due(&r, "a", "no", 0, line));
	assert_true(repeats_due(&r, "b", "no", 0, line));
	repeats_forget(&r, "b");
	assert_false(repeats_due(&r, "a", "no", 10, line));
	assert_true(repeats_due(&r, "b", "no", 10, line));
	assert_string_equal(line, "no");
	assert_true(repeats_due(&r, "b", "no", 10 + HOUR, line));
	assert_string_equal(line, "no");
}

/* However many addresses somebody has. */
static void lines_are_bounded(void **state)
{
	char who[16];
	int i, lines = 0;

	(void)state;
	for (i = 0; i < 100000; i++) {
		snprintf(who, sizeof(who), "peer%d", i);
		lines += repeats_due(&r, who, "no", i, line);
	}
	assert_int_equal(lines, REPEATS_SLOTS);
}

#define T(t) cmocka_unit_test_setup(t, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(one_line_then_one_an_hour),
	    T(others_have_their_own_line),
	    T(numbers_make_no_other_text),
	    T(a_success_or_an_hour_begins_anew),
	    T(lines_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
