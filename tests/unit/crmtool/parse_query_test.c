/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "crmtool.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define TWO                                                \
	"name=\"ods-why-r\" host=\"node-a\" value=\"x\"\n" \
	"name=\"ods-why-r\" host=\"node-ab\" value=\"y\"\n"

static void value_with_quotes(void **state)
{
	char buf[64];

	(void)state;
	assert_int_equal(crmtool_parse_query("name=\"w\" host=\"node-a\" "
	                                     "value=\"a \"b\" <c>\"\n",
	                     NULL, buf, sizeof(buf)),
	    0);
	assert_string_equal(buf, "a \"b\" <c>");
}

static void the_line_of_the_node(void **state)
{
	char buf[64];

	(void)state;
	assert_int_equal(
	    crmtool_parse_query(TWO, "node-ab", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "y");
	assert_int_equal(
	    crmtool_parse_query(TWO, "node", buf, sizeof(buf)), -ENODATA);
}

static void empty_is_not_set(void **state)
{
	char buf[64];

	(void)state;
	assert_int_equal(
	    crmtool_parse_query("name=\"ods-hsm\" host=\"node-a\" value=\"\"\n",
	        NULL, buf, sizeof(buf)),
	    -ENODATA);
	assert_int_equal(
	    crmtool_parse_query("", NULL, buf, sizeof(buf)), -ENODATA);
}

static void too_long_is_not_cut(void **state)
{
	char buf[4];

	(void)state;
	assert_int_equal(
	    crmtool_parse_query("name=\"n\" host=\"h\" value=\"1234\"\n", NULL,
	        buf, sizeof(buf)),
	    -ENOSPC);
}

static void words_of_pacemaker(void **state)
{
	bool value = false;

	(void)state;
	assert_true(crmtool_parse_bool("Yes", &value) && value);
	assert_true(crmtool_parse_bool("OFF", &value) && !value);
	assert_false(crmtool_parse_bool("perhaps", &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(value_with_quotes),
	    cmocka_unit_test(the_line_of_the_node),
	    cmocka_unit_test(empty_is_not_set),
	    cmocka_unit_test(too_long_is_not_cut),
	    cmocka_unit_test(words_of_pacemaker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
