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
#include <unistd.h>
#include <cmocka.h>

#include "odsctl.h"

/* Answers of OpenDNSSEC 2.1.12. */
static void zones(void **state)
{
	(void)state;
	assert_int_equal(odsctl_zones_count("There are 3 zones configured\n"
	                                    "- a\n- b\n- c\n"),
	    3);
	assert_int_equal(
	    odsctl_zones_count("There are 0 zones configured\n"), 0);
	assert_int_equal(
	    odsctl_zones_count("There are no zones configured\n"), 0);
	assert_int_equal(odsctl_zones_count(""), -EPROTO);
	assert_int_equal(
	    odsctl_zones_count("There are zones configured\n"), -EPROTO);
	assert_int_equal(
	    odsctl_zones_count("There are -1 zones configured\n"), -EPROTO);
	assert_int_equal(
	    odsctl_zones_count("There are 99999999999 zones configured\n"),
	    -EPROTO);
	assert_int_equal(
	    odsctl_zones_count("Unknown command zones.\n"), -EPROTO);
}

static void queue(void **state)
{
	(void)state;
	assert_int_equal(
	    odsctl_queue_count("It is now Sat Nov 21 19:30:59 2026\n\n"
	                       "There are 2 tasks scheduled.\n"
	                       "On Sat Nov 21 19:40:00 2026 I will [sign] zone "
	                       "example.org\n"
	                       "On Sat Nov 21 19:41:00 2026 I will [configure] "
	                       "zone 0/25.2.0.192.in-addr.arpa\n"),
	    2);
	assert_int_equal(odsctl_queue_count("It is now X\n\n"
	                                    "There are 0 tasks scheduled.\n"),
	    0);
	assert_int_equal(odsctl_queue_count("It is now X\n"), -EPROTO);
}

static int count_of(const char *xml)
{
	char path[] = "/tmp/zones_xml_XXXXXX";
	FILE *f = fdopen(mkstemp(path), "w");
	int n;

	assert_non_null(f);
	fputs(xml, f);
	fclose(f);
	n = odsctl_zonefile_count(path);
	unlink(path);
	return n;
}

static void zonefile(void **state)
{
	(void)state;
	assert_int_equal(odsctl_zonefile_count("/nowhere/zones.xml"), 0);
	assert_int_equal(count_of("<?xml version=\"1.0\"?>\n<ZoneList/>\n"), 0);
	assert_int_equal(count_of("<ZoneList>\n  <Zone name=\"a\">\n"
	                          "<Policy>p</Policy></Zone><Zone\nname='b'/>"
	                          "<!-- <Zone name='c'/> --></ZoneList>"),
	    2);
	assert_int_equal(count_of("<ZoneList><!-- <Zone name='c'/>"), 0);
	assert_int_equal(count_of(""), 0);
	assert_int_equal(count_of("<"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(zones),
	    cmocka_unit_test(queue),
	    cmocka_unit_test(zonefile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
