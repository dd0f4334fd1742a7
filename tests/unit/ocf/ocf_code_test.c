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

#include "ocf.h"

static int code_of(int err)
{
	struct why why = {.err = err};

	return ocf_code(&why);
}

static void errno_to_ocf(void **state)
{
	(void)state;
	assert_int_equal(code_of(0), PCMK_OCF_OK);
	assert_int_equal(code_of(-ENOENT), PCMK_OCF_NOT_INSTALLED);
	assert_int_equal(code_of(-ENOEXEC), PCMK_OCF_NOT_INSTALLED);
	assert_int_equal(code_of(-EINVAL), PCMK_OCF_NOT_CONFIGURED);
	assert_int_equal(code_of(-ERANGE), PCMK_OCF_NOT_CONFIGURED);
	assert_int_equal(code_of(-EACCES), PCMK_OCF_INSUFFICIENT_PRIV);
	assert_int_equal(code_of(-EPERM), PCMK_OCF_INSUFFICIENT_PRIV);
	assert_int_equal(code_of(-ETIMEDOUT), PCMK_OCF_UNKNOWN_ERROR);
	assert_int_equal(code_of(-EIO), PCMK_OCF_UNKNOWN_ERROR);
}

static void instance_without_clone_number(void **state)
{
	(void)state;
	setenv("OCF_RESOURCE_INSTANCE", "state:1", 1);
	assert_string_equal(ocf_instance(), "state");
	setenv("OCF_RESOURCE_INSTANCE", "signer", 1);
	assert_string_equal(ocf_instance(), "signer");
	unsetenv("OCF_RESOURCE_INSTANCE");
	assert_string_equal(ocf_instance(), "default");
}

static void probe_is_a_monitor_without_interval(void **state)
{
	(void)state;
	unsetenv("OCF_RESKEY_CRM_meta_interval");
	assert_true(ocf_is_probe("monitor"));
	assert_false(ocf_is_probe("start"));
	setenv("OCF_RESKEY_CRM_meta_interval", "0", 1);
	assert_true(ocf_is_probe("monitor"));
	setenv("OCF_RESKEY_CRM_meta_interval", "10000", 1);
	assert_false(ocf_is_probe("monitor"));
}

static void deadline_is_ninety_percent(void **state)
{
	(void)state;
	setenv("OCF_RESKEY_CRM_meta_timeout", "10000", 1);
	assert_in_range(deadline_left_ms(ocf_deadline(1)), 8900, 9000);
	unsetenv("OCF_RESKEY_CRM_meta_timeout");
	assert_in_range(deadline_left_ms(ocf_deadline(2000)), 1700, 1800);
	setenv("OCF_RESKEY_CRM_meta_timeout", "nonsense", 1);
	assert_in_range(deadline_left_ms(ocf_deadline(2000)), 1700, 1800);
}

/* What ocf_exit_reason() prints for TEXT. */
static void reason(const char *text, char *buf, size_t size)
{
	FILE *saved = stderr;

	memset(buf, 0, size);
	stderr = fmemopen(buf, size, "w");
	assert_non_null(stderr);
	ocf_exit_reason(text);
	fclose(stderr);
	stderr = saved;
}

static void exit_reason_fits_and_cuts_no_character(void **state)
{
	char text[200], buf[512];

	(void)state;
	unsetenv("OCF_EXIT_REASON_PREFIX");
	reason("short", buf, sizeof(buf));
	assert_string_equal(buf, "ocf-exit-reason:short\n");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	reason(text, buf, sizeof(buf));
	assert_int_equal(strlen(buf), strlen("ocf-exit-reason:") + 128 + 1);
	memcpy(text + 127, "\xC3\xA9", 2);
	reason(text, buf, sizeof(buf));
	assert_int_equal(strlen(buf), strlen("ocf-exit-reason:") + 127 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(errno_to_ocf),
	    cmocka_unit_test(instance_without_clone_number),
	    cmocka_unit_test(probe_is_a_monitor_without_interval),
	    cmocka_unit_test(deadline_is_ninety_percent),
	    cmocka_unit_test(exit_reason_fits_and_cuts_no_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
