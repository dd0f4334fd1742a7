/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include "bandwidth.h"

/* A copy goes no faster than is set, and a change is felt at once. */

#define BULK_BYTES (12 << 20)
#define SLOW_MBIT 16 /* six seconds */

static int setup(void **state)
{
	struct pair *p = pair_make();

	p->a.bandwidth = SLOW_MBIT;
	pair_open(p);
	*state = p;
	return 0;
}

static uint64_t come(const struct pair *p)
{
	struct progress here;

	engine_progress(p->b.engine, NULL, &here);
	return here.done;
}

static void slow_then_fast(void **state)
{
	struct pair *p = *state;
	int64_t begin;
	uint64_t slow;

	node_write(&p->a, "unsigned/bulk", "x");
	assert_int_equal(
	    truncate(node_path(&p->a, "unsigned/bulk"), BULK_BYTES), 0);
	pair_source(p);
	node_replica(&p->b, &p->term, p->port, &p->a);
	wait_until(&p->a, &p->b, come(p) > 0);
	begin = clock_monotonic_ms();
	while (clock_monotonic_ms() - begin < 1500) {
		node_poll(&p->a, 10);
		node_poll(&p->b, 10);
	}
	slow = come(p);
	/* 3 MB at that rate; one that is held by nothing is through. */
	assert_true(slow > 0 && slow < BULK_BYTES * 2 / 3);
	engine_bandwidth(p->a.engine, BANDWIDTH_NONE);
	begin = clock_monotonic_ms();
	wait_until(&p->a, &p->b, p->b.applied > 0);
	/* What is left takes 2.1 s at least at the old rate. */
	assert_true(clock_monotonic_ms() - begin < 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {PAIR_TEST(slow_then_fast, setup)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
