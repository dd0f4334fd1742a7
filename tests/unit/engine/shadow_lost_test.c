/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

/* A source that cannot keep a copy of its database: it goes on cutting, and
 * says so. */

static int setup(void **state)
{
	struct pair *p = pair_make();

	node_sql(&p->a, "CREATE TABLE t(x)");
	pair_open(p);
	assert_int_equal(
	    mkdir(node_path(&p->a, "state/log/shadow.part"), 0755), 0);
	pair_source(p);
	*state = p;
	return 0;
}

static void no_copy_for_who_joins(void **state)
{
	struct pair *p = *state;
	int i;

	wait_until(&p->a, &p->b, p->a.fault);
	assert_non_null(strstr(p->a.text, "no database for a node that joins"));
	for (i = 0; i < 3; i++) {
		uint64_t request;

		node_sql(&p->a, "INSERT INTO t VALUES(1)");
		request = engine_cut(p->a.engine);
		wait_until(&p->a, &p->b, p->a.request >= request);
	}
	assert_true(p->a.fault); /* it is not over */
}

static int sound(void **state)
{
	struct pair *p = pair_make();

	node_sql(&p->a, "CREATE TABLE t(x)");
	pair_open(p);
	*state = p;
	return 0;
}

/* Files without a name that are still open: kasp.db's size each. */
static int nameless(void)
{
	CLEANUP_DIR DIR *dir = opendir("/proc/self/fd");
	char to[PATH_MAX];
	struct dirent *d;
	int count = 0;
	ssize_t n;

	assert_non_null(dir);
	while ((d = readdir(dir))) {
		n = readlinkat(dirfd(dir), d->d_name, to, sizeof(to) - 1);
		if (n <= 0)
			continue;
		to[n] = '\0';
		count += strstr(to, "shadow.part (deleted)") != NULL;
	}
	return count;
}

static void copy_ends_with_the_term(void **state)
{
	struct pair *p = *state;
	int i;

	for (i = 0; i < 3; i++) {
		struct engine_term term = term_make(2 + (uint64_t)i);

		node_source(&p->a, &term, test_port(), &p->b);
		wait_until(&p->a, &p->b, p->a.cut >= 1);
		assert_int_equal(nameless(), 1);
		engine_idle(p->a.engine);
		assert_int_equal(nameless(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PAIR_TEST(no_copy_for_who_joins, setup),
	    PAIR_TEST(copy_ends_with_the_term, sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
