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
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "file.h"

static char dir[] = "/tmp/crmtool-XXXXXX";

/* A fake attrd_updater that runs BODY after it has noted its arguments. */
static void fake(const char *body)
{
	char path[64], text[512];

	snprintf(path, sizeof(path), "%s/attrd_updater", dir);
	snprintf(text, sizeof(text), "#!/bin/sh\necho \"$*\" >>%s/calls\n%s\n",
	    dir, body);
	assert_int_equal(
	    file_replace(path, text, strlen(text), 0755, false, NULL), 0);
}

static void assert_calls(const char *expected)
{
	char path[64];
	char *text = NULL;
	size_t len;

	snprintf(path, sizeof(path), "%s/calls", dir);
	assert_int_equal(file_read(path, 4096, &text, &len, NULL), 0);
	assert_string_equal(text, expected);
	free(text);
	unlink(path);
}

static int setup(void **state)
{
	char path[256];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", dir);
	return setenv("PATH", path, 1);
}

static int teardown(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/attrd_updater", dir);
	unlink(path);
	return rmdir(dir);
}

static void written_on_change_only(void **state)
{
	struct crmtool_attr attr = {.name = "ods-hsm"};
	struct deadline d = deadline_in_ms(10000);

	(void)state;
	fake("exit 0");
	assert_int_equal(crmtool_attr_change(&attr, "ok", d, NULL), 0);
	assert_int_equal(crmtool_attr_change(&attr, "ok", d, NULL), 0);
	assert_int_equal(crmtool_attr_change(&attr, "lost", d, NULL), 0);
	crmtool_attr_forget(&attr);
	assert_int_equal(crmtool_attr_change(&attr, "lost", d, NULL), 0);
	assert_calls("-n ods-hsm -U ok\n-n ods-hsm -U lost\n"
	             "-n ods-hsm -U lost\n");
}

static void a_failed_write_is_tried_again(void **state)
{
	struct crmtool_attr attr = {.name = "ods-hsm"};
	struct deadline d = deadline_in_ms(10000);
	struct why why = {0};

	(void)state;
	fake("exit 102");
	assert_int_equal(crmtool_attr_change(&attr, "ok", d, &why), -ENOTCONN);
	assert_non_null(strstr(why.text, "Pacemaker does not run"));
	fake("exit 0");
	assert_int_equal(crmtool_attr_change(&attr, "ok", d, NULL), 0);
	assert_calls("-n ods-hsm -U ok\n-n ods-hsm -U ok\n");
}

static void a_hung_tool_ends_at_the_deadline(void **state)
{
	struct crmtool_attr attr = {.name = "ods-hsm"};
	int64_t begin = clock_monotonic_ms();

	(void)state;
	fake("sleep 60");
	assert_int_equal(
	    crmtool_attr_change(&attr, "ok", deadline_in_ms(300), NULL),
	    -ETIMEDOUT);
	assert_true(clock_monotonic_ms() - begin < 5000);
	assert_calls("-n ods-hsm -U ok\n");
}

static void a_missing_tool_has_a_name(void **state)
{
	struct crmtool_attr attr = {.name = "ods-hsm"};
	char path[64];
	struct why why = {0};

	(void)state;
	snprintf(path, sizeof(path), "%s/attrd_updater", dir);
	unlink(path);
	setenv("PATH", dir, 1);
	assert_int_equal(
	    crmtool_attr_change(&attr, "ok", deadline_in_ms(1000), &why),
	    -ENOENT);
	assert_non_null(strstr(why.text, "attrd_updater"));
	assert_false(attr.known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(written_on_change_only),
	    cmocka_unit_test(a_failed_write_is_tried_again),
	    cmocka_unit_test(a_hung_tool_ends_at_the_deadline),
	    cmocka_unit_test(a_missing_tool_has_a_name),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
