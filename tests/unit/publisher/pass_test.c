/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "versions.h"

/* A9: the signer does not offer a version twice.  It is asked to, until it
 * has taken that; what was held for a reason of our own is taken again. */
static void refused_then_unchanged(void **state)
{
	(void)state;
	begin();
	world.busy = true;
	put("signed/z0", "damaged");
	until(world.asked > 1);
	assert_int_equal(news.refused, 1);
	world.busy = false;
	until(world.signs == 1);
	put("signed/z0", "serial=13");
	until(is_served("z0", "serial=13") && !news.trouble[0]);
	world.broken = 2;
	put("signed/z0", "serial=14");
	until(is_served("z0", "serial=14"));
	assert_int_equal(world.broken, 0);
	assert_int_equal(world.signs, 1);
}

/* What counts is what is served, not what was signed. */
static void time_to_bogus(void **state)
{
	int64_t first = time(NULL) + 900, second = first + 900;

	(void)state;
	begin();
	assert_int_equal(news.bogus_at, 0);
	put("signed/z0", expiring(13, first));
	until(news.bogus_at == first);
	assert_string_equal(news.bogus_zone, "z0");
	assert_int_equal(row_of("z0").served_expires, first);
	world.answers = false;
	put("signed/z0", expiring(14, second));
	until(row_of("z0").expires == second);
	assert_int_equal(row_of("z0").served_expires, first);
	assert_int_equal(news.bogus_at, first);
	stop();
	/* The next source has the intent behind a barrier of its own. */
	memset(&news, 0, sizeof(news));
	world.answers = true;
	start();
	until(news.bogus_at == second);
}

/* Nobody acks for hours: what is served runs out, and is told all the same. */
static void news_while_the_barrier_is_waited_for(void **state)
{
	int64_t at = time(NULL) + 900;
	int before, passes;

	(void)state;
	zones_are(2);
	put("signed/z0", "serial=12");
	put("signed/z1", expiring(12, at));
	start();
	until(row_of("z1").state == ZONE_SERVED && news.served == 2);
	world.answers = false;
	before = asked;
	put("signed/z0", "serial=13");
	until(asked > before);
	passes = told;
	memset(&news, 0, sizeof(news));
	until(told > passes + 1);
	assert_int_equal(asked, before + 1);
	assert_int_equal(news.bogus_at, at);
	assert_int_equal(news.zones, 2);
	assert_int_equal(news.waiting, 1);
	assert_int_equal(news.served, 1);
	assert_true(is_served("z0", "serial=12"));
}

/* It is signed anew, and refused: how long has that been so? */
static void fresher_for_too_long(void **state)
{
	(void)state;
	begin();
	put("signed/z0", expiring(13, time(NULL) + 5));
	until(news.bogus_at != 0);
	put("signed/z0", "damaged");
	until(news.refused == 1);
	deadline_sleep_ms(deadline_in_ms(2000), 1100);
	publisher_wake(publisher);
	until(news.late == 1);
	assert_string_equal(news.late_zone, "z0");
	put("signed/z0", expiring(14, time(NULL) + 900));
	until(news.late == 0);
}

static void sign_zones(int count)
{
	char name[64];
	int i;

	zones_are(count);
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "signed/z%d", i);
		put(name, "serial=12");
	}
}

/* Signed S seconds ago. */
static void date_back(const char *name, long s)
{
	struct timespec times[2] = {{.tv_sec = time(NULL) - s}};

	times[1] = times[0];
	assert_int_equal(utimensat(AT_FDCWD, at(name), times, 0), 0);
}

static void assert_states(int count, enum zone_state state)
{
	char name[64];
	int i;

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "z%d", i);
		assert_int_equal(row_of(name).state, state);
		assert_int_equal(
		    is_served(name, "serial=12"), state == ZONE_SERVED);
	}
}

/* A9: a key rollover, or a restart, has them all signed in one moment: a
 * generation for all that was looked at within two seconds. */
static void thousand_at_once(void **state)
{
	int64_t from = clock_monotonic_ms();
	int first;

	(void)state;
	sign_zones(1000);
	world.answers = false;
	start();
	until(asked == 1);
	first = world.verified;
	assert_true(first > 1);
	assert_states(first, ZONE_INTENT);
	world.answers = true;
	publisher_barrier_done(publisher);
	until(news.served == 1000);
	assert_states(1000, ZONE_SERVED);
	assert_in_range(asked, 1, 1 + (clock_monotonic_ms() - from) / 2000);
}

