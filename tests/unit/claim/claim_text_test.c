/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "claim.h"

static struct claim sample(void)
{
	struct claim c = {.revision = UINT64_MAX,
	    .tip = {.term = UINT64_MAX, .seq = UINT64_MAX},
	    .ring = {UINT32_MAX, UINT64_MAX},
	    .clock_s = INT64_MIN,
	    .boot = "0e8b5a5c-6a2b-4f8a-9d5e-1c2d3e4f5a6b"};

	id_random(&c.term_id);
	id_random(&c.tip.term_id);
	return c;
}

static void what_is_written_is_read(void **state)
{
	struct claim c = sample(), back;
	char text[CLAIM_TEXT];

	(void)state;
	claim_text(&c, text);
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_int_equal(claim_parse(text, &back), 0);
	assert_true(id_equal(&back.term_id, &c.term_id));
	assert_true(id_equal(&back.tip.term_id, &c.tip.term_id));
	assert_true(back.revision == c.revision && back.tip.seq == c.tip.seq);
	assert_true(back.ring.nodeid == c.ring.nodeid);
	assert_true(back.ring.seq == c.ring.seq && back.clock_s == c.clock_s);
	assert_string_equal(back.boot, c.boot);
}

static void a_part_is_nothing(void **state)
{
	struct claim c = sample(), back;
	char text[CLAIM_TEXT];
	size_t len;

	(void)state;
	claim_text(&c, text);
	for (len = strlen(text); len-- > 0;) {
		text[len] = '\0';
		assert_int_equal(claim_parse(text, &back), -EBADMSG);
	}
}

static void other_words(void **state)
{
	struct claim c = sample(), back;
	char text[CLAIM_TEXT], more[2 * CLAIM_TEXT];

	(void)state;
	claim_text(&c, text);
	snprintf(more, sizeof(more), "%sx", text);
	assert_int_equal(claim_parse(more, &back), -EBADMSG);
	snprintf(more, sizeof(more), " %s", text);
	assert_int_equal(claim_parse(more, &back), -EBADMSG);
	text[6] = 'z';
	assert_int_equal(claim_parse(text, &back), -EBADMSG);
	assert_int_equal(claim_parse("claim\n", &back), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(a_part_is_nothing),
	    cmocka_unit_test(other_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
