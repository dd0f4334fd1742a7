/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

static int fake_order(struct publisher *p, const struct order *order);
static uint64_t fake_cut(struct engine *e);

#define publisher_order fake_order
#define engine_cut fake_cut
#include "ctl.c"
#undef publisher_order
#undef engine_cut

#include "../intent/workdir.h"

/* Who carries out what is typed: a hold nobody waits with, all others the
 * publisher. */

static struct syncd s;
static int ordered, cuts;

static int fake_order(struct publisher *p, const struct order *order)
{
	(void)p, (void)order;
	ordered++;
	return 0;
}

static uint64_t fake_cut(struct engine *e)
{
	(void)e;
	return (uint64_t)++cuts;
}

static int setup(void **state)
{
	struct zone_row row = {.zone = "z", .ever = true, .serial = 7};

	(void)state;
	if (workdir_make() < 0 || ledger_zone_put(ledger, &row, NULL) < 0)
		return -1;
	memset(&s, 0, sizeof(s));
	s.role = ROLE_SOURCE;
	s.publisher = (struct publisher *)&s;
	s.ledger = ledger;
	ordered = cuts = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

static void a_hold_at_once(void **state)
{
	struct order order = {.kind = ORDER_HOLD, .zone = "z"};
	struct key_clock held = {.since = 5, .pending = 6};
	struct zone_row row;
	struct why why = {0};

	(void)state;
	assert_int_equal(ledger_clock_put(ledger, "z", &held, NULL), 0);
	assert_int_equal(order_typed(&s, &order, &why), 0);
	assert_int_equal(ledger_zone_get(ledger, "z", &row, NULL), 0);
	assert_true(row.clock.acked);
	assert_int_equal(cuts, 1); /* a successor has it */
	assert_int_equal(ordered, 0);
	strcpy(order.zone, "y");
	assert_int_equal(order_typed(&s, &order, &why), -ENOENT);
	assert_non_null(strstr(why.text, "nothing waits for it"));
	assert_int_equal(cuts, 1);
}

static void others_by_the_publisher(void **state)
{
	struct order order = {.kind = ORDER_INSECURE, .zone = "z"};
	struct why why = {0};

	(void)state;
	assert_int_equal(order_typed(&s, &order, &why), 0);
	assert_int_equal(ordered, 1);
	strcpy(order.zone, "y");
	assert_int_equal(order_typed(&s, &order, &why), -ENOENT);
	assert_int_equal(ordered, 1);
	s.role = ROLE_UNPROMOTED;
	assert_int_equal(order_typed(&s, &order, &why), -EPERM);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_hold_at_once),
	    T(others_by_the_publisher),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
