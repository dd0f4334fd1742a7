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

static void successes_of_the_node(void **state)
{
	struct crmtool_fencing f;
	char *xml = load("history.xml");

	(void)state;
	assert_int_equal(crmtool_parse_history(xml, "node-b", &f), 0);
	assert_int_equal(f.successes.count, 2);
	assert_string_equal(f.completed, "2026-11-23 05:35:32Z");
	assert_string_equal(f.delegate, "node-a");
	assert_true(fencings_has(&f.successes,
	    fencings_number(
	        "2026-11-23 05:35:32Z reboot stonith_admin.131 node-a")));
	assert_true(f.pending);
	free(xml);
}

static void a_human_counts(void **state)
{
	struct crmtool_fencing f;
	char *xml = load("history.xml");

	(void)state;
	assert_int_equal(crmtool_parse_history(xml, "NODE-E", &f), 0);
	assert_int_equal(f.successes.count, 1);
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
	assert_int_equal(f.successes.count, 0);
	free(xml);
	xml = load("history-empty.xml");
	assert_int_equal(crmtool_parse_history(xml, "node-b", &f), 0);
	assert_int_equal(f.successes.count, 0);
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

/* Pacemaker sorts by the time of completion.  A node that had just booted, its
 * clock two hours ahead, fenced node-b once; what is fenced after that clock
 * was set right comes behind it. */
static void a_clock_that_was_ahead(void **state)
{
	static const char first[] =
	    "<pacemaker-result><fence_history>"
	    "<fence_event action=\"reboot\" target=\"node-b\" client=\"x.1\" "
	    "origin=\"node-a\" delegate=\"node-a\" "
	    "completed=\"2026-11-27 10:00:00Z\" status=\"success\"/>"
	    "</fence_history></pacemaker-result>";
	static const char second[] =
	    "<pacemaker-result><fence_history>"
	    "<fence_event action=\"reboot\" target=\"node-b\" client=\"x.1\" "
	    "origin=\"node-a\" delegate=\"node-a\" "
	    "completed=\"2026-11-27 10:00:00Z\" status=\"success\"/>"
	    "<fence_event action=\"reboot\" target=\"node-b\" client=\"x.2\" "
	    "origin=\"node-a\" delegate=\"node-a\" "
	    "completed=\"2026-11-27 08:30:00Z\" status=\"success\"/>"
	    "</fence_history></pacemaker-result>";
	struct crmtool_fencing before, now;

	(void)state;
	assert_int_equal(crmtool_parse_history(first, "node-b", &before), 0);
	assert_int_equal(crmtool_parse_history(second, "node-b", &now), 0);
	assert_true(fencings_beyond(&now.successes, &before.successes));
	assert_false(fencings_beyond(&before.successes, &now.successes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(successes_of_the_node),
	    cmocka_unit_test(a_human_counts),
	    cmocka_unit_test(nothing_for_an_other_node),
	    cmocka_unit_test(a_cut_document_is_refused),
	    cmocka_unit_test(a_clock_that_was_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
