/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "confclient.h"

static struct confclient c;
static struct why why;

#define ANSWER                                                    \
	"conf=/c\nenforcer_pidfile=/ep\nenforcer_socket=/es\n"    \
	"enforcer_dir=/ed\nenforcer_user=eu\nenforcer_group=\n"   \
	"signer_pidfile=/sp\nsigner_socket=/ss\nsigner_dir=/sd\n" \
	"signer_user=\nsigner_group=sg\nzones_file=/z.xml\n"      \
	"notify_command=\npolicy_file=/k\nend=1\n"

static void takes_the_daemon_s_part(void **state)
{
	(void)state;
	assert_int_equal(confclient_parse(&c, ANSWER, "signer", &why), 0);
	assert_string_equal(c.pidfile, "/sp");
	assert_string_equal(c.socket, "/ss");
	assert_string_equal(c.working_dir, "/sd");
	assert_string_equal(c.user, "");
	assert_string_equal(c.group, "sg");
	assert_string_equal(c.zones_file, "/z.xml");
	assert_int_equal(confclient_parse(&c, ANSWER, "enforcer", &why), 0);
	assert_string_equal(c.socket, "/es");
	assert_string_equal(c.user, "eu");
}

static void takes_the_ids(void **state)
{
	static const char answer[] = ANSWER "signer_uid=\nsigner_gid=0\n"
	                                    "enforcer_uid=4294967294\n"
	                                    "enforcer_gid=4294967295\n";

	(void)state;
	assert_int_equal(confclient_parse(&c, answer, "signer", &why), 0);
	assert_true(c.uid == (uid_t)-1);
	assert_int_equal(c.gid, 0);
	assert_int_equal(confclient_parse(&c, answer, "enforcer", &why), 0);
	assert_true(c.uid == (uid_t)4294967294U);
	assert_true(c.gid == (gid_t)-1);
}

/* 0 would be root: nothing that is not a number may become it. */
static void no_ids_no_owner(void **state)
{
	(void)state;
	assert_int_equal(confclient_parse(&c, ANSWER, "enforcer", &why), 0);
	assert_true(c.uid == (uid_t)-1);
	assert_true(c.gid == (gid_t)-1);
	assert_int_equal(confclient_parse(&c,
	                     ANSWER "enforcer_uid=x\n"
	                            "enforcer_gid=12x\n",
	                     "enforcer", &why),
	    0);
	assert_true(c.uid == (uid_t)-1);
	assert_true(c.gid == (gid_t)-1);
}

static void passes_on_the_fault(void **state)
{
	(void)state;
	assert_int_equal(confclient_parse(&c, "err=2\nwhy=/c is missing: x\n",
	                     "signer", &why),
	    -ENOENT);
	assert_string_equal(why.text, "/c is missing: x");
}

static void cut_or_empty_answer(void **state)
{
	(void)state;
	assert_int_equal(confclient_parse(&c, "", "signer", &why), -EPROTO);
	assert_int_equal(
	    confclient_parse(&c, "conf=/c\nsigner_pidfile=/sp", "signer", &why),
	    -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_the_daemon_s_part),
	    cmocka_unit_test(takes_the_ids),
	    cmocka_unit_test(no_ids_no_owner),
	    cmocka_unit_test(passes_on_the_fault),
	    cmocka_unit_test(cut_or_empty_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
