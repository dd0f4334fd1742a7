/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "zonepast.h"

#define OLD "13:1:aa"
#define NEW "13:2:bb"

static char past[ZONE_PAST_MAX], facts[ZONE_PAST_MAX];
static char first_history[1024];

/* Nobody has to be told, and there is no secondary. */
static void served(int64_t now)
{
	static const struct zone_reach at_once = {.told = true};

	zonepast_served(past, now, &at_once);
}

static void installed(int64_t now)
{
	static const struct zone_reach reach = {.told = false, .delay = 10};

	zonepast_served(past, now, &reach);
	assert_true(zonepast_is_valid(past));
}

static void first_version(void)
{
	past[0] = '\0';
	assert_int_equal(
	    zonepast_next(past,
	        "hard x. A: not told\nhistory set 3600 " OLD "\n"
	        "history signers 300 " OLD "\nhistory algorithms any\n",
	        "key 257 13 -\n", 0),
	    0);
}

static void on_its_way_then_served(void **state)
{
	(void)state;
	first_version();
	assert_string_equal(past,
	    "next set 3600 " OLD "\nnext signers 300 " OLD "\n"
	    "next algorithms any\nnext key 257 13 -\n");
	assert_true(zonepast_is_valid(past));
	/* nothing of it has been seen */
	assert_int_equal(zonepast_facts(past, 1000, facts, sizeof(facts)), 0);
	assert_string_equal(facts, "");
	served(1000);
	assert_string_equal(past,
	    "served set 3600 " OLD "\nserved signers 300 " OLD "\n"
	    "served algorithms any\nserved key 257 13 -\n");
	/* it stays in caches for its TTL after it was last served */
	assert_int_equal(zonepast_facts(past, 5000, facts, sizeof(facts)), 0);
	assert_string_equal(facts,
	    "history set 8600 " OLD "\nhistory signers 5300 " OLD "\n"
	    "history algorithms any\noldkey 257 13 -\n");
}

static void another_candidate_takes_its_place(void **state)
{
	(void)state;
	first_version();
	assert_int_equal(zonepast_next(past, "history set 60 " NEW "\n",
	                     "key 256 13 -\n", 0),
	    0);
	assert_string_equal(past, "next set 60 " NEW "\nnext key 256 13 -\n");
}

static void what_was_served_is_history(void **state)
{
	(void)state;
	first_version();
	served(1000);
	zonepast_next(past,
	    "history set 3600 " OLD " " NEW "\nhistory signers 300 " NEW "\n",
	    "key 257 13 -\n", 0);
	served(2000);
	assert_string_equal(past,
	    "history set 5600 " OLD "\nhistory signers 2300 " OLD "\n"
	    "longest 3600\n"
	    "served set 3600 " OLD " " NEW "\nserved signers 300 " NEW "\n"
	    "served key 257 13 -\n");
	/* 2300 is over; 5600 is not */
	assert_int_equal(zonepast_facts(past, 2300, facts, sizeof(facts)), 0);
	assert_null(strstr(facts, "signers 2300"));
	assert_non_null(strstr(facts, "history set 5600 " OLD "\n"));
	assert_non_null(strstr(facts, "history set 5900 " OLD " " NEW "\n"));
}

/* Before the name server is told caches get the version before from it: the
 * TTL counts from then, and from when the last secondary has the new one. */
static void until_it_is_told(void **state)
{
	(void)state;
	first_version();
	installed(1000);
	assert_false(zonepast_has(past, "untold set "));
	assert_true(zonepast_told(past, 1001, 10));
	assert_false(zonepast_told(past, 1002, 10));
	zonepast_next(past, "history set 60 " NEW "\n", "key 257 13 -\n", 0);
	installed(2000);
	assert_string_equal(past,
	    "untold set 3600 " OLD "\nuntold signers 300 " OLD "\n"
	    "untold since 2000\nlongest 3600\nserved set 60 " NEW "\n"
	    "served key 257 13 -\n");
	assert_int_equal(zonepast_facts(past, 90000, facts, sizeof(facts)), 0);
	assert_non_null(strstr(facts, "history set 93600 " OLD "\n"));
	assert_non_null(strstr(facts, "history signers 90300 " OLD "\n"));
	/* and one more before it is: the longer TTL counts */
	zonepast_next(past, "history set 7200 " OLD "\n", "", 0);
	installed(3000);
	zonepast_next(past, "history set 5 " NEW "\n", "", 0);
	installed(4000);
	assert_string_equal(past,
	    "untold signers 300 " OLD "\nuntold set 60 " NEW "\n"
	    "untold set 7200 " OLD "\nuntold since 4000\n"
	    "longest 7200\n"
	    "served set 5 " NEW "\n");
	assert_true(zonepast_told(past, 100000, 10));
	assert_string_equal(past,
	    "history signers 100310 " OLD "\nhistory set 100070 " NEW "\n"
	    "history set 107210 " OLD "\nlongest 7200\n"
	    "served set 5 " NEW "\n");
	assert_false(zonepast_told(past, 200000, 10));
}

