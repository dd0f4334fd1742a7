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

#include "instance.h"

#define CONF_OF(args, want) conf_of(args, sizeof(args), want)

static void conf_of(const char *cmdline, size_t len, const char *want)
{
	char conf[PATH_MAX];

	instance_conf_of(cmdline, len, conf, sizeof(conf));
	assert_string_equal(conf, want);
}

static void every_spelling(void **state)
{
	(void)state;
	CONF_OF("/usr/sbin/ods-signerd\0-c\0/a/conf.xml", "/a/conf.xml");
	CONF_OF("ods-signerd\0-c/a/conf.xml", "/a/conf.xml");
	CONF_OF("ods-signerd\0--config\0/a/conf.xml\0-d", "/a/conf.xml");
	CONF_OF("ods-signerd\0-d\0--config=/a/conf.xml", "/a/conf.xml");
	CONF_OF("ods-signerd\0-c\0/a\0-c\0/b", "/b");
}

static void default_where_none_is_given(void **state)
{
	(void)state;
	CONF_OF("ods-signerd", INSTANCE_DEFAULT_CONF);
	CONF_OF("ods-signerd\0-d\0-v", INSTANCE_DEFAULT_CONF);
	CONF_OF("ods-signerd\0-c", INSTANCE_DEFAULT_CONF);
	conf_of("", 0, INSTANCE_DEFAULT_CONF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_spelling),
	    cmocka_unit_test(default_where_none_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
