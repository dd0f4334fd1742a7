/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "takes.h"
#include "tell.h"

static bool fake_ended(struct tell *t, struct tell_end *end);
static uint64_t fake_zone(struct tell *t, const char *zone, const char *file);
static bool fake_has(struct takes *t, const char *zone);

#define tell_ended fake_ended
#define tell_zone fake_zone
#define takes_has fake_has
#include "told.c"
#undef tell_ended
#undef tell_zone
#undef takes_has

#include "../intent/workdir.h"

/* One zone, and commands that end as they are told to. */

static struct pub_zone zone;
static struct outgoing out;
static struct tell_end end;
static bool has_ended, at_work;
static uint64_t ticket;

static bool fake_ended(struct tell *t, struct tell_end *e)
{
	bool had = has_ended;

	(void)t;
	*e = end;
	has_ended = false;
	return had;
}

static uint64_t fake_zone(struct tell *t, const char *name, const char *file)
{
	(void)t, (void)name, (void)file;
	return ticket;
}

static bool fake_has(struct takes *t, const char *name)
{
	(void)t, (void)name;
	return at_work;
}

static void untold_row(void)
{
	struct zone_row row = {.zone = "z", .ever = true, .serial = 7};

	snprintf(row.past, sizeof(row.past),
	    "untold set 60 13:1:aa\nuntold since 5\nserved set 60 13:2:bb\n");
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
}

static int setup(void **state)
{
	(void)state;
	memset(&zone, 0, sizeof(zone));
	snprintf(zone.entry.name, sizeof(zone.entry.name), "z");
	zone.entry.policy = "p";
	if (workdir_make() < 0)
		return -1;
	out = (struct outgoing){
	    .conf = &conf, .ledger = ledger, .zone = &zone, .count = 1};
	has_ended = at_work = false;
	untold_row();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

static void install(uint64_t with, bool other_keys)
{
	ticket = with;
	told_begin(NULL, &zone, "file");
	if (other_keys)
		told_other_keys(&zone);
}

static void run_ends(uint64_t of, int64_t at_s, bool failed)
{
	end = (struct tell_end){.ticket = of, .at = at_s, .failed = failed};
	has_ended = true;
	told_follow(&out, NULL, NULL);
}

static bool is_told(void)
{
	struct zone_row row;

	assert_int_equal(ledger_zone_get(ledger, "z", &row, NULL), 0);
	return !zonepast_has(row.past, "untold ");
}

static void of_the_last_install(void **state)
{
	(void)state;
	install(5, true);
	told_follow(&out, NULL, NULL);
	assert_false(is_told());
	run_ends(4, 1000, false); /* it began before that */
	assert_false(is_told());
	run_ends(5, 1000, false);
	assert_true(is_told());
	assert_int_equal(zone.ticket, 0);
}

/* Signed anew faster than the command runs: its keys are the same. */
static void of_the_last_keys(void **state)
{
	(void)state;
	install(5, true);
	install(6, false);
	install(7, false);
	run_ends(5, 1000, false);
	assert_true(is_told());
	assert_int_equal(zone.ticket, 7);
	untold_row();
	install(8, true);
	run_ends(7, 1000, false);
	assert_false(is_told());
}

static void since_when_it_fails(void **state)
{
	(void)state;
	install(5, true);
	run_ends(5, 1000, true);
	run_ends(5, 1010, true);
	assert_int_equal(zone.untold_since, 1000);
	assert_false(is_told());
	run_ends(5, 1020, false);
	assert_int_equal(zone.untold_since, 0);
	assert_true(is_told());
	/* nothing is to be told any more */
	run_ends(5, 1030, true);
	assert_int_equal(zone.untold_since, 0);
}

/* Its row is in use. */
static void zone_is_at_work(void **state)
{
	(void)state;
	install(5, true);
	at_work = true;
	run_ends(5, 1000, false);
	assert_false(is_told());
	at_work = false;
	told_follow(&out, NULL, NULL);
	assert_true(is_told());
}

static void ledger_takes_nothing(void **state)
{
	struct ledger *other;

	(void)state;
	install(5, true);
	assert_int_equal(ledger_open(dir, &other, NULL), 0);
	out.ledger = other;
	assert_int_equal(ledger_begin(other, NULL), 0); /* one in another */
	run_ends(5, 1000, false);
	ledger_rollback(other);
	assert_false(is_told());
	told_follow(&out, NULL, NULL);
	assert_true(is_told());
	ledger_close(other);
}

static void nobody_has_to_be_told(void **state)
{
	(void)state;
	install(0, false);
	told_follow(&out, NULL, NULL);
	assert_true(is_told());
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(of_the_last_install),
	    T(of_the_last_keys),
	    T(since_when_it_fails),
	    T(zone_is_at_work),
	    T(ledger_takes_nothing),
	    T(nobody_has_to_be_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