/* The name server serves these keys whatever it was told. */
static void the_same_keys_are_told(void **state)
{
	static const struct zone_reach reach = {.told = false, .delay = 10};

	(void)state;
	first_version();
	assert_true(zonepast_served(past, 1000, &reach));
	assert_true(zonepast_has(past, ZONE_PAST_UNTOLD));
	zonepast_told(past, 1001, 10);
	zonepast_next(past,
	    "history signers 300 " OLD "\nhistory set 3600 " OLD "\n",
	    "key 257 13 -\n", 0);
	assert_false(zonepast_served(past, 2000, &reach));
	assert_false(zonepast_has(past, ZONE_PAST_UNTOLD));
	assert_true(zonepast_has(past, "history set 5610 " OLD "\n"));
	/* not by another TTL, nor by one line less */
	zonepast_next(past,
	    "history signers 301 " OLD "\nhistory set 3600 " OLD "\n", "", 0);
	assert_true(zonepast_served(past, 3000, &reach));
	zonepast_next(past, "history set 3600 " OLD "\n", "", 0);
	assert_true(zonepast_served(past, 3000, &reach));
	assert_true(zonepast_has(past, "untold signers 301 " OLD "\n"));
	/* nor while it was not told of others */
	zonepast_next(past, "history set 3600 " OLD "\n", "", 0);
	assert_false(zonepast_served(past, 4000, &reach));
	assert_true(zonepast_has(past, "untold signers 301 " OLD "\n"));
	/* nobody knows whether these are the same */
	zonepast_told(past, 4000, 10);
	zonepast_next(past, "history unknown 5\n", "", 0);
	assert_true(zonepast_served(past, 5000, &reach));
	zonepast_told(past, 5000, 10);
	zonepast_next(past, "history unknown 5\n", "", 0);
	assert_true(zonepast_served(past, 6000, &reach));
}

/* No command is set any more. */
static void told_by_the_next_install(void **state)
{
	static const struct zone_reach reach = {.told = true, .delay = 10};

	(void)state;
	first_version();
	installed(1000);
	zonepast_next(past, "history set 60 " NEW "\n", "", 0);
	zonepast_served(past, 2000, &reach);
	assert_string_equal(past,
	    "history set 5610 " OLD "\nhistory signers 2310 " OLD "\n"
	    "longest 3600\nserved set 60 " NEW "\n");
}

/* The same keys are one line, until the later time: a text does not grow with
 * each version. */
static void the_same_keys_once(void **state)
{
	size_t len = 0;
	int i;

	(void)state;
	past[0] = '\0';
	for (i = 0; i < 100; i++) {
		assert_int_equal(
		    zonepast_next(past, "history set 3600 " OLD "\n", "", 0),
		    0);
		served(1000 + i);
		if (i == 2)
			len = strlen(past);
	}
	assert_int_equal(strlen(past), len);
	assert_non_null(strstr(past, "history set 4699 " OLD "\n"));
	/* a shorter TTL does not end what a longer one has begun */
	zonepast_next(past, "history set 1 " OLD "\n", "", 0);
	served(1100);
	zonepast_next(past, "history set 1 " NEW "\n", "", 0);
	served(1101);
	assert_non_null(strstr(past, "history set 4700 " OLD "\n"));
}

static void hostile_times(void **state)
{
	(void)state;
	strcpy(past, "served set 99999999999999999999 " OLD "\n"
	             "served signers -5 " OLD "\n");
	assert_int_equal(zonepast_facts(past, 1000, facts, sizeof(facts)), 0);
	assert_string_equal(facts,
	    "history set 9223372036854775807 " OLD "\n"
	    "history signers 9223372036854775807 " OLD "\n");
}

