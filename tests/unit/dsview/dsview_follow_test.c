/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "why.h"

static int fake_ds(const char *database, char **text, struct why *why);

#define kasp_ds fake_ds
#include "dsview.c"
#undef kasp_ds

#include <errno.h>

#include "../intent/workdir.h"

/* ods-kasp, which may find the database locked. */
static const char *says;
static int asked, slow_ms;

static int fake_ds(const char *database, char **text, struct why *why)
{
	(void)database;
	asked++;
	deadline_sleep_ms(deadline_in_ms(1000), slow_ms);
	if (!says)
		return why_set(why, -EBUSY, "database is locked");
	*text = strdup(says);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	asked = slow_ms = 0;
	return workdir_make();
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

/* What was known is nearer to the truth than nothing: without a DS the key
 * that one points to would not be asked for. */
static void a_locked_database(void **state)
{
	struct dsview v = {.zones = 0};
	char facts[64];

	(void)state;
	says = "zone z\nds 13 7\n";
	put("kasp.db", "1");
	dsview_follow(&v, at("kasp.db"));
	dsview_follow(&v, at("kasp.db"));
	assert_int_equal(asked, 1);
	put("kasp.db", "22");
	says = NULL;
	assert_int_equal(v.blind.since, 0);
	dsview_follow(&v, at("kasp.db"));
	assert_int_equal(asked, 2);
	assert_true(v.blind.since > 0);
	assert_true(dsview_zone(&v, "z", facts, sizeof(facts)));
	assert_string_equal(facts, "ds 13 7 -\n");
	/* it is not asked in each pass, which would wait for the lock again */
	dsview_follow(&v, at("kasp.db"));
	assert_int_equal(asked, 2);
	says = "zone z\n";
	v.again_ms = clock_monotonic_ms() - 1;
	dsview_follow(&v, at("kasp.db"));
	assert_int_equal(asked, 3);
	assert_int_equal(v.blind.since, 0);
	assert_true(dsview_zone(&v, "z", facts, sizeof(facts)));
	assert_string_equal(facts, "");
	dsview_free(&v);
}

static void no_database(void **state)
{
	struct dsview v = {.zones = 0};
	char facts[64];

	(void)state;
	says = "zone z\n";
	put("kasp.db", "1");
	dsview_follow(&v, at("kasp.db"));
	assert_true(dsview_zone(&v, "z", facts, sizeof(facts)));
	dsview_follow(&v, at("gone.db"));
	assert_false(dsview_zone(&v, "z", facts, sizeof(facts)));
	assert_true(v.blind.since > 0);
	dsview_follow(&v, ""); /* another kind of database */
	assert_int_equal(v.blind.since, 0);
	dsview_free(&v);
}

/* The enforcer writes into it all the time, and it has many zones. */
static void a_big_database(void **state)
{
	struct dsview v = {.zones = 0};
	int64_t from = clock_monotonic_ms();

	(void)state;
	says = "zone z\n";
	put("kasp.db", "1");
	dsview_follow(&v, at("kasp.db"));
	put("kasp.db", "22");
	dsview_follow(&v, at("kasp.db"));
	assert_int_equal(asked, 2);
	slow_ms = CHEAP_MS + 50;
	put("kasp.db", "333");
	dsview_follow(&v, at("kasp.db"));
	put("kasp.db", "4444");
	dsview_follow(&v, at("kasp.db"));
	assert_int_equal(asked, 3);
	assert_in_range(v.again_ms, from + REST * slow_ms,
	    clock_monotonic_ms() + REST * 10 * slow_ms);
	v.again_ms = clock_monotonic_ms() - 1;
	dsview_follow(&v, at("kasp.db"));
	assert_int_equal(asked, 4);
	dsview_free(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_locked_database, setup, teardown),
	    cmocka_unit_test_setup_teardown(no_database, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_big_database, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
