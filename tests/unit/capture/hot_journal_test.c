/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "caplab.h"

#include "../kaspchild/kasplab.h"

/* A writer dies in a transaction.  kasp_rollback() has SQLite roll it back,
 * in a child, and the generation has the database as it was before. */

static int tries;

static int mend(const char *database, struct why *why)
{
	tries++;
	return kasp_rollback(database, why);
}

static int mend_in_vain(const char *database, struct why *why)
{
	tries++;
	return why_set(why, -EBUSY, "not %s", database);
}

/* As caplab.h opens it, and somebody who mends. */
static void reopen(
    struct lab *l, int (*fn)(const char *database, struct why *why))
{
	struct capture_setup cs = {
	    .sets = l->sets, .ledger = l->ledger, .mend = fn};

	kasp_program();
	capture_close(l->c);
	kasp_fill(l->n.conf.database);
	tries = 0;
	assert_int_equal(capture_open(&cs, &l->c, NULL), 0);
	cut(l, false);
}

static void rolled_back_at_once(void **state)
{
	struct lab *l = *state;
	int64_t begun;

	reopen(l, mend);
	kasp_kill(kasp_writer(l->n.conf.database, KASP_TORN));
	node_signconf(&l->n, "example.com", 2);
	begun = clock_monotonic_ms();
	assert_int_equal(cut(l, true), 1);
	assert_true(clock_monotonic_ms() - begun < DB_PATIENCE_MS);
	assert_int_equal(l->gen.list.change[0].entry->set, SET_SIGNCONF);
	assert_false(l->gen.header.flags & GEN_STALE_DB);
	assert_string_equal(l->cut.db_why.text, "");
	assert_int_equal(tries, 1);
	assert_false(kasp_is_torn(l->n.conf.database));
}

/* What was committed before it died is captured. */
static void commit_before_the_death_is_kept(void **state)
{
	struct lab *l = *state;

	reopen(l, mend);
	kasp_kill(kasp_writer(l->n.conf.database,
	    "INSERT INTO keyData VALUES('kept'); COMMIT; BEGIN; " KASP_TORN));
	assert_int_equal(cut(l, true), 1);
	assert_int_equal(db_change(l)->kind, CHANGE_PAGES);
	assert_false(l->gen.header.flags & GEN_STALE_DB);
}

static void in_vain(void **state)
{
	struct lab *l = *state;

	reopen(l, mend_in_vain);
	kasp_kill(kasp_writer(l->n.conf.database, KASP_TORN));
	assert_int_equal(cut(l, true), 0);
	assert_true(l->gen.header.flags & GEN_STALE_DB);
	assert_non_null(strstr(l->cut.db_why.text, "hot journal"));
	assert_in_range(tries, 1, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(rolled_back_at_once),
	    LAB_TEST(commit_before_the_death_is_kept),
	    LAB_TEST(in_vain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
