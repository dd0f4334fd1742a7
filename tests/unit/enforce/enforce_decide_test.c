/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "enforce.h"

#define NOW 1800000000
#define HOUR 3600
#define DAY 86400

/* Times as they were ago; SAFETY is an hour, TTL and CACHED, too. */
struct row {
	const char *what;
	int64_t taken, since, lag, pending;
	bool acked;
	int64_t until; /* from now; -1 = allowed, 0 = no end */
	bool alarm;
};

static const struct row rows[] = {
    {"steady", 0, 5 * DAY, 10, 0, 0, -1, false},
    {"steady, after a takeover", 60, 5 * DAY, 10, 0, 0, -1, false},
    /* pending */
    {"signed at this moment", 0, 5 * DAY, 0, 1800, 0, -1, false},
    {"pending for too long", 0, 5 * DAY, 0, 1801, 0, 0, false},
    {"found pending by a takeover", 60, 5 * DAY, 0, 5, 0, 0, false},
    {"pending for a day", 0, 5 * DAY, 0, DAY, 0, 0, false},
    {"pending for longer", 0, 5 * DAY, 0, DAY + 1, 0, 0, true},
    {"... and acknowledged", 0, 5 * DAY, 0, 1801, 1, -1, false},
    {"acknowledged, and taken over", 60, 5 * DAY, 0, DAY + 1, 1, -1, false},
    /* served */
    {"served in time", 0, 60, 1800, 0, 0, -1, false},
    {"served in time, then taken over", 30, 60, 1800, 0, 0, -1, false},
    {"served too late", 0, 60, 1801, 0, 0, 2 * HOUR - 60, false},
    {"... a moment before its end", 0, 2 * HOUR - 1, 1801, 0, 0, 1, false},
    {"... at its end", 0, 2 * HOUR, 1801, 0, 0, -1, false},
    {"served by the successor", 60, 60, 5, 0, 0, 2 * HOUR - 60, false},
    {"served before, too late", 60, 600, 9999, 0, 0, 2 * HOUR - 600, false},
    {"served, and pending anew", 0, 60, 1801, 5, 0, 2 * HOUR - 60, false},
    {"no history", 0, 60, KEY_LAG_UNKNOWN, 0, 0, 2 * HOUR - 60, false},
    {"acknowledged", 0, 60, 1801, 0, 1, -1, false},
    {"nothing is known", 0, 0, 0, 0, 0, 0, false},
};

static void of_one_zone(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct enforce_zone z = {
		    .name = "z.example",
		    .served = true,
		    .safety = HOUR,
		    .clock =
		        {
		            .since = r->since ? NOW - r->since : 0,
		            .ttl = HOUR,
		            .cached = HOUR,
		            .lag = r->lag,
		            .pending = r->pending ? NOW - r->pending : 0,
		            .acked = r->acked,
		        },
		};
		struct enforce_facts f = {
		    &z, 1, NOW, r->taken ? NOW - r->taken : 0};
		struct enforce_verdict v;

		enforce_decide(&f, &v);
		if (v.allow != (r->until < 0) || v.alarm != r->alarm ||
		    v.until != (r->until > 0 ? NOW + r->until : 0))
			fail_msg("%s: allow %d, alarm %d, until %ld", r->what,
			    v.allow, v.alarm,
			    v.until ? (long)(v.until - NOW) : 0);
		assert_int_equal(v.zones, !v.allow);
		assert_string_equal(v.zone, v.allow ? "" : "z.example");
		assert_int_equal(v.allow, v.why[0] == '\0');
		assert_true(!v.alarm || v.fix[0]);
	}
}

static void not_served(void **state)
{
	struct enforce_zone z = {
	    .name = "z", .clock = {.pending = NOW - DAY}, .safety = HOUR};
	struct enforce_facts f = {&z, 1, NOW, NOW - 60};
	struct enforce_verdict v;

	(void)state;
	enforce_decide(&f, &v);
	assert_true(v.allow);
	f.count = 0;
	enforce_decide(&f, &v);
	assert_true(v.allow);
}

/* Nothing was served before: no cache can hold it. */
static void first_version(void **state)
{
	struct enforce_zone z = {.name = "z",
	    .served = true,
	    .clock = {.since = NOW - 5, .ttl = HOUR},
	    .safety = HOUR};
	struct enforce_facts f = {&z, 1, NOW, NOW - 60};
	struct enforce_verdict v;

	(void)state;
	enforce_decide(&f, &v);
	assert_true(v.allow);
}

