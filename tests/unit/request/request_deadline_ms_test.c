/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void word_and_lines(void **state)
{
	char text[] = "init\nsource=a\nb=c\n", bare[] = "ping", none[] = "";
	struct request r;

	(void)state;
	request_parse(text, &r);
	assert_string_equal(r.word, "init");
	assert_string_equal(r.args, "source=a\nb=c\n");
	request_parse(bare, &r);
	assert_string_equal(r.word, "ping");
	assert_string_equal(r.args, "");
	request_parse(none, &r);
	assert_string_equal(r.word, "");
	assert_string_equal(r.args, "");
}

/* Whatever the client says can be added to a clock. */
static void within_a_day(void **state)
{
	(void)state;
	assert_int_equal(request_deadline_ms(""), 20000);
	assert_int_equal(request_deadline_ms("deadline_ms=1500\n"), 1500);
	assert_int_equal(request_deadline_ms("deadline_ms=0"), 20000);
	assert_int_equal(request_deadline_ms("deadline_ms=-5"), 20000);
	assert_int_equal(request_deadline_ms("deadline_ms=x"), 20000);
	assert_int_equal(
	    request_deadline_ms("deadline_ms=9223372036854775807"), 86400000);
	assert_int_equal(
	    request_deadline_ms("deadline_ms=99999999999999999999"), 86400000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(word_and_lines),
	    cmocka_unit_test(within_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