/* It was served while the clock was a year ahead. */
static void a_clock_that_was_ahead(void **state)
{
	char before[ZONE_PAST_MAX];

	(void)state;
	first_version();
	served(1000);
	zonepast_next(past, "history set 60 " NEW "\n", "", 0);
	served(90000000);
	zonepast_next(past, "history set 50 " NEW "\n", "", 2000);
	assert_true(zonepast_clamp(past, 2000, 10));
	assert_string_equal(past,
	    "history set 5610 " OLD "\nhistory signers 5610 " OLD "\n"
	    "longest 3600\nserved set 60 " NEW "\n"
	    "next set 50 " NEW "\n");
	/* what can be is left alone, and for good */
	strcpy(before, past);
	assert_false(zonepast_clamp(past, 2000, 10));
	assert_false(zonepast_clamp(past, 3000, 10));
	assert_false(zonepast_clamp(past, 2000, 20));
	assert_string_equal(past, before);
	/* what is history has had a longer TTL than all that is served now */
	served(2000);
	served(2100);
	assert_false(zonepast_clamp(past, 2100, 10));
	/* a row of before: a day, where nothing longer is known */
	strcpy(past, "history set 90000000 " OLD "\n");
	assert_true(zonepast_clamp(past, 2000, 10));
	assert_string_equal(past, "history set 88410 " OLD "\n");
	strcpy(
	    past, "history set 90000000 " OLD "\nserved set 99999 " NEW "\n");
	assert_true(zonepast_clamp(past, 2000, 10));
	assert_true(zonepast_has(past, "history set 102009 "));
	strcpy(past, "history set 9223372036854775807 " OLD "\n"
	             "longest 9223372036854775807\n");
	assert_true(zonepast_clamp(past, 2000, 10));
	assert_true(zonepast_has(past, "history set 2147485657 "));
}

static const char *unknown_of(const char *text)
{
	static char history[64];

	zonepast_unknown(text, history, sizeof(history));
	return history;
}

/* A version that went out unverified: its keys are those that were asked for,
 * and nobody knows more, for the longest TTL. */
static void nobody_has_looked_at_it(void **state)
{
	(void)state;
	assert_string_equal(unknown_of(""), "history unknown 86400\n");
	first_version();
	served(1000);
	assert_false(zonepast_is_unknown(past, 1000));
	assert_string_equal(unknown_of(past), "history unknown 3600\n");
	assert_int_equal(
	    zonepast_next(past, unknown_of(past), "key 257 13 -\n", 0), 0);
	/* it is not served yet */
	assert_false(zonepast_is_unknown(past, 1000));
	served(2000);
	assert_true(zonepast_is_valid(past));
	assert_true(zonepast_has(past, "served unknown 3600\n"));
	assert_true(zonepast_is_unknown(past, 2500));
	/* ods-verify knows nothing of it */
	assert_int_equal(zonepast_facts(past, 2500, facts, sizeof(facts)), 0);
	assert_string_equal(
	    facts, "history set 5600 " OLD "\noldkey 257 13 -\n");
	zonepast_next(past, "history set 60 " NEW "\n", "key 257 13 -\n", 0);
	installed(3000);
	assert_true(zonepast_is_unknown(past, 90000));
	assert_true(zonepast_told(past, 4000, 10));
	assert_true(zonepast_is_unknown(past, 7609));
	assert_false(zonepast_is_unknown(past, 7610));
}

static void keys_that_were_asked_for(void **state)
{
	static const char both[] =
	    "served key 257 13 aa\n"
	    "served key 256 13 -\nserved set 1 " OLD "\n";

	(void)state;
	assert_true(zonepast_asked(both, "key 256 13 -\nkey 257 13 aa\n"));
	assert_false(zonepast_asked(both, "key 257 13 aa\n"));
	assert_false(zonepast_asked(both, "key 257 13 aa\nkey 256 13 bb\n"));
	assert_false(zonepast_asked(
	    both, "key 257 13 aa\nkey 256 13 -\nkey 256 13 cc\n"));
	assert_false(zonepast_asked(both, "key 257 13 a\nkey 256 13 -\n"));
	assert_false(zonepast_asked("served set 1 " OLD "\n", ""));
}

static void more_than_a_row_holds(void **state)
{
	char history[2 * ZONE_PAST_MAX], before[ZONE_PAST_MAX];
	size_t len = 0;
	int i = 0;

	(void)state;
	first_version();
	served(1000);
	strcpy(before, past);
	while (len < sizeof(history) - 64)
		len += (size_t)snprintf(history + len, sizeof(history) - len,
		    "history set 3600 13:%d:cc\n", i++);
	assert_int_equal(zonepast_next(past, history, "", 0), -ENOSPC);
	assert_string_equal(past, before);
	assert_int_equal(zonepast_facts(past, 1000, facts, 20), -ENOSPC);
}

