/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "holders.h"
#include "record.h"

static void two_voters(void **state)
{
	(void)state;
	assert_true(record_in_force(1, 1, true));
	assert_true(record_in_force(2, 1, true)); /* the other is not here */
	assert_true(record_in_force(2, 2, true));
	assert_false(record_in_force(2, 1, false));
	assert_false(record_in_force(2, 2, false));
}

/* More: a majority has stored it, and everybody who is here.  Any two
 * majorities meet. */
static void majority(void **state)
{
	int voters, stored;

	(void)state;
	for (voters = 3; voters <= NODES_MAX; voters++)
		for (stored = 1; stored <= voters; stored++) {
			assert_int_equal(record_in_force(voters, stored, true),
			    stored > voters - stored);
			assert_false(record_in_force(voters, stored, false));
		}
}

/* Whatever list it is that changes, and whoever has stored it: more than half
 * of the old nodes and more than half of the new ones have. */
static void both_lists(void **state)
{
	unsigned old, new, has;
	int said = 0;

	(void)state;
	for (old = 1; old < 64; old++)
		for (new = 1; new < 64; new ++)
			for (has = 1; has < 64; has += 2) {
				int o = __builtin_popcount(old);
				int n = __builtin_popcount(new);
				int so = __builtin_popcount(has & old);
				int sn = __builtin_popcount(has & new);

				/* We are in both lists, nobody else exists,
				 * and nodes are added or removed. */
				if (!(old & new & 1) || has & ~(old | new) ||
				    (old & ~new &&new & ~old) ||
				    !record_in_force_both(o, n,
				        __builtin_popcount(has), sn, true))
					continue;
				said++;
				assert_true(o <= 2 || 2 * so > o);
				assert_true(n <= 2 || 2 * sn > n);
			}
	assert_true(said > 0);
	assert_true(record_in_force_both(3, 4, 4, 4, true));
	assert_true(record_in_force_both(3, 2, 2, 2, true));
	assert_true(record_in_force_both(0, 1, 1, 1, true));
	assert_false(record_in_force_both(5, 1, 1, 1, true));
	assert_false(record_in_force_both(2, 3, 2, 2, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_voters),
	    cmocka_unit_test(majority),
	    cmocka_unit_test(both_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