/* The first one is served long before the last one has been looked at. */
static void thousand_slowly(void **state)
{
	(void)state;
	sign_zones(40);
	world.slow_ms = 300;
	start();
	until(is_served("z0", "serial=12"));
	assert_in_range(world.verified, 2, 35);
	until(news.served == 40);
	assert_states(40, ZONE_SERVED);
	assert_int_equal(world.verified, 40);
	assert_in_range(world.most_at_once, 2, 4);
}

/* They have been served before: what a batch has no time for is taken by the
 * next one. */
static void newer_ones_slowly(void **state)
{
	char name[64];
	int i;

	(void)state;
	sign_zones(40);
	start();
	until(news.served == 40);
	/* All of them are there before the first look. */
	publisher_signer(publisher, false);
	told = 0;
	until(told > 0);
	world.slow_ms = 400;
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "signed/z%d", i);
		put(name, "serial=13");
	}
	publisher_signer(publisher, true);
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "z%d", i);
		until(is_served(name, "serial=13"));
	}
}

/* A demote does not wait for what has not begun. */
static void ends_in_the_middle(void **state)
{
	(void)state;
	sign_zones(40);
	world.slow_ms = 300;
	start();
	until(world.verified > 0);
	stop();
	assert_in_range(world.verified, 1, 12);
	assert_int_equal(asked, 0);
}

/* Who was signed first is published first, whatever its name; what is held
 * does not stand in the way. */
static void in_the_order_of_signing(void **state)
{
	(void)state;
	sign_zones(40);
	put("signed/z39", "damaged");
	date_back("signed/z39", 200);
	date_back("signed/z38", 100);
	world.busy = true; /* it stays in trouble */
	world.slow_ms = 300;
	world.answers = false;
	start();
	until(asked == 1);
	assert_in_range(world.verified, 2, 35);
	assert_int_equal(row_of("z38").state, ZONE_INTENT);
	assert_true(row_of("z38").ever);
	world.answers = true;
	publisher_barrier_done(publisher);
	until(news.refused == 1);
	until(news.served == 39);
}

/* Its verifier is at work for long: it holds up no other zone, not in its own
 * batch for longer than two seconds, and not in the next ones at all. */
static void slow_one_holds_up_nobody(void **state)
{
	struct deadline limit;

	(void)state;
	begin();
	zones_are(3);
	world.hangs = true;
	put("signed/z0", "serial=13 slow");
	put("signed/z1", "serial=12");
	limit = deadline_in_ms(4000);
	until(is_served("z1", "serial=12"));
	assert_false(deadline_passed(limit));
	until(row_of("z1").state == ZONE_SERVED);
	assert_int_equal(world.at_once, 1);
	/* nor what it has of a list that is not there any more */
	zones_are(4);
	limit = deadline_in_ms(1500);
	put("signed/z2", "serial=12");
	until(is_served("z2", "serial=12"));
	assert_false(deadline_passed(limit));
	assert_int_equal(world.at_once, 1);
	assert_true(is_served("z0", "serial=12"));
	world.hangs = false;
	limit = deadline_in_ms(1500);
	until(is_served("z0", "serial=13 slow"));
	assert_false(deadline_passed(limit));
	until(news.served == 3);
}

/* ... and while it is at work. */
static void at_work_for_too_long(void **state)
{
	(void)state;
	begin();
	put("signed/z0", expiring(13, time(NULL) + 9));
	until(news.bogus_at != 0);
	assert_int_equal(news.late, 0);
	world.hangs = true;
	put("signed/z0", "serial=14 slow");
	until(world.at_once == 1);
	deadline_sleep_ms(deadline_in_ms(2000), 1500);
	publisher_wake(publisher);
	until(news.late == 1);
	assert_false(is_served("z0", "serial=14 slow"));
}

/* Its row is in use: what is typed meanwhile waits for it, and is not lost. */
static void typed_while_it_is_at_work(void **state)
{
	struct order order = {.kind = ORDER_INSECURE, .zone = "z0"};
	int i, passes;

	(void)state;
	begin();
	world.hangs = true;
	put("signed/z0", "serial=13 slow keys=13:1:aa");
	until(world.at_once == 1);
	assert_int_equal(publisher_order(publisher, &order), 0);
	for (i = 0; i < 2; i++) {
		passes = told;
		publisher_wake(publisher);
		until(told > passes);
	}
	assert_false(zonepast_has(row_of("z0").past, "ack "));
	world.hangs = false;
	until(row_of("z0").served_serial == 13);
	until(zonepast_has(row_of("z0").past, "ack insecure "));
}

