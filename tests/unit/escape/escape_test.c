/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "escape.h"

static void truth_table(void **state)
{
	unsigned c, seen[3] = {0};

	(void)state;
	for (c = 0; c < 1U << 7; c++) {
		struct escape_facts f = {
		    .source = c & 1,
		    .quorate = c & 2,
		    .cut = c & 4,
		    .went_back = c & 8,
		    .one_lacks_it = c & 16,
		    .away = c & 32,
		    .lacks_second = c & 64,
		};
		bool may = (c & 31) == 7; /* source, quorate, cut, no more */
		enum escape want = !may     ? ESCAPE_NOT
		                   : c & 32 ? ESCAPE_SOLO
		                   : c & 64 ? ESCAPE_OPEN
		                            : ESCAPE_NOT;

		if (escape_decide(&f) != want)
			fail_msg("%x: %d", c, escape_decide(&f));
		seen[want]++;
	}
	assert_int_equal(seen[ESCAPE_OPEN], 1);
	assert_int_equal(seen[ESCAPE_SOLO], 2);
}

static struct zone_row row(const char *past)
{
	struct zone_row r = {.state = ZONE_INTENT, .served_digest = "aa"};

	snprintf(r.past, sizeof(r.past), "%s", past);
	return r;
}

#define SET(word, keys) word " set 3600" keys "\n"

static void the_served_key_set_alone(void **state)
{
	static const struct {
		const char *past;
		bool want;
	} cases[] = {
	    {SET("served", " 13:1:aa 13:2:bb") SET("next", " 13:1:aa 13:2:bb"),
	        true},
	    {SET("served", " 13:1:aa 13:2:bb") SET("next", " 13:2:bb 13:1:aa"),
	        true},
	    {"served set 60 13:1:aa\n" SET("next", " 13:1:aa"), true},
	    {SET("served", " 13:1:aa") SET("next", " 13:1:aa 13:2:bb"), false},
	    {SET("served", " 13:1:aa 13:2:bb") SET("next", " 13:1:aa"), false},
	    {SET("served", " 13:1:aa") SET("next", " 13:1:ab"), false},
	    {SET("served", " 13:1:aa") SET("next", " 13:1:aaa"), false},
	    {SET("served", " 13:1:aaa") SET("next", " 13:1:aa"), false},
	    {SET("served", " 13:1:aa") SET("next", " 13:1:a"), false},
	    {SET("next", " 13:1:aa"), false},
	    {SET("served", " 13:1:aa"), false},
	    {SET("history", " 13:1:aa") SET("next", " 13:1:aa"), false},
	    {SET("served", "") SET("next", ""), false},
	    {"", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct zone_row r = row(cases[i].past);

		if (escape_may_go(&r, true) != cases[i].want)
			fail_msg("case %zu", i);
		assert_false(escape_may_go(&r, false));
	}
}

static void only_beside_what_is_served(void **state)
{
	struct zone_row r =
	    row(SET("served", " 13:1:aa") SET("next", " 13:1:aa"));

	(void)state;
	assert_true(escape_may_go(&r, true));
	r.state = ZONE_SERVED;
	assert_false(escape_may_go(&r, true));
	r.state = ZONE_INTENT;
	r.served_digest[0] = '\0';
	assert_false(escape_may_go(&r, true));
}

static struct id id_of(uint8_t c)
{
	return (struct id){{c}};
}

static void what_a_successor_may_lack(void **state)
{
	const struct id self = id_of(1), other = id_of(2);
	unsigned c;

	(void)state;
	for (c = 0; c < 1U << 5; c++) {
		bool open = c & 1, solo = c & 2, mine = c & 4, has = c & 8;
		bool any = c & 16;
		struct record was = {.term = any,
		    .term_id = id_of(9),
		    .source = mine ? self : other,
		    .open = open,
		    .solo = solo,
		    .last_seq = 7};
		struct position tip = {
		    .term_id = id_of(9), .term = 1, .seq = has ? 7 : 6};
		enum escape_floors want = !any || mine || (!open && has)
		                              ? ESCAPE_FLOORS_NONE
		                          : solo ? ESCAPE_FLOORS_ALL
		                          : open ? ESCAPE_FLOORS_URGENT
		                                 : ESCAPE_FLOORS_NONE;

		if (escape_floors(&was, &self, &tip) != want)
			fail_msg("%x", c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(truth_table),
	    cmocka_unit_test(the_served_key_set_alone),
	    cmocka_unit_test(only_beside_what_is_served),
	    cmocka_unit_test(what_a_successor_may_lack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
