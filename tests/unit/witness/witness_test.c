/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "witness.h"

static struct record sample(void)
{
	struct record r = {.term = 7, .revision = 3};

	memset(r.cluster.byte, 0xc1, ID_LEN);
	memset(r.term_id.byte, 0x7e, ID_LEN);
	return r;
}

static void text_and_back(void **state)
{
	struct record r = sample();
	char text[WITNESS_TEXT], longest[NODE_NAME_MAX];
	struct witness w;

	(void)state;
	witness_text(&r, "n1.example", text, sizeof(text));
	assert_string_equal(text, "7.3 7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e "
	                          "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1 "
	                          "n1.example");
	assert_int_equal(witness_parse(text, &w), 0);
	assert_string_equal(w.source, "n1.example");
	assert_int_equal(w.term, 7);
	assert_int_equal(w.revision, 3);
	assert_false(witness_newer(&w, &r));
	memset(longest, 'n', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	r.term = r.revision = UINT64_MAX;
	witness_text(&r, longest, text, sizeof(text));
	assert_int_equal(witness_parse(text, &w), 0);
	assert_string_equal(w.source, longest);
}

static void refused(void **state)
{
	static const char *const texts[] = {"", "?", "7.3", "seven",
	    "7.3 7e c1 n1",
	    "0.3 7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e "
	    "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1 n1",
	    "-7.3 7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e "
	    "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1 n1",
	    "7.3 7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e "
	    "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1  n1",
	    "7.3 7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7g "
	    "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1 n1"};
	struct witness w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(witness_parse(texts[i], &w), -EBADMSG);
		assert_int_equal(w.term, 0);
	}
}

static void order(void **state)
{
	struct record r = sample(), none = {0};
	char text[WITNESS_TEXT];
	struct witness w = {0};

	(void)state;
	assert_false(witness_newer(&w, &none));
	witness_text(&r, "n1", text, sizeof(text));
	assert_int_equal(witness_parse(text, &w), 0);
	assert_true(witness_newer(&w, &none));
	r.revision++;
	assert_false(witness_newer(&w, &r));
	r.revision -= 2;
	assert_true(witness_newer(&w, &r));
	r.term++;
	assert_false(witness_newer(&w, &r));
	r.term -= 2;
	assert_true(witness_newer(&w, &r));
	r = sample();
	r.term_id.byte[0] ^= 1;
	assert_true(witness_newer(&w, &r));
	r = sample();
	r.cluster.byte[0] ^= 1;
	assert_true(witness_newer(&w, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_and_back),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
