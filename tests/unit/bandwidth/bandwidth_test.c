/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "bandwidth.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void what_is_set(void **state)
{
	static const char *const bad[] = {
	    "", "0", "-1", "100001", "60x", "x", "60 %", "1e3", "links"};
	long mbit = 7;
	size_t i;

	(void)state;
	assert_int_equal(bandwidth_parse("1", &mbit), 0);
	assert_int_equal(mbit, 1);
	assert_int_equal(bandwidth_parse("100000", &mbit), 0);
	assert_int_equal(mbit, 100000);
	assert_int_equal(bandwidth_parse("link", &mbit), 0);
	assert_int_equal(mbit, BANDWIDTH_LINK);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(bandwidth_parse(bad[i], &mbit), -EINVAL);
}

static void share_of_a_link(void **state)
{
	(void)state;
	assert_int_equal(bandwidth_share("1000\n"), 600);
	assert_int_equal(bandwidth_share("100\n"), 60);
	assert_int_equal(bandwidth_share("1\n"), 1);
	assert_int_equal(bandwidth_share("400000\n"), BANDWIDTH_MAX);
	/* Down, virtual, without such a file, nonsense. */
	assert_int_equal(bandwidth_share("-1\n"), 60);
	assert_int_equal(bandwidth_share("0\n"), 60);
	assert_int_equal(bandwidth_share(NULL), 60);
	assert_int_equal(bandwidth_share("fast\n"), 60);
	assert_int_equal(bandwidth_share("99999999999999999999"), 60);
}

/* Of no socket, nobody knows the link. */
static void no_link(void **state)
{
	(void)state;
	assert_int_equal(bandwidth_of_socket(-1), 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_set),
	    cmocka_unit_test(share_of_a_link),
	    cmocka_unit_test(no_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
