/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "view.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct view v;

static void no_answer(void **state)
{
	(void)state;
	assert_int_equal(view_from_reply("", &v), -EPROTO);
	assert_int_equal(view_from_reply("rc=0\nwhy=\n", &v), -EPROTO);
}

/* What is shown on a terminal holds no control sequence. */
static void control_characters(void **state)
{
	(void)state;
	assert_int_equal(view_from_reply("verdict=1\n"
	                                 "verdict_why=zone \x1b[2J\r held\n"
	                                 "nodes=1\nnode.0.name=a\tb\n",
	                     &v),
	    0);
	assert_string_equal(v.verdict_why, "zone ?[2J? held");
	assert_int_equal(v.nodes, 1);
	assert_string_equal(v.node[0].name, "a?b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_answer),
	    cmocka_unit_test(control_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
