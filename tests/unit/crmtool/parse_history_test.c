/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "crmtool.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "file.h"

static char *load(const char *name)
{
	char path[4096];
	char *text;
	size_t len;

	snprintf(path, sizeof(path), "%s/crmtool/%s", TEST_DATA, name);
	assert_int_equal(file_read(path, 1 << 20, &text, &len, NULL), 0);
	return text;
}

static void newest_success_of_the_node(void **state)
{
	struct crmtool_fencing f;
	char *xml = load("history.xml");

	(void)state;
	assert_int_equal(crmtool_parse_history(xml, "node-b", &f), 0);
	assert_int_equal(f.successes, 2);
	assert_string_equal(f.completed, "2026-11-23 05:35:32Z");
	assert_string_equal(f.delegate, "node-a");
	assert_string_equal(
	    f.newest, "2026-11-23 05:35:32Z reboot stonith_admin.131 node-a");
	assert_true(f.pending);
	free(xml);
}

static void a_human_counts(void **state)
{
	struct crmtool_fencing f;
	char *xml = load("history.xml");

	(void)state;
	assert_int_equal(crmtool_parse_history(xml, "NODE-E", &f), 0);
	assert_int_equal(f.successes, 1);
	assert_string_equal(f.delegate, "a human");
	assert_false(f.pending);
	free(xml);
}

static void nothing_for_an_other_node(void **state)
{
	struct crmtool_fencing f;
	char *xml = load("history.xml");

	(void)state;
	assert_int_equal(crmtool_parse_history(xml, "node", &f), 0);
	assert_int_equal(f.successes, 0);
	assert_string_equal(f.newest, "");
	free(xml);
	xml = load("history-empty.xml");
	assert_int_equal(crmtool_parse_history(xml, "node-b", &f), 0);
	assert_int_equal(f.successes, 0);
	free(xml);
}

/* A cut document could hide an old success that later looks new. */
static void a_cut_document_is_refused(void **state)
{
	struct crmtool_fencing f;
	char *xml = load("history.xml");
	size_t len = strlen(xml) - strlen("</pacemaker-result>\n");

	(void)state;
	for (; len > 0; len--) {
		xml[len] = '\0';
		assert_int_equal(
		    crmtool_parse_history(xml, "node-b", &f), -EPROTO);
	}
	free(xml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(newest_success_of_the_node),
	    cmocka_unit_test(a_human_counts),
	    cmocka_unit_test(nothing_for_an_other_node),
	    cmocka_unit_test(a_cut_document_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
