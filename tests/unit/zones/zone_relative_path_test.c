/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "zones.h"

static void paths(void **state)
{
	static const struct {
		const char *output, *want; /* NULL = refused */
	} table[] = {
	    {"/ods/signed/example.org", "example.org"},
	    {"/ods/signed/0/25.2.0.192.in-addr.arpa",
	        "0/25.2.0.192.in-addr.arpa"},
	    {"/ods/signed/a/b/c", "a/b/c"},
	    {"/elsewhere/example.org", "example.org"},
	    {"/ods/signed-too/example.org", "example.org"},
	    {"/ods/signed/..", NULL},
	    {"/ods/signed/../conf.xml", NULL},
	    {"/ods/signed/a/../../conf.xml", NULL},
	    {"/ods/signed/a/..", NULL},
	    {"/elsewhere/..", NULL},
	    {"/ods/signed/", NULL},
	    {"/ods/signed/a/", NULL},
	    {"", NULL}, /* DNS output */
	    {"example.org", NULL},
	};
	struct conf conf = {.signed_dir = "/ods/signed"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct zone_entry z = {.name = "z"};
		char buf[PATH_MAX] = "";
		int rc;

		z.output = table[i].output;
		rc = zone_relative_path(&conf, &z, buf, sizeof(buf));
		if (rc != (table[i].want ? 0 : -EINVAL))
			fail_msg("%s: %d %s", table[i].output, rc, buf);
		if (table[i].want)
			assert_string_equal(buf, table[i].want);
	}
}

static void below_state_dir(void **state)
{
	struct conf conf = {.signed_dir = "/ods/signed"};
	struct zone_entry z = {.output = "/ods/signed/0/25"};
	char buf[PATH_MAX];

	(void)state;
	assert_int_equal(
	    zone_published_path(&conf, "/st", &z, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "/st/published/0/25");
	assert_int_equal(
	    zone_pending_path(&conf, "/st", &z, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "/st/pending/0/25");
	assert_int_equal(
	    zone_pending_path(&conf, "/st", &z, buf, 5), -ENAMETOOLONG);
	z.output = "";
	assert_int_equal(
	    zone_pending_path(&conf, "/st", &z, buf, sizeof(buf)), -EINVAL);
}

/* Two zones can have one backup2 (O 11.8). */
static void flat_names(void **state)
{
	char a[64], b[64];

	(void)state;
	zone_flat_name("0/25.2.0.192.in-addr.arpa", a, sizeof(a));
	zone_flat_name("0-25.2.0.192.in-addr.arpa", b, sizeof(b));
	assert_string_equal(a, "0-25.2.0.192.in-addr.arpa");
	assert_string_equal(a, b);
	zone_flat_name("xn--bcher-kva.example", a, sizeof(a));
	assert_string_equal(a, "xn--bcher-kva.example");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths),
	    cmocka_unit_test(below_state_dir),
	    cmocka_unit_test(flat_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
