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

#include "keyclock.h"

#define NOW 1800000000
#define DAY 86400

static struct key_set set(const char *asked, int64_t ttl)
{
	return (struct key_set){.asked = asked, .ttl = ttl, .longest = DAY};
}

static void first_one(void **state)
{
	struct key_set s = set("a", 3600);
	struct key_clock c = {0};

	(void)state;
	s.first = true;
	assert_true(key_clock_empty(&c));
	key_clock_served(&c, &s, NOW);
	assert_int_equal(c.since, NOW);
	assert_int_equal(c.ttl, 3600);
	assert_int_equal(c.cached, 0);
	assert_int_equal(c.lag, 0);
	assert_string_equal(c.asked, "a");
	assert_false(key_clock_empty(&c));
}

/* Missing history counts as the longest TTL from now. */
static void no_history(void **state)
{
	struct key_set s = set("a", 3600);
	struct key_clock c = {0};

	(void)state;
	key_clock_served(&c, &s, NOW);
	assert_int_equal(c.since, NOW);
	assert_int_equal(c.cached, DAY);
	assert_int_equal(c.lag, KEY_LAG_UNKNOWN);
	memset(&c, 0, sizeof(c));
	s.longest = 60;
	key_clock_served(&c, &s, NOW);
	assert_int_equal(c.cached, 3600);
}

static void same_again(void **state)
{
	struct key_set s = set("a", 3600);
	struct key_clock c = {0}, before;

	(void)state;
	key_clock_served(&c, &s, NOW);
	before = c;
	key_clock_served(&c, &s, NOW + 50);
	assert_memory_equal(&c, &before, sizeof(c));
	/* A digest that is not known is not another one. */
	s = set("", 60);
	key_clock_served(&c, &s, NOW + 50);
	assert_memory_equal(&c, &before, sizeof(c));
}

static void learned(void **state)
{
	struct key_set s = set("", 0);
	struct key_clock c = {0};

	(void)state;
	key_clock_served(&c, &s, NOW);
	s = set("a", 60);
	key_clock_served(&c, &s, NOW + 50);
	assert_int_equal(c.since, NOW);
	assert_string_equal(c.asked, "a");
	assert_int_equal(c.ttl, 60);
}

static void another_one(void **state)
{
	struct key_set s = set("a", 3600);
	struct key_clock c = {0};

	(void)state;
	key_clock_served(&c, &s, NOW);
	s = set("b", 60);
	s.written = NOW + 90;
	key_clock_served(&c, &s, NOW + 100);
	assert_int_equal(c.since, NOW + 100);
	assert_int_equal(c.lag, 10);
	assert_int_equal(c.ttl, 60);
	assert_int_equal(c.cached, 3600); /* of the one before */
	s = set("c", 90);
	s.written = NOW + 500; /* ahead of the clock */
	key_clock_served(&c, &s, NOW + 200);
	assert_int_equal(c.lag, 0);
	assert_int_equal(c.cached, 90);
}

static void held_before(void **state)
{
	struct key_set s = set("a", 3600);
	struct key_clock c = {0};

	(void)state;
	key_clock_served(&c, &s, NOW);
	key_clock_held(&c, NOW + 10, NOW + 20);
	assert_int_equal(c.pending, NOW + 10);
	/* The signconf is written once more: the first one counts. */
	key_clock_held(&c, NOW + 500, NOW + 600);
	assert_int_equal(c.pending, NOW + 10);
	c.acked = true;
	key_clock_served(&c, &s, NOW + 700); /* the old set, signed anew */
	assert_int_equal(c.pending, NOW + 10);
	assert_true(c.acked);
	s = set("b", 60);
	s.written = NOW + 500;
	key_clock_served(&c, &s, NOW + 1010);
	assert_int_equal(c.lag, 1000);
	assert_int_equal(c.pending, 0);
	assert_false(c.acked);
}

/* What an admin said of one hold is not said of the next one. */
static void next_hold(void **state)
{
	struct key_clock c = {.since = NOW, .acked = true};

	(void)state;
	key_clock_level(&c);
	assert_true(c.acked); /* of what caches hold */
	key_clock_held(&c, 0, NOW + 20);
	assert_int_equal(c.pending, NOW + 20);
	assert_false(c.acked);
	c.acked = true;
	key_clock_level(&c);
	assert_int_equal(c.pending, 0);
	assert_false(c.acked);
}

static void published_keys(void **state)
{
	static const char one[][160] = {
	    "aa 8 256 0 0 1", "bb 8 257 1 1 0", "cc 8 256 1 0 1"};
	static const char two[][160] = {
	    "bb 8 257 1 1 0", "cc 8 256 1 0 0", "dd 8 256 0 0 1"};
	static const char other[][160] = {"bb 8 257 1 1 0", "cd 8 256 1 0 1"};
	char a[KEY_DIGEST_TEXT], b[KEY_DIGEST_TEXT];

	(void)state;
	assert_int_equal(key_asked(one, 3, a), 0);
	assert_int_equal(strlen(a), 64);
	assert_int_equal(key_asked(two, 3, b), 0);
	assert_string_equal(a, b);
	assert_int_equal(key_asked(other, 2, b), 0);
	assert_string_not_equal(a, b);
}

/* As it lies in the ledger, and as it did before. */
static void as_text(void **state)
{
	struct key_clock c, back;
	char text[KEY_CLOCK_TEXT];

	(void)state;
	memset(&c, 0, sizeof(c));
	strcpy(c.asked, "aa");
	c.since = 1;
	c.ttl = 2;
	c.cached = 3;
	c.lag = 4;
	c.pending = 5;
	c.acked = true;
	assert_int_equal(key_clock_text(&c, text, sizeof(text)), 0);
	assert_string_equal(text, "aa 1 2 3 4 5 1");
	assert_int_equal(key_clock_parse(text, &back), 0);
	assert_memory_equal(&c, &back, sizeof(c));
	assert_int_equal(key_clock_parse("- aa 1 2 3 4 5 1", &back), 0);
	assert_memory_equal(&c, &back, sizeof(c));
	assert_int_equal(key_clock_parse("- - 1 2 3 4 5 1", &back), 0);
	assert_string_equal(back.asked, "");
	assert_int_equal(key_clock_parse("x - aa 1 2 3 4 5 1", &back), -EINVAL);
	assert_int_equal(key_clock_parse("aa 1 2 3 4 5", &back), -EINVAL);
	assert_int_equal(key_clock_parse("", &back), -EINVAL);
	assert_true(key_clock_empty(&back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_one),
	    cmocka_unit_test(no_history),
	    cmocka_unit_test(same_again),
	    cmocka_unit_test(learned),
	    cmocka_unit_test(another_one),
	    cmocka_unit_test(held_before),
	    cmocka_unit_test(next_hold),
	    cmocka_unit_test(published_keys),
	    cmocka_unit_test(as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
