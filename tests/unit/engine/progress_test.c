/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

/* Both ends tell how far the first copy is, and that it is over. */

#define BULK_BYTES (64 << 20)

static int setup(void **state)
{
	struct pair *p = pair_make();

	pair_open(p);
	*state = p;
	return 0;
}

static struct progress progress_of(const struct node *n, const struct node *to)
{
	struct progress p;

	engine_progress(n->engine, to ? &to->id : NULL, &p);
	assert_true(p.done <= p.total);
	return p;
}

static void a_copy_is_told(void **state)
{
	struct pair *p = *state;
	struct progress there, here;
	bool sent = false, came = false;

	node_write(&p->a, "unsigned/bulk", "x");
	assert_int_equal(
	    truncate(node_path(&p->a, "unsigned/bulk"), BULK_BYTES), 0);
	pair_source(p);
	assert_int_equal(progress_of(&p->a, &p->b).total, 0);
	node_replica(&p->b, &p->term, p->port, &p->a);
	while (p->b.applied == 0) {
		node_poll(&p->a, 0);
		node_poll(&p->b, 0);
		there = progress_of(&p->a, &p->b);
		here = progress_of(&p->b, NULL);
		sent = sent || (there.total > BULK_BYTES && there.done > 0 &&
		                   there.done < there.total);
		came = came || (here.total > BULK_BYTES && here.done > 0 &&
		                   here.done < here.total);
	}
	assert_true(sent && came);
	wait_until(&p->a, &p->b, progress_of(&p->a, &p->b).total == 0);
	assert_int_equal(progress_of(&p->b, NULL).total, 0);
	/* Increments are no copy. */
	node_signconf(&p->a, "example.org", 1);
	nodes_sync(&p->a, &p->b);
	assert_int_equal(progress_of(&p->b, NULL).total, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {PAIR_TEST(a_copy_is_told, setup)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