static void ends_while_one_is_at_work(void **state)
{
	struct deadline limit;

	(void)state;
	begin();
	world.hangs = true;
	put("signed/z0", "serial=13 slow");
	until(world.at_once == 1);
	limit = deadline_in_ms(2000);
	stop();
	assert_false(deadline_passed(limit));
	assert_true(is_served("z0", "serial=12"));
}

/* A10: nothing gets into published/ that the ledger, and with it every holder,
 * does not know.  Killed behind the rename, before it says so: no other
 * version gets that serial. */
static void install_crash_record(void **state)
{
	struct zone_row row;
	int before;

	(void)state;
	begin();
	world.answers = false;
	before = asked;
	put("signed/z0", "serial=13");
	until(asked > before);
	row = row_of("z0");
	assert_int_equal(row.state, ZONE_INTENT);
	assert_int_equal(row.serial, 13);
	assert_int_equal(access(at("pending/z0"), F_OK), 0);
	usleep(100000);
	assert_true(is_served("z0", "serial=12"));
	stop();
	assert_true(is_served("z0", "serial=12"));
	assert_int_equal(rename(at("pending/z0"), at("published/z0")), 0);
	world.answers = true;
	put("signed/z0", "serial=13, another");
	start();
	until(world.above == 13);
	assert_true(is_served("z0", "serial=13"));
	put("signed/z0", "serial=14");
	until(is_served("z0", "serial=14"));
}

/* A12: a signer that has lost its state begins anew in the middle of a
 * term. */
static void serial_inside_term(void **state)
{
	(void)state;
	begin();
	world.busy = true;
	put("signed/z0", "serial=2");
	until(world.asked > 1);
	assert_true(is_served("z0", "serial=12"));
	assert_non_null(strstr(
	    news.trouble, "serial 2 is not above 12, which was published"));
	world.busy = false;
	until(world.above == 12);
	put("signed/z0", "serial=13");
	until(is_served("z0", "serial=13") && !news.trouble[0]);
}

/* It will not leave its serial, and signs each time that it is asked to: that
 * is said, and it is left alone. */
static void serial_beyond_reach(void **state)
{
	int asked_once;

	(void)state;
	begin();
	world.beyond = true;
	put("signed/z0", "serial=2147483660");
	until(world.asked == 1);
	until(strstr(news.trouble,
	          "serial 2147483660 is not above 12, which was published, "
	          "and the signer is beyond it") &&
	      strstr(news.trouble, "ods-cluster serial z0 --reset"));
	asked_once = world.asked;
	deadline_sleep_ms(deadline_in_ms(5000), 2500);
	publisher_wake(publisher);
	deadline_sleep_ms(deadline_in_ms(5000), 300);
	assert_int_equal(world.asked, asked_once);
	put("signed/z0", "serial=13");
	until(is_served("z0", "serial=13") && !news.trouble[0]);
}

/* signatures=resign: no successor asks for it. */
static void backup2_is_not_waited_for(void **state)
{
	(void)state;
	need_backup2 = true;
	zones_are(1);
	put("signed/z0", "serial=12");
	start();
	until(news.waiting == 1);
	assert_false(is_served("z0", "serial=12"));
	publisher_signatures(publisher, false);
	until(is_served("z0", "serial=12"));
	publisher_signatures(publisher, true);
	put("signed/z0", "serial=13");
	until(news.waiting == 1);
	assert_false(is_served("z0", "serial=13"));
}

/* A9: what tells the name server may hang; zones go out, and a demote does
 * not wait. */
static void notify_blocks_worker(void **state)
{
	struct deadline limit;

	(void)state;
	command = "/usr/bin/tail -f %zonefile";
	begin();
	put("signed/z0", "serial=13");
	until(
	    is_served("z0", "serial=13") && row_of("z0").state == ZONE_SERVED);
	limit = deadline_in_ms(5000);
	stop();
	assert_false(deadline_passed(limit));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(refused_then_unchanged),
	    T(time_to_bogus),
	    T(news_while_the_barrier_is_waited_for),
	    T(fresher_for_too_long),
	    T(thousand_at_once),
	    T(thousand_slowly),
	    T(newer_ones_slowly),
	    T(ends_in_the_middle),
	    T(in_the_order_of_signing),
	    T(slow_one_holds_up_nobody),
	    T(at_work_for_too_long),
	    T(typed_while_it_is_at_work),
	    T(ends_while_one_is_at_work),
	    T(install_crash_record),
	    T(serial_inside_term),
	    T(serial_beyond_reach),
	    T(backup2_is_not_waited_for),
	    T(notify_blocks_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
