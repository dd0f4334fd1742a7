/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "hsmreport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void what_is_printed_is_read(void **state)
{
	struct hsmreport r;
	char line[256];
	int v;

	(void)state;
	for (v = HSM_OK; v < HSM_NO_ANSWER; v++) {
		hsmreport_line(
		    line, sizeof(line), "my repo", (enum hsm_verdict)v, "", 12);
		hsmreport_parse(line, &r);
		assert_int_equal(r.verdict, v);
		assert_int_equal(r.repositories, 1);
		assert_int_equal(r.ms, 12);
		assert_string_equal(r.repository, "my_repo");
	}
}

static void the_worst_counts(void **state)
{
	struct hsmreport r;

	(void)state;
	hsmreport_parse("noise\n"
	                "repository=a verdict=ok detail=CKR_OK ms=1\n"
	                "repository=b verdict=hung detail=C_Login ms=99\n"
	                "repository=c verdict=pin-not-set detail=- ms=0\n"
	                "repository=d verdi",
	    &r);
	assert_int_equal(r.repositories, 3);
	assert_int_equal(r.verdict, HSM_HUNG);
	assert_string_equal(r.repository, "b");
	assert_string_equal(r.detail, "C_Login");
}

static void silence_is_no_answer(void **state)
{
	struct hsmreport r;

	(void)state;
	hsmreport_parse("", &r);
	assert_int_equal(r.verdict, HSM_NO_ANSWER);
	hsmreport_parse("repository=a verdict=fine detail=x ms=1\n", &r);
	assert_int_equal(r.verdict, HSM_NO_ANSWER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_printed_is_read),
	    cmocka_unit_test(the_worst_counts),
	    cmocka_unit_test(silence_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
