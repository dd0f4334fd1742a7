/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "statecheck.h"

static void addresses(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} table[] = {
	    {"192.0.2.1", 0},
	    {"2001:db8::1", 0},
	    {"::ffff:192.0.2.1", 0},
	    {"fe80::1%eth0", 0},
	    {"typo", -EINVAL},
	    {"192.0.2.1%eth0", -EINVAL},
	    {"192.0.2", -EINVAL},
	    {"192.0.2.256", -EINVAL},
	    {"192.0.2.1:6405", -EINVAL},
	    {"ns1.example.net", -EINVAL},
	    {" 192.0.2.1", -EINVAL},
	    {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", -EINVAL},
	};
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(
		    statecheck_address(table[i].text, &why), table[i].rc);
	statecheck_address("typo", &why);
	assert_string_equal(why.text,
	    "address=typo is no IP address: set one of this node, or unset it "
	    "to use Corosync's");
}

/* What the daemon would cut is refused. */
static void commands(void **state)
{
	char text[PUBLISH_COMMAND_SIZE + 1];
	struct why why;

	(void)state;
	assert_int_equal(
	    statecheck_command("nsd-control reload %zone", &why), 0);
	assert_int_equal(statecheck_command(" \t", &why), -EINVAL);
	memset(text, 'x', sizeof(text));
	text[PUBLISH_COMMAND_SIZE] = '\0';
	assert_int_equal(statecheck_command(text, &why), -EINVAL);
	assert_non_null(strstr(why.text, "1024 bytes: set at most 1023"));
	text[PUBLISH_COMMAND_SIZE - 1] = '\0';
	assert_int_equal(statecheck_command(text, &why), 0);
}

static void programs(void **state)
{
	struct why why;

	(void)state;
	assert_int_equal(statecheck_program("sh -c true", &why), 0);
	assert_int_equal(statecheck_program(" /bin/sh\t%zone", &why), 0);
	assert_int_equal(
	    statecheck_program("no-such-program reload", &why), -ENOENT);
	assert_string_equal(why.text,
	    "publish_command: no-such-program is missing or not executable: "
	    "install it or set publish_command");
	assert_int_equal(
	    statecheck_program("/etc/passwd %zone", &why), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(commands),
	    cmocka_unit_test(programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
