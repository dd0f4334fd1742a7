/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pairing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct {
	int groups, both, names, nsec3s;
} left;

static int count(
    void *arg, const struct pair_entry *name, const struct pair_entry *nsec3)
{
	(void)arg;
	left.groups++;
	left.both += name && nsec3;
	left.names += name && !nsec3;
	left.nsec3s += !name && nsec3;
	return 0;
}

static struct pair_entry entry(uint64_t id, uint64_t types, bool name)
{
	return (struct pair_entry){.id = id, .types = types, .name = name};
}

static void end(struct pairing *p)
{
	memset(&left, 0, sizeof(left));
	assert_int_equal(pairing_end(p, count, NULL), 0);
	pairing_free(p);
}

static void add(struct pairing *p, struct pair_entry e)
{
	assert_int_equal(pairing_add(p, &e), 0);
}

/* The window is enough where partners are near each other. */
static void near(void **state)
{
	struct pairing p = {0};
	uint64_t i;

	(void)state;
	for (i = 0; i < 10000; i++) {
		add(&p, entry(i + 5, 1, false));
		if (i >= 5)
			add(&p, entry(i, 1, true));
	}
	assert_int_equal(p.count, 0);
	for (i = 10000; i < 10005; i++)
		add(&p, entry(i, 1, true));
	for (i = 0; i < 5; i++)
		add(&p, entry(i + 5, 1, true));
	end(&p);
}

static void far(void **state)
{
	struct pairing p = {0};
	uint64_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		add(&p, entry(i, i, true));
	for (i = 1000; i-- > 0;)
		add(&p, entry(i, i, false));
	end(&p);
	assert_int_equal(left.groups, 0);
}

static void what_is_left(void **state)
{
	struct pairing p = {0};
	uint64_t i;

	(void)state;
	for (i = 0; i < 300; i++)
		add(&p, entry(i, 1, true));
	for (i = 0; i < 300; i++)
		if (i != 7)
			add(&p, entry(i, i == 9 ? 2 : 1, false));
	add(&p, entry(1000, 1, false));
	end(&p);
	assert_int_equal(left.groups, 3);
	assert_int_equal(left.names, 1);
	assert_int_equal(left.both, 1);
	assert_int_equal(left.nsec3s, 1);
}

/* The same name in both versions, with its NSEC3 or without. */
static void two_versions(void **state)
{
	struct pairing p = {0};
	struct pair_entry served = entry(1, 1, true);

	(void)state;
	served.served = 1;
	add(&p, entry(1, 1, true));
	add(&p, served);
	add(&p, entry(2, 1, true));
	end(&p);
	assert_int_equal(left.groups, 1);
	assert_int_equal(left.names, 1);
	assert_false(p.doubt);
}

static void optional_in_one_of_them(void **state)
{
	struct pairing p = {0};
	struct pair_entry served = entry(1, 1, true);

	(void)state;
	served.served = served.optional = 1;
	add(&p, entry(1, 1, true));
	add(&p, served);
	assert_true(p.doubt);
	pairing_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(near),
	    cmocka_unit_test(far),
	    cmocka_unit_test(what_is_left),
	    cmocka_unit_test(two_versions),
	    cmocka_unit_test(optional_in_one_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