/* The longer TTL counts, and an hour where no policy says PublishSafety. */
static void how_long(void **state)
{
	struct enforce_zone z = {.name = "z",
	    .served = true,
	    .clock = {.since = NOW, .ttl = 60, .cached = DAY, .lag = DAY},
	    .safety = -1};
	struct enforce_facts f = {&z, 1, NOW, 0};
	struct enforce_verdict v;

	(void)state;
	enforce_decide(&f, &v);
	assert_int_equal(v.until, NOW + DAY + HOUR);
	z.clock.ttl = 2 * DAY;
	z.safety = 0;
	enforce_decide(&f, &v);
	assert_int_equal(v.until, NOW + 2 * DAY);
	/* and its last secondary has to have it */
	z.delay = 300;
	enforce_decide(&f, &v);
	assert_int_equal(v.until, NOW + 2 * DAY + 300);
}

/* A wait that ends by itself is no alarm, but an admin can end it. */
static void longer_than_a_day(void **state)
{
	struct enforce_zone z = {.name = "z",
	    .served = true,
	    .clock = {.since = NOW - DAY, .cached = 7 * DAY, .lag = DAY},
	    .safety = HOUR};
	struct enforce_facts f = {&z, 1, NOW, 0};
	struct enforce_verdict v;

	(void)state;
	enforce_decide(&f, &v);
	assert_string_equal(v.fix, "");
	f.now++;
	enforce_decide(&f, &v);
	assert_false(v.alarm);
	assert_string_equal(v.fix, "wait; if the enforcer has to run before, "
	                           "ods-cluster ack z hold");
	assert_int_equal(v.next, 0);
}

/* The first one that will count as held says when to look again. */
static void when_to_look(void **state)
{
	struct enforce_zone z[] = {
	    {.name = "b",
	        .served = true,
	        .safety = HOUR,
	        .clock = {.since = 1, .pending = NOW - 10}},
	    {.name = "a",
	        .served = true,
	        .safety = HOUR,
	        .clock = {.since = 1, .pending = NOW - 20}},
	    {.name = "c",
	        .served = true,
	        .safety = HOUR,
	        .clock = {.since = 1, .pending = NOW - 30, .acked = true}},
	};
	struct enforce_facts f = {z, 3, NOW, 0};
	struct enforce_verdict v;

	(void)state;
	enforce_decide(&f, &v);
	assert_true(v.allow);
	assert_int_equal(v.next, NOW - 20 + HOUR / 2 + 1);
	f.now = v.next - 1;
	enforce_decide(&f, &v);
	assert_true(v.allow);
	f.now = v.next;
	enforce_decide(&f, &v);
	assert_false(v.allow);
	assert_int_equal(v.next, NOW - 10 + HOUR / 2 + 1);
}

static void what_matters_most(void **state)
{
	struct enforce_zone z[] = {
	    {.name = "soon",
	        .served = true,
	        .safety = HOUR,
	        .clock = {.since = NOW, .cached = 60, .lag = DAY}},
	    {.name = "later",
	        .served = true,
	        .safety = HOUR,
	        .clock = {.since = NOW, .cached = 90, .lag = DAY}},
	    {.name = "fresh",
	        .served = true,
	        .safety = HOUR,
	        .clock = {.since = 1, .pending = NOW - HOUR}},
	    {.name = "held",
	        .served = true,
	        .safety = HOUR,
	        .clock = {.since = 1, .pending = NOW - 2 * HOUR}},
	    {.name = "old",
	        .served = true,
	        .safety = HOUR,
	        .clock = {.since = 1, .pending = NOW - DAY - 1}},
	    {.name = "calm",
	        .served = true,
	        .safety = HOUR,
	        .clock = {.since = 1}},
	};
	static const char *const worst[] = {
	    "soon", "later", "fresh", "held", "old", "old"};
	struct enforce_facts f = {z, 0, NOW, 0};
	struct enforce_verdict v;

	(void)state;
	for (f.count = 1; f.count <= 6; f.count++) {
		enforce_decide(&f, &v);
		assert_string_equal(v.zone, worst[f.count - 1]);
	}
	assert_int_equal(v.zones, 5);
	assert_int_equal(v.since, NOW - DAY - 1);
	assert_string_equal(v.why, "its changed DNSKEY set is not served yet");
	assert_string_equal(v.fix, "mend that zone; if it takes the enforcer, "
	                           "ods-cluster ack old hold");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_one_zone),
	    cmocka_unit_test(not_served),
	    cmocka_unit_test(first_version),
	    cmocka_unit_test(how_long),
	    cmocka_unit_test(longer_than_a_day),
	    cmocka_unit_test(when_to_look),
	    cmocka_unit_test(what_matters_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
