/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "redo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define TERM "0123456789abcdef0123456789abcdef"

/* Only the name that the daemon itself would give: another one of the same
 * number could not be opened by it. */
static void only_its_own_names(void **state)
{
	static const char *const others[] = {"", TERM, TERM "-", TERM "-.gen",
	    TERM "-07.gen", TERM "-+7.gen", TERM "- 7.gen", TERM "--7.gen",
	    TERM "-7.gen.part", TERM "-7", TERM "_7.gen", "0" TERM "-7.gen",
	    TERM "-18446744073709551616.gen",
	    "0123456789ABCDEF0123456789abcdef-7.gen"};
	struct id id;
	uint64_t seq;
	size_t i;

	(void)state;
	assert_true(redo_name_parse(TERM "-7.gen", &id, &seq));
	assert_int_equal(seq, 7);
	assert_true(
	    redo_name_parse(TERM "-18446744073709551615.gen", &id, &seq));
	assert_true(seq == UINT64_MAX);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (redo_name_parse(others[i], &id, &seq))
			fail_msg("\"%s\" counts", others[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_its_own_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
