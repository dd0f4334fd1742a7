/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "file.h"
#include "zones.h"

static char path[64];

static int setup(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/ods-zones.XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static int load(const char *text, struct zone_list *list)
{
	struct why why;

	assert_int_equal(
	    file_replace(path, text, strlen(text), 0644, false, &why), 0);
	return zones_load(path, list, &why);
}

static void as_the_enforcer_writes_it(void **state)
{
	struct zone_list list;
	const struct zone_entry *z;

	(void)state;
	assert_int_equal(
	    load("<?xml version=\"1.0\"?><ZoneList>"
	         "<Zone name=\"z.example\"><Policy>p</Policy>"
	         "<SignerConfiguration>/sc/z.xml</SignerConfiguration>"
	         "<Adapters><Input><Adapter type=\"DNS\">/a.xml</Adapter>"
	         "</Input><Output><Adapter type=\"DNS\">/b.xml</Adapter>"
	         "</Output></Adapters></Zone>"
	         "<!-- between -->"
	         "<Zone name=\"0/25.2.0.192.in-addr.arpa\">"
	         "<SignerConfiguration>\n  /sc/0/25.xml\n "
	         "</SignerConfiguration><Adapters>"
	         "<Input><File>/u/0/25</File></Input>"
	         "<Output><Adapter type=\"File\"> /s/0/25&amp;x </Adapter>"
	         "</Output></Adapters></Zone>"
	         "<Zone><Policy>nameless</Policy></Zone>"
	         "</ZoneList>",
	        &list),
	    0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.zone[0].name, "0/25.2.0.192.in-addr.arpa");
	z = zones_find(&list, "0/25.2.0.192.in-addr.arpa");
	assert_non_null(z);
	assert_string_equal(z->signconf, "/sc/0/25.xml");
	assert_string_equal(z->input, "/u/0/25");
	assert_string_equal(z->output, "/s/0/25&x");
	z = zones_find(&list, "z.example");
	assert_non_null(z);
	assert_string_equal(z->input, "");
	assert_string_equal(z->output, ""); /* ungated */
	assert_string_equal(z->policy, "p");
	assert_null(zones_find(&list, "example"));
	zones_free(&list);
}

static void empty_or_no_list(void **state)
{
	struct zone_list list;
	struct why why;

	(void)state;
	assert_int_equal(load("<ZoneList/>", &list), 0);
	assert_int_equal(list.count, 0);
	assert_null(zones_find(&list, "example"));
	zones_free(&list);
	assert_int_equal(zones_load("/nonexistent", &list, &why), 0);
	assert_int_equal(list.count, 0);
	assert_int_equal(load("", &list), -EINVAL);
	assert_int_equal(load("<ZoneList><Zone name=\"cut", &list), -EINVAL);
}

/* What the daemon keeps of a zone follows what its entry says. */
static void memory_follows_the_file(void **state)
{
	(void)state;
	assert_true(sizeof(struct zone_entry) < 512);
}

static void entities_are_refused(void **state)
{
	struct zone_list list;

	(void)state;
	assert_int_equal(load("<!DOCTYPE a [<!ENTITY e \"x\">]><ZoneList>"
	                      "<Zone name=\"a\"><SignerConfiguration>&e;"
	                      "</SignerConfiguration></Zone></ZoneList>",
	                     &list),
	    -EINVAL);
	assert_int_equal(list.count, 0);
	zones_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        as_the_enforcer_writes_it, setup, teardown),
	    cmocka_unit_test(memory_follows_the_file),
	    cmocka_unit_test_setup_teardown(empty_or_no_list, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        entities_are_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
