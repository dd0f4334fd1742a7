/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "record.h"

#define ID "0123456789abcdef0123456789abcdef"
#define REST ID " 7 " ID " 3 " ID " 2 1 0 1 5 " ID

static void origin_and_back(void **state)
{
	struct record r = {.term = 7}, back;
	char text[RECORD_TEXT];
	int i;

	(void)state;
	id_random(&r.origin.base.term_id);
	id_random(&r.origin.line);
	r.origin.base.term = r.term = UINT64_MAX;
	r.origin.base.seq = r.revision = r.last_seq = UINT64_MAX;
	for (i = 0; i < NODES_MAX; i++) {
		struct id id;

		id_random(&id);
		nodes_add(&r.holders, &id);
	}
	record_text(&r, text);
	assert_int_equal(record_parse(text, &back), 0);
	assert_memory_equal(&back.origin, &r.origin, sizeof(r.origin));
	assert_int_equal(back.holders.count, NODES_MAX);
	r.holders.count = 0;
	record_text(&r, text);
	assert_int_equal(record_parse(text, &back), 0);
	assert_int_equal(back.holders.count, 0);
}

/* As versions before had it. */
static void origin_is_untold(void **state)
{
	struct record r;

	(void)state;
	assert_int_equal(record_parse(REST, &r), 0);
	assert_int_equal(r.term, 7);
	assert_int_equal(r.last_seq, 5);
	assert_int_equal(r.holders.count, 1);
	assert_true(id_is_zero(&r.origin.line));
	assert_int_equal(r.origin.base.seq, 0);
}

static void damaged_origin(void **state)
{
	static const char *const bad[] = {
	    ",",
	    ID ",1,2",
	    ID ",1,2,",
	    ID ",1,2," ID ",",
	    ID ",1,2," ID "0",
	    ID ",01,2," ID,
	    ID ",+1,2," ID,
	    ID ",-1,2," ID,
	    ID ",1,99999999999999999999," ID,
	    "x" ID ",1,2," ID,
	};
	char text[RECORD_TEXT];
	struct record r;
	size_t i;

	(void)state;
	assert_int_equal(record_parse(ID ",1,2," ID " " REST, &r), 0);
	assert_int_equal(r.origin.base.seq, 2);
	assert_int_equal(record_parse(ID ",1,2," ID, &r), -EIO);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "%s %s", bad[i], REST);
		if (record_parse(text, &r) != -EIO)
			fail_msg("%s", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(origin_and_back),
	    cmocka_unit_test(origin_is_untold),
	    cmocka_unit_test(damaged_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