/* What is over makes room, also where nothing goes out. */
static void full_is_not_for_ever(void **state)
{
	char line[64];
	size_t len = 0;
	int i = 0;

	(void)state;
	past[0] = '\0';
	while (len < ZONE_PAST_MAX - 600) {
		snprintf(
		    line, sizeof(line), "history set 5000 13:%d:cc\n", i++);
		strcat(past, line);
		len += strlen(line);
	}
	first_history[0] = '\0';
	for (i = 0; i < 20; i++)
		strcat(first_history, "history set 3600 13:99:dd\n");
	assert_int_equal(zonepast_next(past, first_history, "", 4999), -ENOSPC);
	assert_int_equal(zonepast_next(past, first_history, "", 5000), 0);
	assert_false(zonepast_has(past, "history "));
}

static void what_was_typed(void **state)
{
	(void)state;
	first_version();
	assert_int_equal(zonepast_note(past, "ack insecure 77"), 0);
	assert_int_equal(zonepast_note(past, "reset 78"), 0);
	assert_int_equal(zonepast_note(past, "ack insecure 79"), 0);
	assert_int_equal(zonepast_note(past, "escaped 5 80"), 0);
	assert_int_equal(zonepast_note(past, "escaped 6 81"), 0);
	assert_true(zonepast_is_valid(past));
	assert_true(zonepast_has(past, "ack insecure 79"));
	assert_false(zonepast_has(past, "ack insecure 77"));
	assert_true(zonepast_has(past, "reset "));
	assert_false(zonepast_has(past, "escaped 5 "));
	/* A signed version has gone out: the zone is not insecure yet, and
	 * held no more. */
	served(1000);
	assert_true(zonepast_has(past, "ack insecure "));
	assert_false(zonepast_has(past, "reset "));
	assert_true(zonepast_has(past, "escaped 6 81"));
	/* and now it is */
	zonepast_next(past, "", "", 0);
	served(2000);
	assert_false(zonepast_has(past, "ack insecure "));
	zonepast_forget(past, "escaped ");
	assert_false(zonepast_has(past, "escaped "));
}

static void a_floor_stays(void **state)
{
	uint32_t floor = 0;

	(void)state;
	first_version();
	assert_false(zonepast_floor(past, &floor));
	assert_int_equal(zonepast_note(past, "floor 4294967295 80"), 0);
	assert_true(zonepast_is_valid(past));
	assert_true(zonepast_floor(past, &floor));
	assert_int_equal(floor, UINT32_MAX);
	/* whoever knows the serial that is served takes it away */
	served(1000);
	assert_true(zonepast_floor(past, &floor));
	zonepast_next(past, "", "", 0);
	assert_true(zonepast_floor(past, &floor));
	/* a lower one was asked for */
	zonepast_note(past, "reset 90");
	served(2000);
	assert_false(zonepast_floor(past, &floor));
}

static void what_is_no_line(void **state)
{
	static const char *const bad[] = {"served set 1 x", "serve set 1 x\n",
	    "\n", "served set 1 \x01\n", "history algorithms 1\n",
	    "ack insecure 1\nack secure 2\n"};
	size_t i;

	(void)state;
	assert_true(zonepast_is_valid(""));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(zonepast_is_valid(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(on_its_way_then_served),
	    cmocka_unit_test(another_candidate_takes_its_place),
	    cmocka_unit_test(what_was_served_is_history),
	    cmocka_unit_test(until_it_is_told),
	    cmocka_unit_test(the_same_keys_are_told),
	    cmocka_unit_test(told_by_the_next_install),
	    cmocka_unit_test(the_same_keys_once),
	    cmocka_unit_test(hostile_times),
	    cmocka_unit_test(a_clock_that_was_ahead),
	    cmocka_unit_test(nobody_has_looked_at_it),
	    cmocka_unit_test(keys_that_were_asked_for),
	    cmocka_unit_test(more_than_a_row_holds),
	    cmocka_unit_test(full_is_not_for_ever),
	    cmocka_unit_test(what_was_typed),
	    cmocka_unit_test(a_floor_stays),
	    cmocka_unit_test(what_is_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
