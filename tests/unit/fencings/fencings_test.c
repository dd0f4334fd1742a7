/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "fencings.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct fencings set(uint64_t from, uint64_t to)
{
	struct fencings f = {0};

	for (; from <= to; from++)
		fencings_add(&f, from);
	return f;
}

static void order_says_nothing(void **state)
{
	struct fencings before = set(7, 7), now = before;

	(void)state;
	assert_false(fencings_beyond(&now, &before));
	fencings_add(&now, 3); /* listed behind */
	assert_true(fencings_beyond(&now, &before));
	assert_false(fencings_beyond(&before, &now));
}

/* What is listed no more is no news, and none when it is there again. */
static void what_was_past_stays_past(void **state)
{
	struct fencings past = set(1, 2), now = set(2, 3), before = set(1, 1);

	(void)state;
	fencings_join(&past, &now);
	assert_int_equal(past.count, 3);
	assert_false(fencings_beyond(&before, &past));
	assert_false(fencings_beyond(&now, &past));
}

static void a_full_set_keeps_what_is_listed(void **state)
{
	struct fencings past = set(1, FENCINGS_MAX), now = set(1000, 1001);

	(void)state;
	fencings_add(&past, 5000);
	assert_false(fencings_has(&past, 5000));
	fencings_join(&past, &now);
	assert_int_equal(past.count, FENCINGS_MAX);
	assert_false(fencings_beyond(&now, &past));
}

static void text_and_back(void **state)
{
	static const char *const bad[] = {"?",
	    "2026-11-23 05:35:32Z reboot stonith_admin.131 node-a", "1-2",
	    "1,2", "x"};
	char text[FENCINGS_TEXT];
	struct fencings f = {0}, back;
	size_t i;

	(void)state;
	fencings_text(&f, text);
	assert_string_equal(text, "");
	assert_int_equal(fencings_parse(text, &back), 0);
	assert_int_equal(back.count, 0);
	for (i = 0; i < FENCINGS_MAX; i++)
		fencings_add(&f, UINT64_MAX - i);
	fencings_text(&f, text);
	assert_int_equal(strlen(text), FENCINGS_TEXT - 2);
	assert_int_equal(fencings_parse(text, &back), 0);
	assert_memory_equal(&f, &back, sizeof(f));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(fencings_parse(bad[i], &back), -EINVAL);
		assert_int_equal(back.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order_says_nothing),
	    cmocka_unit_test(what_was_past_stays_past),
	    cmocka_unit_test(a_full_set_keeps_what_is_listed),
	    cmocka_unit_test(text_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
