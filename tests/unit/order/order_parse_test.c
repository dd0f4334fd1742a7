/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../intent/workdir.h"

#include "order.h"

static int setup(void **state)
{
	(void)state;
	return workdir_make();
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

static void as_typed(void **state)
{
	static const struct {
		const char *word, *what;
		int kind;
	} table[] = {
	    {"publish", "", ORDER_PUBLISH},
	    {"ack", "insecure", ORDER_INSECURE},
	    {"ack", "hold", ORDER_HOLD},
	    {"serial", "", ORDER_RESET},
	    {"publish", "hold", -1},
	    {"ack", "", -1},
	    {"ack", "insecurely", -1},
	    {"", "", -1},
	};
	struct order o;
	char name[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int rc = order_parse(table[i].word, table[i].what, "z", &o);

		assert_int_equal(rc, table[i].kind < 0 ? -EINVAL : 0);
		if (rc < 0)
			continue;
		assert_int_equal(o.kind, table[i].kind);
		assert_string_equal(o.zone, "z");
	}
	assert_int_equal(order_parse("publish", "", "", &o), -EINVAL);
	memset(name, 'a', sizeof(name));
	name[256] = '\0';
	assert_int_equal(order_parse("publish", "", name, &o), -EINVAL);
}

/* What is kept is kept in the zone's row. */
static void a_zone_that_was_published(void **state)
{
	struct zone_row row = {.zone = "z", .ever = true};
	struct order o;
	struct why why = {0};

	(void)state;
	assert_int_equal(order_parse("serial", "", "z", &o), 0);
	assert_int_equal(order_check(ledger, &o, &why), -ENOENT);
	assert_string_equal(
	    why.text, "no version of zone z was ever published");
	/* a first version may be the one that is held */
	assert_int_equal(order_parse("publish", "", "z", &o), 0);
	assert_int_equal(order_check(ledger, &o, &why), 0);
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
	assert_int_equal(order_parse("ack", "insecure", "z", &o), 0);
	assert_int_equal(order_check(ledger, &o, &why), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_typed),
	    cmocka_unit_test_setup_teardown(
	        a_zone_that_was_published, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
