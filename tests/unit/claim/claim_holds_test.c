/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "claim.h"

static struct claim was, now;

static int begin(void **state)
{
	(void)state;
	memset(&was, 0, sizeof(was));
	id_random(&was.term_id);
	id_random(&was.tip.term_id);
	was.revision = 3;
	was.tip.term = 7;
	was.tip.seq = 40;
	was.ring = (struct ring_id){1, 12};
	was.clock_s = -100;
	strcpy(was.boot, "boot");
	now = was;
	assert_true(claim_holds(&was, &now));
	return 0;
}

static void other_boot(void **state)
{
	(void)state;
	strcpy(now.boot, "another");
	assert_false(claim_holds(&was, &now));
}

static void boot_not_known(void **state)
{
	(void)state;
	was.boot[0] = now.boot[0] = '\0';
	assert_false(claim_holds(&was, &now));
}

static void other_ring(void **state)
{
	(void)state;
	now.ring.seq++;
	assert_false(claim_holds(&was, &now));
	now.ring = (struct ring_id){2, was.ring.seq};
	assert_false(claim_holds(&was, &now));
}

static void other_record(void **state)
{
	(void)state;
	now.revision++;
	assert_false(claim_holds(&was, &now));
	now = was;
	id_random(&now.term_id);
	assert_false(claim_holds(&was, &now));
}

static void less_on_the_disk(void **state)
{
	(void)state;
	now.tip.seq++; /* it was durable, and not told yet */
	assert_true(claim_holds(&was, &now));
	now.tip.seq = was.tip.seq - 1;
	assert_false(claim_holds(&was, &now));
	now = was;
	id_random(&now.tip.term_id);
	assert_false(claim_holds(&was, &now));
}

static void clock_has_jumped(void **state)
{
	(void)state;
	now.clock_s = was.clock_s + 60;
	assert_true(claim_holds(&was, &now));
	now.clock_s++;
	assert_false(claim_holds(&was, &now));
	now.clock_s = was.clock_s - 61;
	assert_false(claim_holds(&was, &now));
}

#define T(t) cmocka_unit_test_setup(t, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(other_boot),
	    T(boot_not_known),
	    T(other_ring),
	    T(other_record),
	    T(less_on_the_disk),
	    T(clock_has_jumped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
