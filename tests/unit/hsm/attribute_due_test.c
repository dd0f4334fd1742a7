/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

int hsm_main(int argc, char **argv);
#define main hsm_main
#include "../../../agents/hsm.c"
#undef main

static void on_change_and_each_minute(void **state)
{
	static const struct {
		const char *attr, *written;
		long written_s, now_s;
		bool due;
	} table[] = {
	    {"ok", "", 0, 5, true}, {"lost", "ok", 100, 101, true},
	    {"ok", "ok", 100, 101, false}, {"ok", "ok", 100, 159, false},
	    {"ok", "ok", 100, 160, true}, {"ok", "ok", 100, 9999, true},
	    {"ok", "ok", 100, 3, true}, /* of another boot */
	};
	struct hsm_state s = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		snprintf(s.attr, sizeof(s.attr), "%s", table[i].attr);
		snprintf(s.written, sizeof(s.written), "%s", table[i].written);
		s.written_s = table[i].written_s;
		assert_int_equal(
		    attribute_due(&s, table[i].now_s), table[i].due);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(on_change_and_each_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
