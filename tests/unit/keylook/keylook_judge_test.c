/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "looking.h"

static void new_zone(void **state)
{
	(void)state;
	steady();
	judge(0, NOW + 1);
	assert_int_equal(wrote, 0);
}

/* The backup2 is another zone's, which has the same one: what is served first
 * is what is asked for. */
static void first_of_two(void **state)
{
	(void)state;
	signconf("a", NOW - 9);
	judge(NOW - 10, NOW - 8);
	signed_with("other", 900);
	served(7, ZONE_SERVED);
	judge(NOW - 10, NOW);
	judge(NOW - 10, NOW + 9000);
	assert_true(v.allow);
	assert_int_equal(clock_of().pending, 0);
}

/* A ledger of before: as if it had been served for the first time now. */
static void no_history(void **state)
{
	(void)state;
	signconf("a", NOW - 99999);
	signed_with("a", 7);
	served(7, ZONE_SERVED);
	judge(0, NOW);
	assert_false(v.allow);
	assert_int_equal(v.until, NOW + DELAY + TTL + SAFETY);
	judge(0, v.until - 1);
	assert_false(v.allow);
	judge(0, v.until);
	assert_true(v.allow);
}

/* It is added, signed and served between two looks. */
static void added_and_served(void **state)
{
	(void)state;
	put("zones.xml", "<ZoneList/>");
	judge(0, NOW - 60);
	list_of("File");
	signconf("a", NOW - 2);
	signed_with("a", 7);
	served(7, ZONE_SERVED);
	judge(0, NOW);
	assert_true(v.allow);
	assert_int_equal(clock_of().since, NOW);
	assert_int_equal(clock_of().cached, 0);
}

/* It was here before, and nobody knows since when. */
static void added_again(void **state)
{
	(void)state;
	put("zones.xml", "<ZoneList/>");
	served(7, ZONE_SERVED);
	judge(0, NOW - 60);
	list_of("File");
	signconf("a", NOW - 2);
	signed_with("a", 7);
	judge(0, NOW);
	assert_false(v.allow);
	assert_int_equal(v.until, NOW + DELAY + TTL + SAFETY);
}

static void a_rollover_in_time(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 100);
	judge(0, NOW + 105);
	assert_true(v.allow);
	assert_int_equal(clock_of().pending, NOW + 100);
	assert_int_equal(v.next, NOW + 100 + SAFETY / 2 + 1);
	/* It is signed, and on its way. */
	signed_with("b", 8);
	served(8, ZONE_INTENT);
	judge(0, NOW + 106);
	assert_int_equal(clock_of().pending, NOW + 100);
	served(8, ZONE_SERVED);
	judge(0, NOW + 107);
	assert_true(v.allow);
	assert_int_equal(clock_of().pending, 0);
	assert_int_equal(clock_of().lag, 7);
	assert_int_equal(clock_of().cached, TTL);
	/* And once more, with the same keys. */
	signed_with("b", 9);
	served(9, ZONE_SERVED);
	judge(0, NOW + 200);
	assert_int_equal(clock_of().since, NOW + 107);
}

static void a_rollover_held(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 100);
	signed_with("b", 8); /* which is refused */
	judge(0, NOW + 100 + SAFETY / 2);
	assert_true(v.allow);
	judge(0, NOW + 101 + SAFETY / 2);
	assert_false(v.allow);
	assert_string_equal(v.zone, "z");
	assert_int_equal(v.since, NOW + 100);
	/* The signer makes one more, and that is served. */
	signed_with("b", 9);
	served(9, ZONE_SERVED);
	judge(0, NOW + 5000);
	assert_false(v.allow);
	assert_int_equal(clock_of().lag, 4900);
	assert_int_equal(v.until, NOW + 5000 + DELAY + TTL + SAFETY);
	judge(0, v.until);
	assert_true(v.allow);
}

/* The signer is restarted while its version is held: its backup2 gets the
 * serial of the version that is served (serials.c), and keeps its keys. */
static void held_over_a_restart(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 100);
	signed_with("b", 8);
	judge(0, NOW + 101 + SAFETY / 2);
	assert_false(v.allow);
	backup2_of("b", 7, 8);
	judge(0, NOW + 200 + SAFETY / 2);
	assert_false(v.allow);
	assert_true(clock_of().pending != 0);
	signed_with("b", 9);
	served(9, ZONE_SERVED);
	judge(0, NOW + 5000);
	assert_int_equal(clock_of().pending, 0);
}

/* The signer looks at the zone again while its version is held, and has nothing
 * to write: the SOA in its backup2 is ahead of what it wrote last. */
static void held_for_longer_than_resign(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 100);
	signed_with("b", 8);
	judge(0, NOW + 101 + SAFETY / 2);
	assert_false(v.allow);
	backup2_of("b", 8, 80);
	judge(0, NOW + 200 + SAFETY / 2);
	assert_true(clock_of().pending != 0);
	backup2_of("b", 8, 160);
	served(8, ZONE_SERVED);
	judge(0, NOW + 5000);
	assert_int_equal(clock_of().pending, 0);
	assert_int_equal(v.until, NOW + 5000 + DELAY + TTL + SAFETY);
}

/* The same as held_over_a_restart, between two looks. */
static void held_and_restarted_unseen(void **state)
{
	(void)state;
	steady();
	signed_with("a", 7);
	signconf("b", NOW + 100);
	judge(0, NOW + 101);
	backup2_of("b", 7, 8);
	judge(0, NOW + 200 + SAFETY / 2);
	assert_false(v.allow);
	assert_true(clock_of().pending != 0);
}

/* The source has died between signconf and publication. */
static void a_takeover(void **state)
{
	(void)state;
	steady();
	signconf("b", NOW + 9000);
	judge(NOW + 9005, NOW + 9006);
	assert_false(v.allow);
	signed_with("b", 8);
	served(8, ZONE_SERVED);
	judge(NOW + 9005, NOW + 9010);
	assert_false(v.allow);
	assert_int_equal(v.until, NOW + 9010 + DELAY + TTL + SAFETY);
	judge(NOW + 9005, v.until);
	assert_true(v.allow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(new_zone),
	    T(first_of_two),
	    T(no_history),
	    T(added_and_served),
	    T(added_again),
	    T(a_rollover_in_time),
	    T(a_rollover_held),
	    T(held_over_a_restart),
	    T(held_for_longer_than_resign),
	    T(held_and_restarted_unseen),
	    T(a_takeover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
