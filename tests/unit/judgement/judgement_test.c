/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "judgement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define ZONE                                                           \
	"serial=7 names=2 rrs=3 rrsigs=4 earliest_expiry=99 signed=1 " \
	"denial=nsec\n"

static void what_it_says(void **state)
{
	struct judgement j;

	(void)state;
	judgement_parse(&j, 0, "ok " ZONE "bogus candidate=0\nhistory set 1\n");
	assert_int_equal(j.judged, JUDGED_OK);
	assert_int_equal(j.serial, 7);
	assert_int_equal(j.expires, 99);
	assert_true(j.is_signed);
	assert_int_equal(j.bogus, 0);
	assert_int_equal(j.bogus_served, -1);
	judgement_parse(&j, 1,
	    "refused line 3: served=9 is no A\nzone " ZONE
	    "hard x. A: y\nbogus candidate=4 served=5\n");
	assert_int_equal(j.judged, JUDGED_HARD);
	assert_true(j.is_read);
	assert_string_equal(j.sentence, "refused line 3: served=9 is no A");
	assert_int_equal(j.bogus, 4);
	assert_int_equal(j.bogus_served, 5);
	assert_false(j.gone);
	judgement_parse(&j, 1,
	    "refused the end: x is gone\nzone serial=1 earliest_expiry=2\n"
	    "hard x. DNSKEY: gone\ngone 1\nbogus candidate=0\n");
	assert_true(j.gone);
	judgement_parse(&j, 1, "refused line 3: cut\nbogus candidate=0\n");
	assert_int_equal(j.judged, JUDGED_HARD);
	assert_false(j.is_read);
	judgement_parse(&j, 3, "refused the end: x\nzone " ZONE);
	assert_int_equal(j.judged, JUDGED_SOFT);
}

/* Silence, or half an answer, is no verdict. */
static void what_is_none(void **state)
{
	static const struct {
		int code;
		const char *text;
	} none[] = {{0, ""}, {0, "ok\n"}, {0, "ok serial=7\n"},
	    {0, "ok earliest_expiry=4\nserial=3\n"}, {2, "error x\n"},
	    {3, "refused the end: x\n"}, {-1, "ok " ZONE}, {4, "ok " ZONE},
	    {0, "ok serial=4294967296 earliest_expiry=3\n"}, {0, "zone " ZONE}};
	struct judgement j;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		judgement_parse(&j, none[i].code, none[i].text);
		assert_int_equal(j.judged, JUDGED_FAILED);
	}
}

static void may_it_go_out(void **state)
{
	static const struct {
		enum judged judged;
		bool is_read;
		long bogus, served;
		bool urgent, forced;
		enum gate gate;
	} table[] = {
	    {JUDGED_OK, true, 0, -1, false, false, GATE_PASS},
	    {JUDGED_OK, true, 0, -1, true, true, GATE_PASS},
	    {JUDGED_SOFT, true, 0, 0, false, false, GATE_HOLD},
	    {JUDGED_SOFT, true, 0, 5, false, false, GATE_HOLD},
	    {JUDGED_SOFT, true, 0, 0, true, false, GATE_ESCAPE},
	    {JUDGED_SOFT, true, 0, 0, false, true, GATE_ESCAPE},
	    {JUDGED_HARD, true, 3, 3, false, false, GATE_HOLD},
	    {JUDGED_HARD, true, 3, 3, true, false, GATE_HOLD},
	    {JUDGED_HARD, true, 3, -1, true, false, GATE_HOLD},
	    {JUDGED_HARD, true, 2, 3, false, false, GATE_ESCAPE},
	    {JUDGED_HARD, true, 3, 3, false, true, GATE_ESCAPE},
	    {JUDGED_HARD, false, 0, 5, true, true, GATE_HOLD},
	    {JUDGED_FAILED, false, 0, 5, true, true, GATE_RETRY},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct judgement j = {.judged = table[i].judged,
		    .is_read = table[i].is_read,
		    .bogus = table[i].bogus,
		    .bogus_served = table[i].served};

		assert_int_equal(
		    gate_decide(&j, table[i].urgent, table[i].forced),
		    table[i].gate);
	}
}

/* A key that is another one in the token holds what may have been made with it;
 * what was compared with the record, and whatever a missing key did not make,
 * it does not hold. */
static void what_the_token_lacks(void **state)
{
	static const enum gate others[] = {GATE_ESCAPE, GATE_HOLD, GATE_RETRY};
	static const struct {
		enum keytruth_verdict lacks;
		bool compared, lapses;
		enum gate gate;
	} table[] = {
	    {KEYTRUTH_OK, false, false, GATE_PASS},
	    {KEYTRUTH_UNPROVEN, false, false, GATE_PASS},
	    {KEYTRUTH_MISSING, false, false, GATE_PASS},
	    {KEYTRUTH_MISSING, true, false, GATE_PASS},
	    {KEYTRUTH_DIFFERENT, true, false, GATE_PASS},
	    {KEYTRUTH_DIFFERENT, true, true, GATE_PASS},
	    {KEYTRUTH_DIFFERENT, false, false, GATE_HOLD},
	    {KEYTRUTH_DIFFERENT, false, true, GATE_ESCAPE},
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(gate_lacking(GATE_PASS, table[i].lacks,
		                     table[i].compared, table[i].lapses),
		    table[i].gate);
		for (j = 0; j < 3; j++)
			assert_int_equal(
			    gate_lacking(others[j], table[i].lacks,
			        table[i].compared, table[i].lapses),
			    others[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_it_says),
	    cmocka_unit_test(what_is_none),
	    cmocka_unit_test(may_it_go_out),
	    cmocka_unit_test(what_the_token_lacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
